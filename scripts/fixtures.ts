import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync} from 'node:fs'
import {parseArgs} from 'node:util'
import {checks} from '../src/checks/index.ts'
import {diagnose} from '../src/engine/diagnose.ts'
import {unitProperties} from '../src/facts/unit/systemd.ts'
import {once} from '../src/host/once.ts'
import type {Recording} from '../src/host/recording.ts'
import {formatRecording, parseRecording} from '../src/host/recording-file.ts'
import {createSecrets} from '../src/host/redactor.ts'
import {replayHost} from '../src/host/replay.ts'

import {casesOf} from '../test/midship/cases.ts'
import {inject} from '../test/midship/test.ts'
import {settled} from './fixtures/settle.ts'

/**
 * Records fixtures on the real host of test/midship: `npm run fixtures` records every one, `npm run
 * fixtures -- NAME …` only these; `--instance N` keeps two people apart. healthy.json is whole; the
 * others state what differs from it. What only has another time, process id or random value than in
 * the fixture of before is left as it was there.
 */
interface Recipe {
  /** What of test/midship is wrong with it; nothing when absent. */
  readonly faults?: readonly string[]
  /** Who looks; root when absent. */
  readonly user?: string
}

const recipes: Readonly<Record<string, Recipe>> = {
  healthy: {},
  'healthy-unprivileged': {user: 'nobody'},
  ...Object.fromEntries(
    [
      'unit-missing',
      'static-never-collected',
      'static-root-in-store',
      'static-root-missing',
      'manifest-truncated',
      'hashed-file-gone',
      'postgres-stopped',
      'wrong-password',
      'role-missing',
      'database-missing',
      'secret-key-missing',
      'module-missing',
      'port-taken',
      'sandbox-executable-memory',
      'who-directory',
      'healthy-pgpass',
      'healthy-pg-service',
      'pgpass-open',
      'pgpass-of-root',
      'pgpass-other-user',
      'pgpass-hidden',
      'pgpass-wrong-password',
      'pg-service-undefined',
    ].map(name => [name, {faults: [name]}]),
  ),
  'database-missing-and-manifest-truncated': {faults: ['manifest-truncated', 'database-missing']},
}

const {values, positionals: named} = parseArgs({
  allowPositionals: true,
  options: {instance: {type: 'string', default: '70'}},
})

function midship(...args: readonly string[]): string {
  const argv = ['test/midship/midship.ts', '--instance', values.instance, ...args]
  return execFileSync(process.execPath, argv, {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

const directory = 'fixtures'
const fileOf = (name: string): string => `${directory}/${name}.json`
const read = (file: string): string => readFileSync(`${directory}/${file}`, 'utf8')

/** The fixture as it was recorded before; null where there is none that can be read. */
function recordedBefore(name: string): Recording | null {
  return existsSync(fileOf(name))
    ? parseRecording(read(`${name}.json`), `${name}.json`, read)
    : null
}

async function recordMachine({faults, user}: Recipe): Promise<Recording> {
  midship('boot')
  // What the host was tried with before it was broken is no matter of the fault.
  if (faults) midship('exec', 'journalctl --quiet --rotate --vacuum-time=1ms')
  for (const fault of faults ? casesOf(faults) : []) await inject(Number(values.instance), fault)
  const more = `const unitProperties = ${JSON.stringify(unitProperties)}\n${readFileSync('scripts/fixtures/more.mjs', 'utf8')}`
  midship('exec', `cat > /root/more.mjs <<'END'\n${more}END`)
  midship(
    'exec',
    `printf '%s\\n' 'checks = ["/root/more.mjs"]' '[history]' 'keep = false' > /root/more.toml`,
  )
  // The healthy machine is asked all the way: what Django says of a broken one differs little from
  // that.
  const doctor = `prism-doctor record --config /root/more.toml${faults ? '' : ' --deep'}`
  const asUser = `setpriv --reuid=${user} --regid=nogroup --clear-groups prism-doctor record`
  const text = midship('exec', user ? asUser : doctor)
  // The mounts of the container say where the checkout lies outside it, and which container it is.
  const checkout = import.meta.dirname.replace(/\/scripts$/, '')
  const neutral = text
    .replaceAll(`${realpathSync(`${checkout}/node_modules/node/bin/node`)} `, '/opt/node/bin/node ')
    .replaceAll(`${checkout} `, '/opt/prism-doctor ')
    .replaceAll(new RegExp(`(?<=midship[-/])${values.instance}\\b`, 'g'), '70')
  return parseRecording(neutral, 'what was recorded', () => '')
}

/** What the doctor says of a recorded machine: every check with its codes. */
async function said(recording: Recording): Promise<readonly string[]> {
  const secrets = createSecrets()
  const report = await diagnose({
    host: once(replayHost(recording, secrets)),
    hostname: recording.host,
    checks,
    settings: {unit: recording.unit},
    deadline: 30_000,
  })
  return report.checks.map(
    ({id, status, findings}) => `${id} ${status} ${findings.map(({code}) => code).join(' ')}`,
  )
}

/**
 * The fixture with what did not really change as it was before: the doctor must say the same of it
 * as of the machine.
 */
async function steady(
  name: string,
  fresh: Recording,
  healthy: Recording | null,
): Promise<Recording> {
  const before = recordedBefore(name)
  const reference = before ?? healthy
  if (!reference) return fresh
  const recording = settled(fresh, reference, {moved: before !== null})
  const [expected, got] = [await said(fresh), await said(recording)]
  const changed = got.filter((line, index) => line !== expected[index])
  if (changed.length > 0)
    throw new Error(`${name} is not the same machine any more: ${changed.join(', ')}`)
  return recording
}

function write(name: string, text: string): void {
  mkdirSync(directory, {recursive: true})
  writeFileSync(fileOf(name), text)
  process.stderr.write(`${fileOf(name)}\n`)
}

for (const name of named)
  if (!(name in recipes))
    throw new Error(`there is no fixture ${name}: ${Object.keys(recipes).join(' ')}`)
const wanted = Object.entries(recipes).filter(
  ([name]) => named.length === 0 || named.includes(name),
)
try {
  // A difference is from the healthy machine, so that one is recorded first.
  const known = named.length === 0 || named.includes('healthy') ? null : recordedBefore('healthy')
  const healthy = known ?? (await steady('healthy', await recordMachine({}), null))
  if (!known) write('healthy', formatRecording(healthy))
  for (const [name, recipe] of wanted) {
    if (name === 'healthy') continue
    const recording = await steady(name, await recordMachine(recipe), healthy)
    const base = {name: 'healthy.json', recording: healthy}
    write(name, formatRecording(recording, base))
  }
} finally {
  midship('stop')
}
