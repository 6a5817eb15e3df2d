import {afterAll, beforeAll, expect, test} from 'vitest'
import {databaseCluster} from '../../../src/checks/database/cluster.ts'
import {cannotLook, codes, type Edits, machine, verdicts} from '../../machine.ts'
import type {TestPostgres} from '../../postgres.ts'
import {openServer, withServer} from './machines.ts'

let server: TestPostgres

beforeAll(async () => {
  server = await openServer()
})

afterAll(() => server.stop())

/** Directories of two versions without data: the test's own server keeps that elsewhere. */
const empty: Edits = {
  list: {'/var/lib/postgresql': ['16', '17']},
  readFile: Object.fromEntries(
    ['16', '16/main', '17', '17/main'].map(place => [
      `/var/lib/postgresql/${place}/PG_VERSION`,
      {kind: 'missing'},
    ]),
  ),
}

/** An older cluster lies beside the one that runs. */
const older: Edits = {
  ...empty,
  readFile: {
    ...empty.readFile,
    '/var/lib/postgresql/16/PG_VERSION': {kind: 'file', text: '16\n', utf8: true},
  },
  stat: {'/var/lib/postgresql/16/PG_VERSION': null},
}

async function said(edits: Edits = {}) {
  const host = withServer(server, edits)
  try {
    return await verdicts(databaseCluster, host)
  } finally {
    host.close()
  }
}

test('a recorded healthy machine has one cluster', async () => {
  expect(await codes(databaseCluster, machine('healthy'))).toEqual(['ok ok'])
})

test('an older cluster with data, and a new one without', async () => {
  const [finding] = await said(older)
  expect(finding).toMatchObject({status: 'critical', code: 'new-cluster', kind: 'cause'})
  expect(finding?.message).toContain('/var/lib/postgresql/16')
  expect(finding?.remedy).toMatchObject({
    risk: 'manual',
    nix: 'services.postgresql.package = pkgs.postgresql_16;',
  })
})

test('also after the service has migrated the new one', async () => {
  await server.sql(
    'create table django_migrations (applied timestamptz); insert into django_migrations values (now())',
    'prism',
  )
  const [finding] = await said(older)
  expect(finding).toMatchObject({status: 'critical', code: 'new-cluster'})
  expect(finding?.message).toContain('holds no data from before it was made')
})

test('what was carried over is older than the cluster, and an old directory that was kept is no fault', async () => {
  await server.sql("insert into django_migrations values ('2024-01-01')", 'prism')
  expect((await said(older))[0]?.status).toBe('ok')
  await server.sql('drop table django_migrations', 'prism')
})

test('a cluster that was made later, for an upgrade to come or one that was taken back, is no fault', async () => {
  const file = {type: 'file', mode: 0o600, uid: 71, gid: 71, nlink: 1, size: 3, dev: 1}
  const made = (mtime: number): Edits => ({
    ...older,
    stat: {'/var/lib/postgresql/16/PG_VERSION': {...file, mtime}},
  })
  expect((await said(made(Date.now() + 60_000)))[0]?.status).toBe('ok')
  expect((await said(made(Date.now() - 86_400_000)))[0]).toMatchObject({code: 'new-cluster'})
})

test('an empty directory of another version is no cluster', async () => {
  expect((await said(empty))[0]?.status).toBe('ok')
})

test('a volume that is declared and not mounted', async () => {
  const rows = [{directory: '/var/lib/postgresql/17', version: 17, made: 0}]
  const mount = {
    LoadState: 'loaded',
    ActiveState: 'inactive',
    FragmentPath: '/run/systemd/generator/x.mount',
  }
  const healthy = machine('healthy')
  const [finding] = await verdicts(databaseCluster, {
    ...healthy,
    query: async () => ({kind: 'rows', rows}),
    units: async (names, properties) =>
      names.at(-1)?.endsWith('.mount') ? [mount] : healthy.units(names, properties),
  })
  expect(finding).toMatchObject({status: 'critical', code: 'not-mounted'})
  expect(finding?.message).toContain('/var/lib/postgresql')
})

test('who is not root cannot tell two clusters apart, and one needs no telling', async () => {
  await expect(said({...older, uid: 1000})).rejects.toThrow('only root')
  expect((await said({uid: 1000}))[0]?.status).toBe('ok')
  const hidden = cannotLook('/var/lib/postgresql may not be read by this user', true)
  await expect(said({uid: 1000, list: {'/var/lib/postgresql': hidden}})).rejects.toMatchObject({
    privilege: true,
  })
})
