import {describe, expect, test} from 'vitest'
import {admissionFacts, parseAdmission} from '../../../src/facts/picture/admission.ts'
import {parsePostgresSettings, postgresFiles} from '../../../src/facts/picture/postgres-files.ts'
import type {FileAnswer, Stat} from '../../../src/host/host.ts'
import {literalHost} from '../../literal.ts'

test('settings as PostgreSQL reads them: the last of a name counts', () => {
  const text = `
#max_connections = 1
max_connections = 100			# (change requires restart)
listen_addresses = 'localhost, 192.0.2.1'
Shared_Buffers 128MB
log_line_prefix = '%m [%p] it''s # here '
max_connections=20
`
  expect(Object.fromEntries(parsePostgresSettings(text))).toEqual({
    max_connections: '20',
    listen_addresses: 'localhost, 192.0.2.1',
    shared_buffers: '128MB',
    log_line_prefix: "%m [%p] it's # here ",
  })
})

test('lines of pg_hba.conf by whom they are about, and no password of LDAP', () => {
  const text = `
# TYPE  DATABASE USER ADDRESS METHOD
local   all      all          peer map=web # of us
host    all      all 127.0.0.1/32 scram-sha-256
host    "a b"    +staff 192.0.2.0 255.255.255.0 ldap ldapserver=x ldapbindpasswd="hunter2 # bat"
host    all      all ::1/128 radius radiussecrets="""secret one"",""secret two"""
`
  expect(parseAdmission(text)).toEqual([
    ['local all all', 'peer map=web'],
    ['host all all 127.0.0.1/32', 'scram-sha-256'],
    [
      'host "a b" +staff 192.0.2.0 255.255.255.0',
      'ldap ldapserver=x ldapbindpasswd="hunter2 # bat"',
    ],
    ['host all all ::1/128', 'radius radiussecrets="""secret one"",""secret two"""'],
  ])
  const facts = admissionFacts('17', {text, path: 'pg_hba.conf', at: {}})
  expect(JSON.stringify(facts)).not.toMatch(/hunter|bat|secret (?:one|two)/)
  const discreet = facts.flatMap(each => ('secret' in each && each.secret ? [each.name] : []))
  expect(discreet).toEqual([
    'pg_hba/17/host "a b" +staff 192.0.2.0 255.255.255.0',
    'pg_hba/17/host all all ::1/128',
  ])
})

describe('the order of lines of which the first that fits decides', () => {
  const orders = (...lines: readonly string[]): Readonly<Record<string, string>> => {
    const facts = admissionFacts('17', {text: lines.join('\n'), path: 'pg_hba.conf', at: {}})
    return Object.fromEntries(
      facts.flatMap(each =>
        'name' in each && each.name.startsWith('pg_hba order/') ? [[each.name, each.value]] : [],
      ),
    )
  }
  const rest = ['local all postgres peer', 'host all all ::1/128 scram-sha-256']
  const all = 'host all all 127.0.0.1/32 scram-sha-256'
  const shop = 'host shop shop 127.0.0.0/8 reject'

  test('is another when two lines change places, and is told of these two', () => {
    const before = orders(...rest, all, shop)
    const after = orders(...rest, shop, all)
    expect(Object.keys(before)).toEqual([
      expect.stringMatching(
        /^pg_hba order\/17\/host all all 127\.0\.0\.1\/32 and 1 more \(\w{4}\)$/,
      ),
    ])
    expect(Object.keys(after)).toEqual(Object.keys(before))
    const [old, now] = [before, after].map(each => Object.values(each)[0])
    expect(old).toBe('host all all 127.0.0.1/32, then host shop shop 127.0.0.0/8')
    expect(now).toBe('host shop shop 127.0.0.0/8, then host all all 127.0.0.1/32')
  })

  test('is no other by a line that is added: of others there is another fact', () => {
    const before = orders(all, shop)
    const mail = 'host all mail 127.0.0.1/32 md5'
    const after = orders(all, mail, shop)
    expect(Object.keys(after)).toHaveLength(1)
    expect(Object.keys(after)).not.toEqual(Object.keys(before))
  })

  test('of lines that have nothing to do with each other is none', () => {
    expect(orders(all, ...rest)).toEqual({})
    expect(orders(...rest, all)).toEqual({})
  })

  // The sixth line of Debian's file is for replication, which "all" does not mean.
  test.each([
    ['the same method', 'host all all 0.0.0.0/0 md5', 'host shop shop 10.0.0.1/32 md5', false],
    ['a socket', 'local all all peer', 'host all all 127.0.0.1/32 md5', false],
    ['TLS and none', 'hostssl all all 0.0.0.0/0 md5', 'hostnossl all all 0.0.0.0/0 reject', false],
    ['TLS and any', 'hostssl all all 0.0.0.0/0 md5', 'host all all 0.0.0.0/0 reject', true],
    ['replication', 'local all all peer', 'local replication all md5', false],
    ['other databases', 'local shop all peer', 'local mail,"x y" all md5', false],
    ['one in a list', 'local shop all peer', 'local mail,shop all md5', true],
    ['other users', 'local all shop peer', 'local all mail md5', false],
    ['a group', 'local all shop peer', 'local all +staff md5', true],
    ['sameuser', 'local shop all peer', 'local sameuser all md5', true],
    ['other networks', 'host all all 10.1.0.0/16 md5', 'host all all 10.2.0.0/16 reject', false],
    ['a mask', 'host all all 10.1.0.0 255.0.0.0 md5', 'host all all 10.2.0.0/16 reject', true],
    [
      'another mask',
      'host all all 10.1.0.0 255.255.0.0 md5',
      'host all all 10.2.0.0/16 reject',
      false,
    ],
    ['everywhere', 'host all all 0.0.0.0/0 md5', 'host all all 192.0.2.200/32 reject', true],
    ['IPv6', 'host all all 0.0.0.0/0 md5', 'host all all ::/0 reject', false],
    ['IPv6 alone', 'host all all fd00::/8 md5', 'host all all ::/0 reject', true],
    ['a name', 'host all all app.example md5', 'host all all 10.0.0.0/8 reject', true],
    ['all', 'host all all all md5', 'host all all ::1/128 reject', true],
    ['a file', 'include more.conf', 'local all all peer', true],
  ])('%s', (_, one, other, matters) => {
    expect(Object.keys(orders(one, other))).toHaveLength(matters ? 1 : 0)
  })

  test('of very many is none', () => {
    const lines = Array.from({length: 300}, (_, at) => `host all u${at} 0.0.0.0/0 md5`)
    expect(orders(...lines, 'host all all 0.0.0.0/0 reject')).toEqual({})
  })
})

const directory: Stat = {
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  nlink: 1,
  size: 0,
  mtime: 0,
  dev: 1,
}

const machineWith = (
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
) => {
  const paths = [...Object.keys(files), ...Object.keys(links)]
  return literalHost({
    list: async path => {
      const below = paths.filter(each => each.startsWith(`${path}/`))
      return [...new Set(below.map(each => each.slice(path.length + 1).split('/')[0] ?? ''))].sort()
    },
    stat: async path => {
      const link = links[path]
      if (link !== undefined) return {...directory, type: 'symlink', link}
      return path in files ? {...directory, type: 'file', mtime: 1_700_000_000_000} : null
    },
    readFile: async (path): Promise<FileAnswer> => {
      if (path in links) return {kind: 'unsafe-link'}
      const text = files[path]
      return text === undefined ? {kind: 'missing'} : {kind: 'file', text, utf8: true}
    },
  })
}

const seenIn = async (host: ReturnType<typeof machineWith>) =>
  (await postgresFiles(host)).map(each =>
    'whole' in each ? each.whole : `${each.name}=${each.value}`,
  )

test('a cluster of Debian, with what lies beside its file and what ALTER SYSTEM wrote', async () => {
  const etc = '/etc/postgresql/17/main'
  const host = machineWith({
    [`${etc}/postgresql.conf`]: 'port = 5432\nwork_mem = 4MB\n',
    [`${etc}/conf.d/more.conf`]: 'work_mem = 8MB\n',
    [`${etc}/pg_hba.conf`]: 'local all all peer\n',
    '/var/lib/postgresql/17/main/postgresql.auto.conf': "primary_conninfo = 'password=x'\n",
  })
  expect(await seenIn(host)).toEqual([
    'postgresql/17/main/port=5432',
    'postgresql/17/main/work_mem=8MB',
    expect.stringMatching(/^postgresql\/17\/main\/primary_conninfo=[0-9a-f]{32}$/),
    'postgresql/17/main/',
    'pg_hba/17/main/',
    'pg_hba/17/main/local all all=peer',
  ])
  const secret = (await postgresFiles(host)).filter(each => 'secret' in each)
  expect(secret).toMatchObject([{name: 'postgresql/17/main/primary_conninfo', secret: true}])
})

test("of NixOS, whose links in PostgreSQL's own directory lead to the store", async () => {
  const store = '/nix/store/al2b5pxgxffwdjj8z2njj0l80l9vqksb-'
  const host = machineWith(
    {
      [`${store}postgresql.conf`]: `hba_file = '${store}pg_hba.conf'\n`,
      [`${store}pg_hba.conf`]: 'local all all trust\n',
    },
    {'/var/lib/postgresql/17/postgresql.conf': `${store}postgresql.conf`},
  )
  expect(await seenIn(host)).toEqual([
    'postgresql/17/hba_file=/nix/store/…-pg_hba.conf',
    'postgresql/17/',
    'pg_hba/17/',
    'pg_hba/17/local all all=trust',
  ])
})

test('a link to elsewhere is not followed: whoever has the directory may have made it', async () => {
  const host = machineWith(
    {'/home/enemy/x': 'port = 1\n'},
    {'/var/lib/postgresql/17/postgresql.conf': '/home/enemy/x'},
  )
  expect(await seenIn(host)).toEqual([])
})
