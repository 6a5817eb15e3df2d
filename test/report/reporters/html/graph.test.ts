import {describe, expect, test} from 'vitest'
import {checks} from '../../../../src/checks/index.ts'
import type {Report} from '../../../../src/report/report.ts'
import {
  type Consequence,
  consequencesOf,
  countOf,
} from '../../../../src/report/reporters/html/graph.ts'
import {diagnosed} from '../../../literal.ts'
import {machine} from '../../../machine.ts'
import {pages} from '../../../pages.ts'

/** A tree as it is read: a line for each check, deeper ones further right. */
function drawn(consequences: readonly Consequence[], depth = 0): readonly string[] {
  return consequences.flatMap(({check, also, consequences: below}) => {
    const skipped = check.status === 'skipped' ? ' skipped' : ''
    const others = also.length > 0 ? ` also ${also.join(', ')}` : ''
    return [`${'  '.repeat(depth)}${check.id}${skipped}${others}`, ...drawn(below, depth + 1)]
  })
}

async function tree(name: string, root: string): Promise<readonly string[]> {
  const report = await diagnosed(checks, {host: machine(name)})
  return drawn(consequencesOf(report).get(root) ?? [])
}

describe('what follows from a root cause', () => {
  test('stands below the nearest of its causes, and what was skipped below its need', async () => {
    expect(await tree('postgres-stopped', 'database/server')).toEqual([
      'service/active',
      '  http/app',
      '    http/proxy',
      '      static/served',
      '  service/journal skipped',
      'database/cluster skipped',
      'database/login skipped',
      '  database/exists skipped',
      '    database/privileges skipped',
      '    database/health skipped',
      '    database/migrations skipped',
      '      app/superuser skipped',
    ])
  })

  test('stands below each of several root causes, which name one another', async () => {
    const name = 'database-missing-and-manifest-truncated'
    expect(await tree(name, 'static/manifest')).toEqual([
      'http/app also database/exists',
      '  http/proxy also database/exists',
      'static/integrity skipped',
      'static/fresh skipped',
      'static/served skipped',
    ])
    expect(await tree(name, 'database/exists')).toContain('    http/proxy also static/manifest')
  })

  test('is every check that is not well, but for what could not be looked at', async () => {
    const report = await pages.many()
    const named = [...consequencesOf(report)].flatMap(([root, below]) => [
      root,
      ...drawn(below).map(line => line.trim().split(' ')[0]),
    ])
    const bad = report.checks
      .filter(({status}) => status !== 'ok' && status !== 'unknown')
      .map(({id}) => id)
      .filter(id => id !== 'secrets/keys')
    expect([...new Set(named)].sort()).toEqual(bad.sort())
  })

  test('is counted by whether it fails', async () => {
    const report = await diagnosed(checks, {host: machine('postgres-stopped')})
    const below = consequencesOf(report).get('database/server') ?? []
    expect(countOf(below)).toEqual({failing: 4, skipped: 8})
    expect(countOf([])).toEqual({failing: 0, skipped: 0})
  })

  test('ends where a report goes round in a circle', async () => {
    const {
      checks: [one],
    } = await pages.one()
    if (!one) throw new Error('there is no check')
    const fails = (id: string, ...causedBy: readonly string[]): Report['checks'][number] => ({
      ...one,
      id,
      status: 'critical',
      causedBy: [...causedBy],
    })
    const circle = [fails('a/a'), fails('b/b', 'a/a', 'c/c'), fails('c/c', 'a/a', 'b/b')]
    const trees = consequencesOf({rootCauses: ['a/a'], checks: circle})
    expect(drawn(trees.get('a/a') ?? []).length).toBeLessThanOrEqual(2)
  })
})
