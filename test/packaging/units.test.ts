import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'

const directory = join(import.meta.dirname, '../../packaging/systemd')

/** A unit without its comments, a setting a line. */
const settingsOf = (name: string): readonly string[] =>
  readFileSync(join(directory, name), 'utf8')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))

/** What an instance of the template says in place of the one that has no name. */
const asInstance = (line: string): string =>
  line
    .replace('the Django deployment', 'the Django deployment %i.service')
    .replace('/usr/bin/prism-doctor ', '/usr/bin/prism-doctor --unit %i.service ')
    .replace('/prism-doctor.prom', '/prism-doctor-%i.prom')
    .replace('/report.html', '/report-%i.html')

it('are these', () => {
  expect(readdirSync(directory).sort()).toEqual([
    'prism-doctor.service',
    'prism-doctor.timer',
    'prism-doctor@.service',
    'prism-doctor@.timer',
  ])
})

it.each(['service', 'timer'])('say for an instance what they say for the one: %s', kind => {
  const one = settingsOf(`prism-doctor.${kind}`)
  const instance = settingsOf(`prism-doctor@.${kind}`)
  expect(instance).toEqual(one.map(asInstance))
  expect(instance).not.toEqual(one)
})

it('make no mount namespace: systemd hides /run/credentials in one', () => {
  const namespaces =
    /^(?:Protect(?:System|Home|KernelTunables|KernelModules|KernelLogs|ControlGroups|Proc)|Private\w+|ProcSubset|(?:ReadWrite|ReadOnly|Inaccessible|Bind|BindReadOnly|Exec|NoExec)Paths|TemporaryFileSystem|RootDirectory|LoadCredential|SetCredential|DynamicUser|MountFlags)=/
  for (const name of readdirSync(directory))
    expect(settingsOf(name).filter(line => namespaces.test(line))).toEqual([])
})
