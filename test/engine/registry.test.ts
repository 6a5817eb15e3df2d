import {readdirSync, readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {checks} from '../../src/checks/index.ts'
import {matches} from '../../src/engine/names.ts'
import type {CheckId} from '../../src/report/finding.ts'

/** The ids of the contract: what explains may name one that is not written yet, never one that nobody knows. */
const catalogue: readonly string[] = [
  ...['unit', 'user', 'package', 'dependencies', 'active', 'journal'].map(name => `service/${name}`),
  ...['file', 'keys'].map(name => `secrets/${name}`),
  ...['directory', 'ownership', 'modes', 'space'].map(name => `state/${name}`),
  ...['root', 'collected', 'manifest', 'integrity', 'fresh', 'served'].map(name => `static/${name}`),
  ...['server', 'cluster', 'login', 'exists', 'privileges', 'migrations', 'health'].map(name => `database/${name}`),
  ...['http/app', 'http/proxy', 'app/settings', 'app/deploy', 'app/superuser'],
]

const directory = new URL('../../src/checks/', import.meta.url)
const files = readdirSync(directory, {recursive: true, encoding: 'utf8'}).filter(
  file => file.includes('/') && file.endsWith('.ts'),
)

test('every check of the catalogue is registered, in its order', () => {
  const ids: readonly string[] = checks.map(({id}) => id)
  expect(ids).toEqual(catalogue.filter(id => ids.includes(id)))
})

test('every file below src/checks is registered, and every check has its file: the path is the id', () => {
  expect(checks.map(({id}) => `${id}.ts`).sort()).toEqual(files.sort())
})

test.each(files)('%s declares the id of its path', file => {
  expect(readFileSync(new URL(file, directory), 'utf8')).toContain(`id: '${file.replace(/\.ts$/, '')}'`)
})

describe.each(checks.map(check => [check.id, check] as const))('%s', (_, check) => {
  test('has a title that states the healthy state: no full stop, one line', () => {
    expect(check.title).toMatch(/^\S[^\n]*[^\s.!?:;]$/)
    expect(check.title.length).toBeLessThanOrEqual(90)
  })

  test('says what its fix would do where a remedy of it is more than advice', () => {
    const source = readFileSync(new URL(`${check.id}.ts`, directory), 'utf8')
    if (/'(?:safe|disruptive)'|\bcollectAnew\(/.test(source)) expect(check.fix).toBeDefined()
    expect(check.fix ?? 'starts it').toMatch(/^[a-z]+s [^\n]*[^\s.!?:;]$/)
  })

  test('names what may explain it by ids that exist', () => {
    for (const pattern of check.explainedBy ?? []) {
      expect(pattern).toMatch(/^[a-z]+\/(?:\*|[a-z][a-z-]*)$/)
      expect(
        catalogue.some(id => matches(pattern, id as CheckId)),
        pattern,
      ).toBe(true)
      expect(pattern).not.toBe(check.id)
    }
  })

  test('needs nothing that it explains, and nothing that explains it', () => {
    for (const need of everythingNeeded(check)) {
      expect(
        // One that only warns lets pass what needs it, and may explain a warning of that all the same.
        (check.explainedBy ?? []).filter(pattern => pattern === need.id && need.id !== 'service/package'),
        `${check.id} needs ${need.id}`,
      ).toEqual([])
      expect(
        (need.explainedBy ?? []).includes(check.id),
        `${need.id} is explained by ${check.id}, which needs it`,
      ).toBe(false)
    }
  })

  test('needs only registered checks, and not itself', () => {
    for (const need of check.needs ?? []) expect(checks).toContain(need)
    expect(everythingNeeded(check)).not.toContain(check)
  })
})

function everythingNeeded(check: Check, found = new Set<Check>()): ReadonlySet<Check> {
  for (const need of check.needs ?? []) {
    if (found.has(need)) continue
    found.add(need)
    everythingNeeded(need, found)
  }
  return found
}
