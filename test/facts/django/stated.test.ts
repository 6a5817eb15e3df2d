import {describe, expect, test} from 'vitest'
import type {DjangoAnswer} from '../../../src/facts/django/django.ts'
import {
  applicationFiles,
  type DatabasePart,
  type Source,
  shownStated,
  whereStated,
} from '../../../src/facts/django/stated.ts'
import {CannotLook} from '../../../src/host/host.ts'
import {literalHost} from '../../literal.ts'
import {djangoSaid} from '../../machine.ts'

const healthy = JSON.parse(djangoSaid('healthy').stdout) as DjangoAnswer

const source = (file: string | null, variables: Readonly<Record<string, string>>): Source => ({
  file,
  variables: new Map(Object.entries(variables)),
})

type Read = Pick<DjangoAnswer, 'read' | 'unset' | 'places' | 'file'>
const reads = (...names: readonly string[]): Read => ({
  read: [...names],
  unset: [],
  places: {DATABASES: {file: '/srv/app/settings.py', line: 12}},
  file: '/srv/app/settings.py',
})

describe('where a part of the database is stated', () => {
  test.each<[DatabasePart, string, readonly Source[], Read, string | null, string | null]>([
    [
      'host',
      'db.local',
      [source(null, {APP_DB_HOST: 'db.local'})],
      reads('APP_DB_HOST'),
      'APP_DB_HOST',
      null,
    ],
    ['port', '5433', [source('/etc/app.env', {PGPORT: '5433'})], reads(), 'PGPORT', '/etc/app.env'],
    // The same word is the name and the user: the variable's own name tells which.
    [
      'user',
      'app',
      [source('/etc/app.env', {DB_NAME: 'app', DB_USER: 'app'})],
      reads(),
      'DB_USER',
      '/etc/app.env',
    ],
    [
      'name',
      'app',
      [source('/etc/app.env', {DB_USER: 'app', DB_NAME: 'app'})],
      reads(),
      'DB_NAME',
      '/etc/app.env',
    ],
    // Within a URL.
    [
      'host',
      'db.local',
      [source('/srv/app/.env', {DATABASE_URL: 'postgres://a:b@db.local/app'})],
      reads(),
      'DATABASE_URL',
      '/srv/app/.env',
    ],
    // Of the unit's own variables only what the settings read counts.
    [
      'host',
      'db.local',
      [source(null, {DB_HOST: 'db.local'})],
      reads('OTHER'),
      null,
      '/srv/app/settings.py',
    ],
    // Written out.
    [
      'host',
      'localhost',
      [source('/srv/app/.env', {DEBUG: 'false'})],
      reads(),
      null,
      '/srv/app/settings.py',
    ],
    // What is read last wins, and comes first.
    [
      'password',
      'x',
      [source('/b.env', {DB_PASSWORD: 'x'}), source('/a.env', {DB_PASSWORD: 'x'})],
      reads(),
      'DB_PASSWORD',
      '/b.env',
    ],
  ])('%s %s by %o', (part, value, sources, read, variable, file) => {
    expect(whereStated(part, value, sources, read)).toEqual({variable, file})
  })

  test('an empty part is one that a variable of its name would fill, if the settings look for one', () => {
    const looked = {...reads('POSTGRES_PASSWORD'), unset: ['SMTP_PASSWORD', 'POSTGRES_PASSWORD']}
    const file = source('/etc/app.env', {DEBUG: 'false', EMPTY: ''})
    expect(whereStated('password', '', [file], looked)).toEqual({
      variable: 'POSTGRES_PASSWORD',
      file: '/etc/app.env',
    })
    expect(whereStated('password', '', [file], {...looked, unset: ['SMTP_PASSWORD']})).toEqual({
      variable: null,
      file: '/srv/app/settings.py',
    })
  })

  test('where no place of DATABASES is known, in the settings module', () => {
    expect(whereStated('host', 'x', [], {...reads(), places: {}})).toEqual({
      variable: null,
      file: '/srv/app/settings.py',
    })
  })

  test.each([
    [{variable: 'DB_HOST', file: '/etc/app.env'}, 'DB_HOST in /etc/app.env'],
    [{variable: 'DB_HOST', file: null}, 'DB_HOST of app.service'],
    [{variable: null, file: '/srv/app/settings.py'}, 'DATABASES in /srv/app/settings.py'],
    [{variable: null, file: null}, 'the environment of app.service'],
  ])('%o is said as "%s"', (stated, words) => {
    expect(shownStated(stated, 'app.service')).toBe(words)
  })
})

describe('files that the settings read', () => {
  const files = (texts: Readonly<Record<string, string>>) =>
    literalHost({
      readFile: async path => {
        const text = texts[path]
        if (path === '/denied') throw new CannotLook('denied')
        return text === undefined
          ? {kind: 'missing'}
          : {kind: 'file', text, utf8: path !== '/binary'}
      },
    })

  test('are assignments, also those that systemd would not take; what they hold is a secret', async () => {
    const host = files({'/srv/app/.env': 'export SECRET_KEY=canary-value\nDB_HOST=db.local\n'})
    const found = await applicationFiles(host, {...healthy, files: ['/srv/app/.env']})
    expect(found).toEqual([
      source('/srv/app/.env', {DB_HOST: 'db.local', SECRET_KEY: 'canary-value'}),
    ])
    expect(host.secrets.redact('it is canary-value')).not.toContain('canary')
  })

  test('that cannot be read, are no text or are gone say nothing', async () => {
    const host = files({'/binary': 'A=1\n'})
    expect(
      await applicationFiles(host, {...healthy, files: ['/denied', '/binary', '/gone']}),
    ).toEqual([])
  })
})
