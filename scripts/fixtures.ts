import {execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import type {Recording} from '../src/host/recording.ts'

/**
 * Records fixtures on the real host of test/midship: `npm run fixtures` records every one, `npm run fixtures -- NAME …`
 * only these. healthy.json is whole; the others state what differs from it, question by question.
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
    ].map(name => [name, {faults: [name]}]),
  ),
  'database-missing-and-manifest-truncated': {faults: ['manifest-truncated', 'database-missing']},
}

const instance = '70'

function midship(...args: readonly string[]): string {
  const argv = ['test/midship/midship.ts', '--instance', instance, ...args]
  return execFileSync(process.execPath, argv, {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function recordMachine({faults, user}: Recipe): Recording {
  midship(...(faults ? ['fault', ...faults] : ['boot']))
  const doctor = 'prism-doctor record'
  const text = midship('exec', user ? `setpriv --reuid=${user} --regid=nogroup --clear-groups ${doctor}` : doctor)
  // The mounts of the container say where the checkout lies outside it, which is no matter of the machine.
  const checkout = import.meta.dirname.replace(/\/scripts$/, '')
  const neutral = text
    .replaceAll(`${checkout}/node_modules/node/bin/node `, '/opt/node/bin/node ')
    .replaceAll(`${checkout} `, '/opt/prism-doctor ')
  return JSON.parse(neutral) as Recording
}

function difference(base: Recording, recording: Recording): Recording['answers'] {
  const differing = Object.entries(recording.answers).map(([kind, answers]) => {
    const known = base.answers[kind as keyof Recording['answers']] ?? {}
    const changed = Object.entries(answers).filter(
      ([key, answer]) => JSON.stringify(known[key]) !== JSON.stringify(answer),
    )
    return [kind, Object.fromEntries(changed)] as const
  })
  return Object.fromEntries(differing.filter(([, answers]) => Object.keys(answers).length > 0))
}

function write(name: string, content: unknown): void {
  mkdirSync('fixtures', {recursive: true})
  writeFileSync(`fixtures/${name}.json`, `${JSON.stringify(content, null, 1)}\n`)
  process.stderr.write(`fixtures/${name}.json\n`)
}

const named = process.argv.slice(2)
for (const name of named)
  if (!(name in recipes)) throw new Error(`there is no fixture ${name}: ${Object.keys(recipes).join(' ')}`)
const wanted = Object.entries(recipes).filter(([name]) => named.length === 0 || named.includes(name))
try {
  // A difference is from the healthy machine of the same tool, so that one is always recorded first.
  const healthy = recordMachine({})
  if (named.length === 0 || named.includes('healthy')) write('healthy', healthy)
  for (const [name, recipe] of wanted) {
    if (name === 'healthy') continue
    const recording = recordMachine(recipe)
    const {recordedAt, uid} = recording
    write(name, {extends: 'healthy', recordedAt, uid, answers: difference(healthy, recording)})
  }
} finally {
  midship('stop')
}
