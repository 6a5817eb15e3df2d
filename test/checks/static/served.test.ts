import {expect, test} from 'vitest'
import {staticServed} from '../../../src/checks/static/served.ts'
import {CannotLook, type Host, type HttpAnswer} from '../../../src/host/host.ts'
import {codes, type Edits, fixture, recorded, verdicts} from '../../machine.ts'
import {edited, root} from './machines.ts'

const asked = Object.keys(fixture('healthy').answers.request ?? {}).filter(key =>
  key.includes('/static/'),
)

/** Changes what is answered to the questions whose key holds all of these words. */
function answering(
  words: readonly string[],
  change: (answer: Extract<HttpAnswer, {kind: 'response'}>) => HttpAnswer,
) {
  const keys = asked.filter(key => words.every(word => key.includes(word)))
  expect(keys.length).toBeGreaterThan(0)
  const request = Object.fromEntries(
    keys.map(key => [
      key,
      change(recorded('healthy', 'request', key) as Extract<HttpAnswer, {kind: 'response'}>),
    ]),
  )
  return edited({more: {request} as Edits})
}

test('a recorded healthy machine serves its style sheet, by itself and by nginx, plain and compressed', async () => {
  expect(asked).toHaveLength(4)
  expect(await codes(staticServed, edited({}))).toEqual(['ok ok'])
})

test('the application does not know the file; the surviving .gz hides it from browsers', async () => {
  const [finding] = await verdicts(
    staticServed,
    answering([':8000/', 'identity'], answer => ({...answer, status: 404})),
  )
  expect(finding).toMatchObject({status: 'critical', code: 'not-served'})
  expect(finding?.message).toMatch(
    /^127\.0\.0\.1:8000 answers \/static\/css\/site\.\w+\.css with 404 \(as identity\)$/,
  )
})

test('nothing comes while the service is starting, which is no more than that', async () => {
  const host = answering([':8000/'], () => ({
    kind: 'unreachable',
    code: 'ECONNREFUSED',
    message: 'refused',
  }))
  const starting: Host = {
    ...host,
    units: async (names, properties) => {
      const shown = await host.units(names, properties)
      return shown.map((unit, index) =>
        names[index] === 'prism-django.service'
          ? {...unit, ActiveState: 'activating', SubState: 'start-pre'}
          : unit,
      )
    },
  }
  expect(await codes(staticServed, starting)).toEqual(['warning starting'])
  expect(await codes(staticServed, host)).toEqual(['critical not-served'])
})

test('who is asked for a password first is not told what comes then', async () => {
  const host = answering([''], answer => ({...answer, status: 401, headers: {}}))
  const [finding] = await verdicts(staticServed, host)
  expect(finding).toMatchObject({status: 'ok'})
  expect(finding?.message).toContain('what comes then is not judged')
})

test("a location of nginx's takes the request", async () => {
  const [finding] = await verdicts(
    staticServed,
    answering([':80/'], answer => ({...answer, status: 410})),
  )
  expect(finding?.message).toContain('nginx for prism.midship.local answers')
})

test('other bytes come than were collected', async () => {
  const host = answering([':80/', 'identity'], answer => ({...answer, md5: '000000000000'}))
  expect(await codes(staticServed, host)).toEqual(['critical other-bytes'])
})

test('a hashed file that browsers may keep for a minute only', async () => {
  const host = answering([':8000/'], answer => ({
    ...answer,
    headers: {...answer.headers, 'cache-control': 'max-age=60, public'},
  }))
  const [finding] = await verdicts(staticServed, host)
  expect(finding).toMatchObject({status: 'warning', code: 'not-immutable'})
  expect(finding?.message).toContain('max-age=60')
})

test('nginx need not set Cache-Control, and a redirect to https is no fault', async () => {
  const bare = answering([':80/'], answer => ({
    ...answer,
    headers: {...answer.headers, 'cache-control': ''},
  }))
  expect(await codes(staticServed, bare)).toEqual(['ok ok'])
  const redirect = answering([':80/'], answer => ({
    ...answer,
    status: 301,
    headers: {location: 'https://prism.midship.local/'},
  }))
  expect(await codes(staticServed, redirect)).toEqual(['ok ok'])
})

/** nginx with a directive, and with this answer to each of these questions. */
function turning(directive: string, keys: readonly string[], status: number): Edits {
  const configuration =
    Object.keys(fixture('healthy').answers.readFile ?? {}).find(path =>
      path.endsWith('-nginx.conf'),
    ) ?? ''
  const file = recorded('healthy', 'readFile', configuration) as {
    kind: 'file'
    text: string
    utf8: boolean
  }
  const request = Object.fromEntries(
    keys.map(key => [key, {...(recorded('healthy', 'request', key) as object), status}]),
  )
  const text = file.text.replace('proxy_pass', `${directive}; proxy_pass`)
  return {request, readFile: {[configuration]: {...file, text}}} as Edits
}

const ofFiles = asked.filter(key => key.includes(':80/'))
const ofAll = Object.keys(fixture('healthy').answers.request ?? {}).filter(key =>
  key.includes(':80/'),
)

test.each([
  ['a password', turning('auth_basic "Prism"', ofFiles, 401), 'ok ok'],
  ['visitors of a network', turning('deny 10.0.0.0/8', ofAll, 403), 'ok ok'],
  ['files alone', turning('deny 10.0.0.0/8', ofFiles, 403), 'critical not-served'],
])(
  'what nginx turns away by its configuration is a fault only for files alone: %s',
  async (_, more, said) => {
    expect(await codes(staticServed, edited({more}))).toEqual([said])
  },
)

test('a style sheet that comes as another type than it is', async () => {
  const host = answering([':80/'], answer => ({
    ...answer,
    headers: {...answer.headers, 'content-type': 'text/plain'},
  }))
  const [finding] = await verdicts(staticServed, host)
  expect(finding).toMatchObject({status: 'critical', code: 'wrong-type'})
  expect(finding?.message).toMatch(
    /^nginx for prism\.midship\.local answers \S+\.css as text\/plain/,
  )
})

test('neither the application nor a front serves static files', async () => {
  const keys = asked.filter(key => key.includes(':80/'))
  const request = Object.fromEntries(
    keys.map(key => [key, {...(recorded('healthy', 'request', key) as object), status: 404}]),
  )
  const django = {settings: {MIDDLEWARE: ['django.middleware.common.CommonMiddleware']}}
  const [finding] = await verdicts(staticServed, edited({django, more: {request} as Edits}))
  expect(finding).toMatchObject({status: 'critical', code: 'not-served'})
  expect(finding?.message).toMatch(
    /^neither the application nor nginx serves static files: nginx for prism\S+ answers/,
  )
})

test.each([
  {files: {}, complete: false},
  {files: {'site.css': {md5: null}}, complete: true},
])('no file to ask for, because none was read: %j', async answer => {
  const host = edited({more: {digests: {[root]: answer}}})
  await expect(verdicts(staticServed, host)).rejects.toThrow(CannotLook)
})
