import {readdirSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import type {Picture} from '../../src/engine/picture.ts'
import type {Host} from '../../src/host/host.ts'
import {djangoSaid, type Edits, machine} from '../machine.ts'

/** What every check offers of a recorded machine. */
async function pictureOf(host: Host): Promise<Picture> {
  const pictures: Picture[] = []
  await diagnose({
    host,
    hostname: 'midship',
    checks,
    settings: {unit: 'prism-django.service'},
    deadline: 20_000,
    async remember(look) {
      pictures.push(await look.picture)
      return look.report
    },
  })
  const [picture] = pictures
  if (!picture) throw new Error('nobody took a picture')
  return picture
}

function valuesOf({facts}: Picture): ReadonlyMap<string, string> {
  return new Map([...facts.values()].map(({name, value}) => [name, value]))
}

/** Names of facts that both have and that differ, and of those that only one of them would have. */
async function changed(edits: Edits, name = 'healthy'): Promise<readonly string[]> {
  const [before, after] = await Promise.all([
    pictureOf(machine('healthy')),
    pictureOf(machine(name, edits)),
  ])
  const [old, now] = [valuesOf(before), valuesOf(after)]
  const isWhole = (fact: string): boolean =>
    [...before.wholes.keys()].some(
      prefix => fact.startsWith(prefix) && [...after.wholes.keys()].includes(prefix),
    )
  return [...new Set([...old.keys(), ...now.keys()])].filter(fact =>
    old.has(fact) && now.has(fact) ? old.get(fact) !== now.get(fact) : isWhole(fact),
  )
}

const names = readdirSync(new URL('../../fixtures', import.meta.url))
  .filter(name => name.endsWith('.json'))
  .map(name => name.replace(/\.json$/, ''))

describe.each(names)('a picture of %s', name => {
  test('fails for no check, and its facts are one line each, with a name and a source', async () => {
    const {facts, unseen} = await pictureOf(machine(name))
    expect([...unseen]).toEqual([])
    expect(facts.size).toBeGreaterThan(20)
    for (const fact of facts.values()) {
      expect(fact.name).toMatch(/^\S.*\S$/)
      expect(fact.source).not.toBe('')
      expect(fact.value).not.toMatch(/[\n\r\t]/)
    }
  })

  test('is the same when it is taken again', async () => {
    const [first, second] = await Promise.all([pictureOf(machine(name)), pictureOf(machine(name))])
    expect(second).toEqual(first)
  })
})

describe('one change of the machine is one change of the picture', () => {
  const show = (properties: Readonly<Record<string, string>>): Edits => ({
    show: {'prism-django.service': properties},
  })

  test.each([
    ['a setting of the unit', show({Restart: 'no'}), ['unit/Restart']],
    ['its sandbox', show({ReadWritePaths: '/srv'}), ['unit/ReadWritePaths']],
    ['whether it is started at boot', show({WantedBy: ''}), ['unit/WantedBy']],
    ['a variable', show({}), []],
  ])('%s', async (_, edits, expected) => {
    expect(await changed(edits)).toEqual(expected)
  })

  test('the order of a list, process ids, times and counters are none', async () => {
    const after = 'postgresql.service network-online.target'
    const edits = show({
      NRestarts: '3',
      InvocationID: 'f'.repeat(32),
      ActiveEnterTimestamp: 'Mon 2026-11-23 07:00:00.000000 UTC',
      After: after,
    })
    const before = await pictureOf(
      machine('healthy', show({After: after.split(' ').reverse().join(' ')})),
    )
    const now = await pictureOf(machine('healthy', edits))
    expect(valuesOf(now).get('unit/After')).toBe(valuesOf(before).get('unit/After'))
  })

  test('a missing variable makes no setting another', async () => {
    const different = await changed({}, 'secret-key-missing')
    expect(different.filter(name => name.startsWith('setting/'))).toEqual([])
    expect(different).toContain('environment/SECRET_KEY')
  })
})

test('what Django does not say any more is gone only where it was asked to the end', async () => {
  const key = 'prism-django.service: ask Django: settings'
  const picture = {
    distributions: {django: ['4.2.28', 0], whitenoise: ['6.9.0', 0]},
    modules: ['django', 'whitenoise'],
    encoding: 'utf-8 utf-8',
    settings: {DEBUG: 'false', USE_TZ: 'true', EMAIL_HOST: '"mail.example"'},
    code: {'/srv/prism/urls.py': ['0'.repeat(32), 1_700_000_000_000]},
    isWhole: true,
  }
  const said = (edit: object): Edits => ({
    asUnit: {
      [key]: djangoSaid('healthy', answer => ({...answer, picture: {...picture, ...edit}})),
    },
  })
  const before = await pictureOf(machine('healthy', said({})))
  const gone = await pictureOf(machine('healthy', said({distributions: {django: ['4.2.27', 0]}})))
  expect(before.facts.get('code//srv/prism/urls.py')).toMatchObject({
    secret: true,
    at: 1_700_000_000_000,
    checks: ['service/package', 'service/journal', 'app/settings'],
  })
  expect(valuesOf(gone).get('distribution/django')).toBe('4.2.27')
  expect([...gone.wholes.keys()]).toContain('distribution/')
  expect(valuesOf(gone).has('distribution/whitenoise')).toBe(false)
  // DEBUG is a variable of the same name, and told as such.
  const settings = [...before.facts.keys()].filter(name => name.startsWith('setting/'))
  expect(settings.sort()).toEqual(['setting/EMAIL_HOST', 'setting/USE_TZ'])
})

test('an access control list is one change, of what somebody has looked at', async () => {
  const key = 'prism-django.service: ask Django: settings'
  const said = (acls: object): Edits => ({
    asUnit: {
      [key]: djangoSaid('healthy', answer => ({
        ...answer,
        picture: {
          distributions: {},
          modules: [],
          encoding: 'utf-8 utf-8',
          settings: {},
          code: {},
          isWhole: true,
          acls,
        },
      })),
    },
  })
  const state = '/var/lib/prism-django'
  // What setfacl -m u:33:rx wrote.
  const list =
    '0200000001000700ffffffff020005002100000004000500ffffffff10000500ffffffff20000000ffffffff'
  const none = await pictureOf(
    machine('healthy', said({[state]: ['', ''], '/srv/other': ['', '']})),
  )
  const some = await pictureOf(machine('healthy', said({[state]: [list, '']})))
  const unseen = await pictureOf(machine('healthy', said({})))
  const lists = (picture: Picture) =>
    [...valuesOf(picture)].filter(([name]) => name.startsWith('acl/'))
  expect(lists(none)).toEqual([[`acl/${state}`, 'none']])
  expect(lists(some)).toEqual([[`acl/${state}`, 'group::r-x user:33:r-x']])
  expect(lists(unseen)).toEqual([])
  expect(some.facts.get(`acl/${state}`)?.checks).toContain('state/directory')
})

test('every check knows something of the machine that it is judged by', async () => {
  expect(checks.filter(({facts}) => !facts).map(({id}) => id)).toEqual([])
})

test.each([
  ['http/log', 'front/nginx/http/sendfile'],
  ['service/access', 'access//var/lib/prism-django'],
  ['service/access', 'user/prism/groups'],
  ['service/journal', 'environment/ALLOWED_HOSTS'],
  ['service/journal', 'python/django'],
  ['static/collected', 'static files/css'],
  ['static/fresh', 'static files/css'],
  ['static/integrity', 'static files/css'],
  ['state/modes', 'access//var/lib/prism-django'],
])('%s is touched by %s', async (id, name) => {
  const {facts} = await pictureOf(machine('healthy'))
  expect(facts.get(name)?.checks).toContain(id)
})

test('how far the code is compared is told, and that it grew is one change', async () => {
  const key = 'prism-django.service: ask Django: settings'
  const picture = {
    distributions: {},
    modules: [],
    encoding: 'utf-8 utf-8',
    settings: {},
    code: null,
    directories: null,
    isWhole: true,
  }
  const codeIn = async (edit: object) => {
    const host = machine('healthy', {
      asUnit: {
        [key]: djangoSaid('healthy', answer => ({...answer, picture: {...picture, ...edit}})),
      },
    })
    const taken = await pictureOf(host)
    expect([...taken.unseen]).toEqual([])
    const isOfCode = (name: string): boolean => /^(?:code|project)/.test(name)
    return [...taken.wholes.keys(), ...valuesOf(taken).keys()]
      .filter(isOfCode)
      .map(name => `${name} ${valuesOf(taken).get(name) ?? ''}`.trim())
  }
  const digest = 'a'.repeat(32)
  expect(await codeIn({code: {'/srv/shop/urls.py': [digest, 0]}})).toEqual([
    'code/',
    'project/compared by the content of each file',
    `code//srv/shop/urls.py ${digest}`,
  ])
  expect(await codeIn({directories: {'/srv/shop': [digest, 0]}})).toEqual([
    'project/compared by names and sizes of the files in each directory',
    `code in /srv/shop ${digest}`,
  ])
  expect(await codeIn({})).toEqual(['project/compared not at all: too much'])
  expect(await codeIn({isWhole: false})).toEqual([])
})
