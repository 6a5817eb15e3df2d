import {spawnSync} from 'node:child_process'
import {mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeEach, expect, it} from 'vitest'

const script = join(import.meta.dirname, '../../packaging/monitoring/mail/prism-doctor-mail')
const base = mkdtempSync(join(tmpdir(), 'prism-doctor-mail-'))
afterAll(() => rmSync(base, {recursive: true}))

const program = (name: string, text: string): void =>
  writeFileSync(join(base, name), `#!/bin/sh\n${text}\n`, {mode: 0o755})
program('journalctl', `[ "$1" = --sync ] || printf 'journal of %s\\n' "$*"`)
program('sendmail', `[ "$*" = '-t -i' ] && cat`)
program('broken', 'exit 75')

let state = ''
beforeEach(() => {
  state = mkdtempSync(join(base, 'state-'))
})

/** What is mailed after a run that ended like this; '' is no mail. */
function mailed(result: string, status: number, {unit = 'x.service', sendmail = 'sendmail'} = {}) {
  const {
    stdout,
    stderr,
    status: ended,
  } = spawnSync('/bin/sh', [script, unit], {
    encoding: 'utf8',
    env: {
      PATH: `${base}:${process.env.PATH}`,
      STATE_DIRECTORY: state,
      SENDMAIL: join(base, sendmail),
      MAIL_TO: 'ops@shop.example',
      MONITOR_SERVICE_RESULT: result,
      MONITOR_EXIT_STATUS: String(status),
      MONITOR_INVOCATION_ID: 'f00',
    },
  })
  expect([ended, stderr]).toEqual([sendmail === 'sendmail' ? 0 : 75, ''])
  return stdout
}

const subject = (mail: string): string | undefined => /^Subject: .*?: (.*)$/m.exec(mail)?.[1]

it('mails each verdict once', () => {
  const runs = [
    ['success', 0],
    ['exit-code', 2],
    ['exit-code', 2],
    ['exit-code', 3],
    ['timeout', 15],
    ['success', 0],
    ['success', 1],
  ] as const
  expect(runs.map(([result, status]) => subject(mailed(result, status)))).toEqual([
    undefined,
    'critical (x.service)',
    undefined,
    'unknown (x.service)',
    undefined,
    'well (x.service)',
    undefined,
  ])
})

it('says it where a warning is left', () => {
  mailed('exit-code', 2)
  expect(subject(mailed('success', 1))).toBe('works, with a warning (x.service)')
})

it('mails once a day what stays bad', () => {
  mailed('exit-code', 2)
  const [told = ''] = readdirSync(state)
  const yesterday = Date.now() / 1000 - 24 * 3600 - 120
  utimesSync(join(state, told), yesterday, yesterday)
  expect(subject(mailed('exit-code', 2))).toBe('critical (x.service)')
  expect(mailed('exit-code', 2)).toBe('')
})

it('mails after the next run what could not be sent', () => {
  mailed('exit-code', 2, {sendmail: 'broken'})
  expect(readdirSync(state)).toEqual([])
  expect(subject(mailed('exit-code', 2))).toBe('critical (x.service)')
})

it('writes a mail that every program reads alike, whatever the unit is called', () => {
  expect(
    mailed('exit-code', 2, {unit: 'prism-doctor@a\\nBcc:b.service'}),
  ).toBe(`To: ops@shop.example
Subject: ${hostname()}: critical (prism-doctor@a\\nBcc:b.service)
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
Auto-Submitted: auto-generated

journal of --quiet --no-pager --output=cat --lines=200 _SYSTEMD_INVOCATION_ID=f00
`)
})

it('is started by two units that differ in what they are called', () => {
  const settings = (name: string): readonly string[] =>
    readFileSync(join(script, '..', name), 'utf8')
      .split('\n')
      .filter(line => line.includes('=') && !/^(?:#|Description=)/.test(line))
  expect(settings('prism-doctor-mail@.service')).toContain('SyslogLevel=notice')
  expect(settings('prism-doctor-mail-well@.service')).toEqual(
    settings('prism-doctor-mail@.service'),
  )
})
