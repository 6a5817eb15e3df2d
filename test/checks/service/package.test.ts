import {expect, test} from 'vitest'
import {servicePackage} from '../../../src/checks/service/package.ts'
import {cannotLook, codes, type Edits, fixture, machine, recorded, verdicts} from '../../machine.ts'

const stats = fixture('healthy').answers.stat ?? {}
const pathEnding = (end: string): string =>
  Object.keys(stats).find(path => path.endsWith(end)) ?? ''
const packagePath = pathEnding('-prism-django-unstable')
const cwd = Object.keys(stats).find(path => /^\/proc\/\d+\/cwd$/.test(path)) ?? ''
const other = packagePath.replace(/[0-9a-z]{32}/, '0'.repeat(32))

const unitEnvironment = (): string =>
  (recorded('healthy', 'unit', 'prism-django.service') as {Environment: string}).Environment

async function said(edits: Edits) {
  return verdicts(servicePackage, machine('healthy', edits))
}

function movedTo(store: string): Edits {
  const stat = recorded('healthy', 'stat', cwd) as {link: string}
  const environ = cwd.replace('cwd', 'environ')
  const file = recorded('healthy', 'readFile', environ) as {text: string}
  return {
    stat: {[cwd]: {...stat, link: stat.link.replaceAll(packagePath, store)}},
    readFile: {[environ]: {...file, text: file.text.replaceAll(packagePath, store)}},
  }
}

test('a recorded healthy machine', async () => {
  expect(await codes(servicePackage, machine('healthy'))).toEqual(['ok ok'])
})

test('the package was collected as garbage', async () => {
  const [finding] = await said({stat: {[packagePath]: null}})
  expect(finding).toMatchObject({status: 'critical', code: 'missing', kind: 'cause'})
  expect(finding?.message).toContain(packagePath)
})

test('the program is not in the package, or cannot be executed', async () => {
  const program = pathEnding('/bin/prism-gunicorn')
  expect(await said({stat: {[program]: null}})).toMatchObject([
    {status: 'critical', code: 'not-executable'},
  ])
  const stat = recorded('healthy', 'stat', program) as object
  const [finding] = await said({stat: {[program]: {...stat, mode: 0o444}}})
  expect(finding?.message).toBe(
    `ExecStart= of prism-django.service names ${program}, which is not executable`,
  )
})

test('the interpreter of a script is gone, which execve(2) tells as if the script were', async () => {
  const program = pathEnding('/bin/prism-django-pre-start')
  const script = recorded('healthy', 'readFile', program) as {text: string}
  const interpreter = /^#! ?(\S+)/.exec(script.text)?.[1] ?? ''
  const [finding] = await said({stat: {[interpreter]: null}})
  expect(finding).toMatchObject({status: 'critical', code: 'not-executable'})
  expect(finding?.message).toBe(
    `ExecStartPre= of prism-django.service names ${program}, which is run by ${interpreter}, which does not exist`,
  )
})

test('what the unit names after a "-" may be missing: its failure is ignored', async () => {
  const command =
    '{ path=/nix/store/gone/bin/x ; argv[]=/nix/store/gone/bin/x ; ignore_errors=yes ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }'
  const edits = (line: string): Edits => ({
    show: {'prism-django.service': {ExecStartPre: line}},
    stat: {'/nix/store/gone/bin/x': null},
  })
  expect(await said(edits(command))).toMatchObject([{status: 'ok'}])
  expect(await said(edits(command.replace('=yes', '=no')))).toMatchObject([
    {status: 'critical', code: 'not-executable'},
  ])
})

test('the process still runs the package of before', async () => {
  const moved = movedTo(other)
  const stat = recorded('healthy', 'stat', packagePath)
  expect(await said({...moved, stat: {...moved.stat, [other]: stat}})).toMatchObject([
    {status: 'warning', code: 'old-package'},
  ])
  expect(await said({...moved, stat: {...moved.stat, [other]: null}})).toMatchObject([
    {status: 'critical', code: 'running-gone'},
  ])
})

test('the process has another environment than the unit, which was changed and loaded', async () => {
  const show = (Environment: string): Edits => ({show: {'prism-django.service': {Environment}}})
  const environment = unitEnvironment()
  const changed = environment.replace('DEBUG=false', 'DEBUG=true')
  expect(changed).not.toBe(environment)
  const [finding] = await said(show(changed))
  expect(finding).toMatchObject({
    status: 'warning',
    code: 'old-environment',
    remedy: {risk: 'disruptive'},
  })
  expect(finding?.message).toBe(
    'the environment of the process is not the one that the unit has now: DEBUG',
  )
  // A wrapper extends the first, static/root judges the second, and what was taken out is left
  // alone.
  const others = environment
    .replace(/PATH=/, 'PATH=/elsewhere:')
    .replace(/STATIC_ROOT=/, 'STATIC_ROOT=/elsewhere')
    .replace('SITE_NAME=Prism', '')
  expect(await said(show(others))).toMatchObject([{status: 'ok'}])
  // systemctl speaks UTF-8, and so does the process.
  const environ =
    Object.keys(fixture('healthy').answers.readFile ?? {}).find(name =>
      /^\/proc\/\d+\/environ$/.test(name),
    ) ?? ''
  const file = recorded('healthy', 'readFile', environ) as {text: string}
  const latin1 = Buffer.from(file.text.replace('SITE_NAME=Prism', 'SITE_NAME=Café')).toString(
    'latin1',
  )
  const accented = environment.replace('SITE_NAME=Prism', 'SITE_NAME=Café')
  expect(
    await said({...show(accented), readFile: {[environ]: {...file, text: latin1}}}),
  ).toMatchObject([{status: 'ok'}])
})

test('the current system has another package in this unit', async () => {
  const path = '/run/current-system/etc/systemd/system/prism-django.service'
  const unit = (store: string): Edits => ({
    readFile: {
      [path]: {
        kind: 'file',
        text: `[Service]\nWorkingDirectory=${store}/share/prism-django\n`,
        utf8: true,
      },
    },
  })
  expect(await said(unit(other))).toMatchObject([{status: 'warning', code: 'other-system'}])
  expect(await said(unit(packagePath))).toMatchObject([{status: 'ok'}])
})

test('what the process runs from is for root to see', async () => {
  const hidden = cannotLook('may not be read by this user', true)
  const edits: Edits = {
    uid: 1000,
    stat: {[cwd]: hidden},
    readFile: {[cwd.replace('cwd', 'environ')]: hidden},
  }
  await expect(said(edits)).rejects.toMatchObject({privilege: true})
})

test('a program or a directory outside of the store that is not there', async () => {
  const outside = (edit: Readonly<Record<string, string>>): Edits => ({
    show: {'prism-django.service': edit},
  })
  const directory = outside({WorkingDirectory: '/opt/gone'})
  const [finding] = await said({...directory, stat: {'/opt': null}})
  expect(finding).toMatchObject({status: 'critical', code: 'missing', kind: 'cause'})
  expect(finding?.message).toContain(
    'WorkingDirectory= of prism-django.service names /opt/gone, which does not exist',
  )
  const within = outside({WorkingDirectory: '/opt/gone', RootDirectory: '/srv/root'})
  expect(await said({...within, stat: {'/opt': null}})).toMatchObject([{status: 'ok'}])
})

test.each([
  [
    'has the line ends of Windows (CRLF), so that its "#!" names no program',
    (text: string) => text.replaceAll('\n', '\r\n'),
  ],
  ['names no interpreter: its first line has no "#!"', (text: string) => text.replace(/^.*\n/, '')],
  [
    'begins with a byte order mark, which stands before its "#!"',
    (text: string) => `\uFEFF${text}`,
  ],
  ['names no interpreter after its "#!"', (text: string) => text.replace(/^.*\n/, '#! \n')],
  ['is empty', () => ''],
])('a script that %s', async (why, change) => {
  const program = pathEnding('/bin/prism-django-pre-start')
  const script = recorded('healthy', 'readFile', program) as {text: string}
  const [finding] = await said({readFile: {[program]: {...script, text: change(script.text)}}})
  expect(finding).toMatchObject({status: 'critical', code: 'not-executable'})
  expect(finding?.message).toBe(
    `ExecStartPre= of prism-django.service names ${program}, which ${why}`,
  )
})

test('a script whose interpreter is looked for where it is started: only what failed is told', async () => {
  const program = pathEnding('/bin/prism-django-pre-start')
  const script = recorded('healthy', 'readFile', program) as {text: string}
  const text = script.text.replace(/^.*\n/, '#!venv/bin/python\n')
  const edits = {readFile: {[program]: {...script, text}}}
  expect(await said(edits)).toMatchObject([{status: 'ok'}])
  const failed = {
    ActiveState: 'failed',
    ExecMainCode: '1',
    ExecMainStatus: '203',
    Result: 'exit-code',
  }
  const bash = /^#! ?(\S+)/.exec(script.text)?.[1] ?? ''
  const unread = {exitCode: 1, stdout: '', stderr: ''}
  const exec = {
    [`first bytes of ${bash}`]: unread,
    'first bytes of /proc/self/exe': unread,
  }
  const [finding] = await said({...edits, exec, show: {'prism-django.service': failed}})
  expect(finding?.message).toMatch(
    /, which is run by "venv\/bin\/python", which is not an absolute path$/,
  )
})

test('a program that only a reload needs', async () => {
  const command = (path: string) =>
    `{ path=${path} ; argv[]=${path} -s HUP $MAINPID ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`
  const there = recorded('healthy', 'stat', pathEnding('/bin/prism-gunicorn'))
  const binary = {kind: 'file', text: '', utf8: false}
  const edits = (stat: unknown): Edits => ({
    show: {'prism-django.service': {ExecReload: command('/kill')}},
    stat: {'/kill': stat},
    readFile: {'/kill': binary},
  })
  expect(await said(edits(there))).toMatchObject([{status: 'ok'}])
  expect(await said(edits(null))).toMatchObject([{status: 'warning', code: 'reload-unusable'}])
})
