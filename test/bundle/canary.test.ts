import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import {audienceOnStderr} from '../../src/cli/audience.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import {consentBy} from '../../src/fix/consent.ts'
import {fix} from '../../src/fix/fix.ts'
import {describeRuns} from '../../src/fix/undo.ts'
import type {Hands} from '../../src/host/hands.ts'
import type {Host} from '../../src/host/host.ts'
import {startJournal} from '../../src/host/local/run-journal.ts'
import {once} from '../../src/host/once.ts'
import {record} from '../../src/host/record.ts'
import {formatRecording} from '../../src/host/recording-file.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {replayHost} from '../../src/host/replay.ts'
import {formats} from '../../src/report/reporters/index.ts'
import {styleFor} from '../../src/report/reporters/style.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {canary, leaked, names} from '../canaries.ts'
import {canaries, canaryMachine} from '../canary-machine.ts'
import {scratch} from './machines.ts'
import {prismDoctor} from './run.ts'

const directory = scratch()
const brokenConfig = join(directory, 'broken.toml')
writeFileSync(brokenConfig, `password = "${canary(0)}"\n[target]\nbind = "x://:${canary(1)}@db"\n`)
const machines = ['healthy', 'wrong-password', 'port-taken', 'secret-key-missing'] as const

/** Everything that stands in front of others: arguments, and what a question is about. */
function watched(host: Host, asked: string[]): Host {
  const note = (...said: readonly unknown[]): void => void asked.push(JSON.stringify(said))
  return {
    ...host,
    exec: (argv, options) => {
      note(argv, options)
      return host.exec(argv, options)
    },
    asUnit: (unit, argv, options) => {
      // Its input and its environment go through a pipe and a file of root's.
      note(unit, argv, options?.question)
      return host.asUnit(unit, argv, options)
    },
    request: question => {
      note(question)
      return host.request(question)
    },
    query: (connection, statement) => {
      note(connection.user, connection.database, statement)
      return host.query(connection, statement)
    },
  }
}

test('each name has a canary of its own, and a part of it is found however it is written', () => {
  const all = names.map((_, index) => canary(index))
  expect(new Set(names).size).toBe(200)
  const [one = ''] = all
  const written = [
    one.slice(3, 11),
    `${one.slice(2, 6)}\n   ${one.slice(6, 12)}`,
    Buffer.from(`a${one.slice(0, 10)}`).toString('base64'),
    Buffer.from(one.slice(0, 8)).toString('hex').toUpperCase(),
    one.slice(0, 8).replace(/./g, unit => `%${unit.charCodeAt(0).toString(16)}`),
  ]
  for (const text of written) expect(leaked(`x ${text} y`, all)).toEqual([one])
})

describe.each(machines)('on a machine where everybody tells every secret there is: %s', name => {
  const recording = canaryMachine(name)
  const raw = join(directory, `${name}.json`)
  writeFileSync(raw, formatRecording(recording))
  const leaks = (text: string): readonly string[] => leaked(text, canaries())

  test('they are there', () => {
    expect(leaks(readFileSync(raw, 'utf8')).length).toBeGreaterThan(220)
  })

  test.each(formats.flatMap(format => [[format], [format, '--verbose']]))(
    'none stands in what is printed as %s %s',
    async (format, ...more) => {
      const args = ['--replay', raw, '--format', format, ...more]
      const {code, stdout, stderr} = await prismDoctor(args, {DEBUG: '1'})
      expect([0, 1, 2]).toContain(code)
      expect(stdout).not.toBe('')
      expect(leaks(stdout + stderr)).toEqual([])
    },
  )

  test.each([[[]], [['--config', brokenConfig]]])(
    'none stands in a file of any format, also where the run fails: %j',
    async more => {
      const files = formats.map(format => join(directory, `${name}-report.${format}`))
      const flags = formats.flatMap((format, at) => ['--output', `${format}:${files[at]}`])
      const args = ['--replay', raw, '--verbose', ...flags, ...more]
      const {stdout, stderr} = await prismDoctor(args, {DEBUG: '1'})
      const texts = files.map(file => readFileSync(file, 'utf8'))
      expect(texts).not.toContain('')
      expect(leaks([...texts, stdout, stderr].join('\n'))).toEqual([])
    },
  )

  test('nor in a recording, in what is asked, or in what a replay of it prints', async () => {
    const asked: string[] = []
    const secrets = createSecrets()
    const recorder = record(watched(replayHost(recording, secrets), asked))
    await diagnose({
      host: once(recorder.host),
      hostname: recording.host,
      checks,
      settings: {unit: recording.unit},
      deadline: 30_000,
    })
    const kept = formatRecording(recorder.recording(recording.host, recording.unit))
    expect(leaks(kept)).toEqual([])
    expect(asked.length).toBeGreaterThan(0)
    expect(leaks(asked.join('\n'))).toEqual([])
    const file = join(directory, `${name}.kept.json`)
    writeFileSync(file, kept)
    const [said, again] = await Promise.all(
      [raw, file].map(path => prismDoctor(['--json', '--verbose', '--replay', path])),
    )
    expect(leaks(`${again?.stdout}${again?.stderr}`)).toEqual([])
    // It is still the same machine.
    expect(JSON.parse(again?.stdout ?? '').rootCauses).toEqual(
      JSON.parse(said?.stdout ?? '').rootCauses,
    )
  })

  test('nor in a plan, in what a repair says and writes down, or in what undo lists', async () => {
    const secrets = createSecrets()
    const written: string[] = []
    const runs = join(directory, `${name}.runs`)
    mkdirSync(runs, {mode: 0o700})
    const screen = {
      style: await styleFor(plainTerminal),
      conceal: secrets.conceal,
      write: (text: string) => void written.push(text),
    }
    const flags = {yes: true, disruptive: true, interactive: false}
    const consent = consentBy({...flags, ...screen, width: 80})
    const audience = await audienceOnStderr({
      ...screen,
      terminal: plainTerminal,
      acts: true,
      privileged: true,
    })
    const unable = (): never => {
      throw new Error(`unable, as ${canary(0)} is the key`)
    }
    const hands: Hands = {
      run: async () => ({
        exitCode: 1,
        stdout: '',
        stderr: `it said\n  ${canary(0).slice(0, 12)}\n${canary(0).slice(12)}`,
      }),
      survey: unable,
      alter: unable,
      restore: unable,
    }
    const report = await fix({
      again: () => once(replayHost(recording, secrets)),
      hostname: recording.host,
      checks,
      registry: checks,
      settings: {unit: recording.unit},
      deadline: 30_000,
      redact: secrets.redact,
      hands,
      dryRun: false,
      consent,
      audience,
      claim: () => false,
      journal: () =>
        startJournal(runs, {
          version: '0',
          host: 'midship',
          unit: recording.unit,
          at: new Date(0).toISOString(),
          by: 'root',
        }),
      sleep: async () => undefined,
    })
    expect(leaks([...written, JSON.stringify(report), describeRuns(runs)].join('\n'))).toEqual([])
  })
})

test('nor in an error, whatever the command and whatever it was given', async () => {
  const config = join(directory, 'config.toml')
  writeFileSync(
    config,
    `password = "${canary(0)}"\nurl = "postgres://prism:${canary(1)}@db/prism"\n`,
  )
  const given = [`--password=${canary(0)}`, `TOKEN=${canary(0)}`, `redis://:${canary(1)}@localhost`]
  const lines = [
    ...['diagnose', 'checks', 'explain', 'record', 'run'].map(command => [
      command,
      '--config',
      config,
    ]),
    ...given.flatMap(word =>
      ['diagnose', 'checks', 'explain', 'record', 'undo', 'help'].map(command => [command, word]),
    ),
    ...given.map(word => ['run', '--unit', 'prism-doctor-has-none.service', '--', word]),
  ]
  for (const line of lines) {
    for (const env of [{}, {DEBUG: '1'}, {DEBUG: '*'}] as const) {
      const {stdout, stderr} = await prismDoctor(line, env)
      expect([line, leaked(stdout + stderr, [canary(0), canary(1)])]).toEqual([line, []])
    }
  }
})
