import {describe, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {httpApp} from '../../src/checks/http/app.ts'
import {serviceActive} from '../../src/checks/service/active.ts'
import {serviceJournal} from '../../src/checks/service/journal.ts'
import {installFailure} from '../../src/facts/journal/sops-journal.ts'
import {findTarget} from '../../src/facts/target/find.ts'
import type {Host} from '../../src/host/host.ts'
import {child, journal, journalStart, type Line, service, systemd, unitName} from '../journal.ts'
import {diagnosed, literalHost} from '../literal.ts'
import {machine} from '../machine.ts'

/** 60 characters, as Django's startproject makes them. */
const key = 'k3yAbcdefghij-Klmnopqrst=Uvwxyz0123&456789+AbCdEfGhIj(KlMnOp'

/** The healthy machine, whose service knows the key and logged these lines. */
function logged(lines: readonly Line[], properties: Readonly<Record<string, string>> = {}): Host {
  const host = machine('healthy', {
    journal: {[unitName]: journal(lines)},
    readFile: {'/run/secrets/prism-env': {kind: 'file', text: `SECRET_KEY='${key}'\n`, utf8: true}},
    show: {
      [unitName]: {
        ExecMainStartTimestamp: 'Mon 2026-11-23 08:28:00 UTC',
        InvocationID: '8a42',
        ...properties,
      },
    },
  })
  return {...host, now: () => journalStart + 600_000}
}

const traceback = (text: string): readonly Line[] => [
  service('Traceback (most recent call last):'),
  service('  File "/nix/store/abc-prism/share/prism/lighthouse/views.py", line 7, in index'),
  service(text),
]

/** A sentence in which the key begins after so many characters. */
const sentence = (before: number): string =>
  `ValueError: ${'bad '.repeat(200)}`.slice(0, before - 1).concat(` ${key} x`)

const alone = (check: Check): Check => ({...check, needs: []})

/** Whether any twelve characters of the key that follow one another stand in the text. */
const pieces = (text: string): readonly string[] =>
  Array.from({length: key.length - 11}, (_, at) => key.slice(at, at + 12)).filter(piece =>
    text.includes(piece),
  )

describe.each([230, 241, 260, 290, 299, 395, 430, 480, 499, 760])(
  'a key that begins at column %s',
  column => {
    test('in a traceback of the running service', async () => {
      const report = await diagnosed([alone(serviceJournal)], {
        host: logged([systemd('Starting Prism...'), ...traceback(sentence(column))]),
      })
      expect(report.checks[0]?.findings[0]).toMatchObject({code: 'exception'})
      expect(pieces(JSON.stringify(report))).toEqual([])
    })

    test('in what a start died of', async () => {
      const host = logged(
        [
          systemd('Starting Prism...'),
          ...traceback(sentence(column)),
          systemd('Main process exited, code=exited, status=1/FAILURE'),
          child("Failed with result 'exit-code'."),
        ],
        {
          ActiveState: 'failed',
          SubState: 'failed',
          Result: 'exit-code',
          ExecMainCode: '1',
          ExecMainStatus: '1',
        },
      )
      const report = await diagnosed([alone(serviceActive)], {host})
      expect(report.checks[0]?.findings[0]?.message).toContain('ValueError: bad')
      expect(pieces(JSON.stringify(report))).toEqual([])
    })

    test('in what a page died of', async () => {
      const host = logged(traceback(sentence(column)).map(line => ({...line, at: 590})))
      const page = {kind: 'response', status: 500, headers: {}, body: '', size: 0, md5: ''} as const
      const report = await diagnosed([alone(httpApp)], {host: {...host, request: async () => page}})
      expect(report.checks[0]?.findings[0]?.message).toContain('ValueError: bad')
      expect(pieces(JSON.stringify(report))).toEqual([])
    })
  },
)

describe.each([1, 12, 30, 52])('a key that is wrapped after %s characters', at => {
  const wrapped = ['ValueError: bad', `    ${key.slice(0, at)}`, `    ${key.slice(at)} x`]
  const lines = [
    ...traceback('').slice(0, 2),
    ...['first', 'second'].flatMap(() => wrapped).map(text => service(text)),
  ]

  test('in the journal of the running service, of a start and of a page', async () => {
    const page = {kind: 'response', status: 500, headers: {}, body: '', size: 0, md5: ''} as const
    const host = logged(lines.map(line => ({...line, at: 590})))
    const failed = logged(
      [
        systemd('Starting Prism...'),
        ...lines,
        systemd('Main process exited, code=exited, status=1/FAILURE'),
        child("Failed with result 'exit-code'."),
      ],
      {ActiveState: 'failed', SubState: 'failed', Result: 'exit-code'},
    )
    const reports = [
      await diagnosed([alone(serviceJournal)], {host}),
      await diagnosed([alone(httpApp)], {host: {...host, request: async () => page}}),
      await diagnosed([alone(serviceActive)], {host: failed}),
    ]
    for (const report of reports) {
      expect(JSON.stringify(report)).toContain('ValueError: bad')
      expect(pieces(JSON.stringify(report))).toEqual([])
    }
  })

  test('in the last words of sops-nix, of an interpreter and of systemd', async () => {
    const text = `sops-install-secrets: failed: ${key.slice(0, at)}\n  ${key.slice(at)} x`
    const entry = {at: journalStart, text, uid: 0, invocation: '8a42'}
    const host = literalHost({journal: async () => [entry]})
    host.secrets.add(key)
    expect(pieces(JSON.stringify(await installFailure(host)))).toEqual([])
    const stderr = `failed at\n${key.slice(0, at)}\n${key.slice(at)}\n`
    for (const said of [
      {exitCode: 1, stdout: '', stderr: stderr.trimEnd()},
      {exitCode: null, stdout: '', stderr, notStarted: '226/NAMESPACE'},
    ]) {
      const machine = logged([])
      const {django} = await findTarget({...machine, asUnit: async () => said}, {unit: unitName})
      expect(django.unasked?.evidence.join('\n')).toMatch(/redacted-/)
      expect(pieces(JSON.stringify(django))).toEqual([])
    }
  })
})

test('in what sops-nix says, at any length: the boundary alone shortens', async () => {
  const text = `sops-install-secrets: failed: ${'bad '.repeat(237)}${key} x`
  const entry = {at: journalStart, text, uid: 0, invocation: '8a42'}
  const failure = await installFailure(literalHost({journal: async () => [entry]}))
  expect(failure?.words).toContain(key)
})
