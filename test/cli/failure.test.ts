import {CLIError} from '@oclif/core/errors'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {hide, say, sentenceOf} from '../../src/cli/failure.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {UsageError} from '../../src/report/usage-error.ts'

const written: string[] = []
beforeEach(() => {
  written.length = 0
  vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
})
afterEach(() => vi.restoreAllMocks())

/** What stands on stderr when this ended the run. */
function saidOf(error: unknown): string {
  say(sentenceOf(error, 'diagnose'))
  return written.join('')
}

describe('why a run ended holds no secret', () => {
  test.each([
    new UsageError('the configuration names postgres://prism:canaryValue@localhost/prism'),
    new UsageError('what is known is canaryOfTheUnit'),
    new Error('cannot connect to redis://:canaryValue@localhost'),
    Object.assign(new CLIError('Unexpected argument'), {args: ['TOKEN=canaryValue']}),
    Object.assign(new CLIError('Nonexistent flag'), {flags: ['--password=canaryValue']}),
  ])('%s', error => {
    const secrets = createSecrets()
    secrets.add('canaryOfTheUnit')
    hide(secrets)
    expect(saidOf(error)).toMatch(/^prism-doctor: [^\n]*redacted-[0-9a-f]{8}[^\n]*\n$/)
    expect(written.join('')).not.toContain('canary')
  })
})

test('the lines of a choice stay lines, and nothing acts on the terminal', () => {
  expect(saidOf(new UsageError('one of:\n  a\x1b[2J\n  b'))).toBe(
    'prism-doctor: one of:\n  a\\e[2J\n  b\n',
  )
})

test('a bug is told in one line', () => {
  expect(saidOf(new Error('no\n  such thing'))).toBe(
    'prism-doctor: a bug stopped it: no such thing; report it with what DEBUG=1 prints\n',
  )
})

test.each([
  ['EMFILE', 'raise the limit of open files (ulimit -n)'],
  ['ENOSPC', 'make room on the disk'],
])('what the machine is out of is no bug: %s', (code, help) => {
  const error = Object.assign(new Error(`${code}: no more, open '/x'`), {code})
  expect(saidOf(error)).toBe(
    `prism-doctor: it could not go on: ${code}: no more, open '/x'; ${help}\n`,
  )
})

test.each([
  ['--json=true cannot also be provided when using --format', '--json and --format'],
  ['--replay=/a b=c cannot also be provided when using --fix', '--replay and --fix'],
])('what excludes each other is told without a value: %s', (reason, both) => {
  const error = new CLIError(
    `The following error occurred:\n  ${reason}\nSee more help with --help`,
  )
  expect(saidOf(error)).toBe(
    `prism-doctor: ${both} exclude each other; \`prism-doctor help diagnose\` says more\n`,
  )
})
