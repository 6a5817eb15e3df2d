import {afterAll, beforeAll, expect, test} from 'vitest'
import {catalogOf} from '../../../src/facts/picture/postgres-catalog.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import {openServer, withServer} from '../../checks/database/machines.ts'
import type {TestPostgres} from '../../postgres.ts'

let server: TestPostgres

beforeAll(async () => {
  server = await openServer()
})

afterAll(() => server.stop())

/** Values by name, and the names of which all was seen, of tables and their parts. */
async function tables(): Promise<ReadonlyMap<string, string>> {
  const host = withServer(server)
  try {
    const target = await findTarget(host, {unit: 'prism-django.service'})
    const seen = await catalogOf(host, target, ['table', 'column', 'index', 'sequence'])
    return new Map(
      seen.map(each => ('whole' in each ? [`all ${each.whole}`, ''] : [each.name, each.value])),
    )
  } finally {
    host.close()
  }
}

async function changedBy(sql: string): Promise<readonly string[]> {
  const before = await tables()
  await server.sql(sql, 'prism')
  const after = await tables()
  const names = [...new Set([...before.keys(), ...after.keys()])]
  return names.filter(name => before.get(name) !== after.get(name))
}

const wide = (name: string): string => {
  const columns = Array.from({length: 700}, (_, at) => `c${at} int`)
  return `create table ${name} (${columns.join(', ')})`
}

test('each part of a table is told, and of very many all of one kind together', async () => {
  await server.sql('create table lamp (id int primary key, name text)', 'prism')
  const few = await tables()
  expect(few.get('database/table/lamp/column name')).toBe('text')
  expect(few.has('all database/table/')).toBe(true)
  expect(await changedBy('alter table lamp add column watt int')).toEqual([
    'database/table/lamp/column watt',
  ])

  for (const name of ['north', 'south', 'west']) await server.sql(wide(name), 'prism')
  const many = await tables()
  expect(many.has('database/table/lamp/column name')).toBe(false)
  expect(many.get('database/table/lamp/all of column')).toMatch(/^[0-9a-f]{32}$/)
  // Of a kind of which there are few each is told still.
  expect(many.get('database/table/lamp/index lamp_pkey')).toBe('id unique btree')
  expect(many.has('all database/table/')).toBe(false)
  expect(await changedBy('select 1')).toEqual([])
  expect(await changedBy('alter table south alter c7 type bigint')).toEqual([
    'database/table/south/all of column',
  ])
  expect(await changedBy('create index on north (c1)')).toEqual([
    'database/table/north/index north_c1_idx',
  ])
})
