import {describe, expect, test} from 'vitest'
import {serviceJournal} from '../../../src/checks/service/journal.ts'
import {journal, journalStart, type Line, service, systemd, unitName} from '../../journal.ts'
import {cannotLook, codes, type Edits, machine, verdicts} from '../../machine.ts'

/** The healthy machine, its service started at the first line, looked at ten minutes later. */
function logged(lines: readonly Line[], minutes = 10, edits: Edits = {}) {
  const host = machine('healthy', {
    ...edits,
    journal: {[unitName]: journal([systemd('Starting Prism...'), ...lines])},
    show: {
      'prism-django.service': {
        ExecMainStartTimestamp: 'Mon 2026-11-23 08:28:00 UTC',
        InvocationID: '8a42',
      },
    },
  })
  return {...host, now: () => journalStart + minutes * 60_000}
}

const traceback = (...text: readonly string[]): readonly Line[] => [
  service('Traceback (most recent call last):'),
  service('  File "/nix/store/abc-prism/share/prism/lighthouse/views.py", line 7, in index'),
  ...text.map(line => service(line)),
]

test('a recorded healthy machine', async () => {
  expect(await codes(serviceJournal, machine('healthy'))).toEqual(['ok ok'])
})

test('an error that belongs to a check is explained by that', async () => {
  const lines = traceback(
    'django.db.utils.OperationalError: connection to server at "localhost" (::1), port 5432 failed: FATAL:  password authentication failed for user "prism"',
  )
  const [finding] = await verdicts(serviceJournal, logged([...lines, ...lines]))
  expect(finding).toMatchObject({status: 'warning', code: 'error', because: ['database/login']})
  expect(finding?.message).toMatch(/^logged twice|^logged 2 times/)
})

test('an exception that nobody has described', async () => {
  const [finding] = await verdicts(
    serviceJournal,
    logged(traceback('ZeroDivisionError: division by zero')),
  )
  expect(finding).toMatchObject({status: 'warning', code: 'exception'})
  expect(finding?.message).toContain('ZeroDivisionError: division by zero')
  expect(finding?.message).toContain('last at 08:28 UTC')
})

describe('look-alikes', () => {
  test('what happened more than an hour ago', async () => {
    expect(
      await codes(serviceJournal, logged(traceback('ZeroDivisionError: division by zero'), 90)),
    ).toEqual(['ok ok'])
  })

  test('what a start before this one said', async () => {
    const before = traceback('ZeroDivisionError: division by zero').map(line => ({
      ...line,
      invocation: 'old',
      at: -60,
    }))
    expect(await codes(serviceJournal, logged(before))).toEqual(['ok ok'])
  })

  test('scanners ask for names that nginx does not serve', async () => {
    const line = service(
      "Invalid HTTP_HOST header: '203.0.113.9'. You may need to add '203.0.113.9' to ALLOWED_HOSTS.",
    )
    expect(await codes(serviceJournal, logged([line]))).toEqual(['ok ok'])
  })

  test('lines of the access log may hold any words', async () => {
    const line = service(
      '203.0.113.9 - - [23/Nov/2026:08:28:04 +0000] "GET /?q=ModuleNotFoundError: HTTP/1.1" 404 179 "-" "x"',
    )
    expect(await codes(serviceJournal, logged([line]))).toEqual(['ok ok'])
  })

  test.each([
    "django.core.exceptions.DisallowedHost: Invalid HTTP_HOST header: '203.0.113.9'. You may need to add '203.0.113.9' to ALLOWED_HOSTS.",
    'django.core.exceptions.PermissionDenied',
    'django.http.request.UnreadablePostError: error during read(65536) on wsgi.input',
    'BrokenPipeError: [Errno 32] Broken pipe',
  ])('what clients do, where Django logs it with a traceback: %s', async text => {
    expect(await codes(serviceJournal, logged(traceback(text)))).toEqual(['ok ok'])
  })

  test.each([
    'Control server error: [Errno 13] Permission denied',
    '/nix/store/x/django/core/handlers/base.py:61: UserWarning: No directory at: /var/lib/prism-django/staticfiles/',
  ])('noise: %s', async text => {
    expect(await codes(serviceJournal, logged([service(text)]))).toEqual(['ok ok'])
  })
})

/** One request that fails, as django.request and gunicorn's access log tell of it. */
const failedRequest = (at: number, pid = 200): readonly Line[] => [
  service('Internal Server Error: /', {at, pid}),
  service('Traceback (most recent call last):', {at, pid}),
  service('psycopg2.OperationalError: server closed the connection unexpectedly', {at, pid}),
  service('\tThis probably means the server terminated abnormally', {at, pid}),
  service('The above exception was the direct cause of the following exception:', {at, pid}),
  service('Traceback (most recent call last):', {at, pid}),
  service('django.db.utils.OperationalError: server closed the connection unexpectedly', {at, pid}),
  service('\tThis probably means the server terminated abnormally', {at, pid}),
]
const access = (status: number, at: number, pid = 200, path = '/'): Line =>
  service(
    `127.0.0.1 - - [26/Nov/2026:17:01:29 -0700] "GET ${path} HTTP/1.1" ${status} 145 "-" "x"`,
    {at, pid},
  )

describe('one event', () => {
  const one = [...failedRequest(1), access(500, 1)]

  /** What the page itself says as it is asked for now, by which time that is. */
  const asked = (status: (time: number) => number): Edits => ({
    request: Object.fromEntries(
      [1, 2, 3, 4, 5].map(time => [
        `http://127.0.0.1:8000/ host: prism.midship.local cookie: sessionid=prismdoctorprismdoctorprismdoctor${time > 1 ? ` time ${time}` : ''}`,
        {kind: 'response', status: status(time), headers: {}, body: '', length: 0, sha256: ''},
      ]),
    ),
  })
  const fails = asked(() => 500)
  const comes = asked(() => 200)

  test('is counted once, whatever its chain is', async () => {
    const [finding] = await verdicts(serviceJournal, logged(one, 10, fails))
    expect(finding).toMatchObject({code: 'error', because: ['database/server', 'database/health']})
    expect(finding?.message).toMatch(/^logged once, last at 08:28 UTC: .*unexpectedly, at \/$/)
  })

  test('is counted once where two loggers tell of it, and twice where two requests fail', async () => {
    const again = failedRequest(1).map(line =>
      line.text.startsWith('Internal') ? {...line, text: 'Error handling request /?page=2'} : line,
    )
    const twice = [...failedRequest(1), ...again, access(500, 1), ...failedRequest(2, 201)]
    const [finding] = await verdicts(
      serviceJournal,
      logged([...twice, access(500, 2, 201)], 10, fails),
    )
    expect(finding?.message).toMatch(/^logged 2 times,/)
  })

  test('of which no access log tells is told apart by who logs it, and when', async () => {
    const said = async (...lines: readonly Line[]) =>
      (await verdicts(serviceJournal, logged(lines, 10, fails)))[0]?.message
    expect(await said(...failedRequest(1), ...failedRequest(1.01))).toMatch(/^logged once/)
    expect(await said(...failedRequest(1), ...failedRequest(2))).toMatch(/^logged 2 times/)
  })

  /** Good answers, five seconds after the failure and later. */
  const well = (count: number, path = '/'): readonly Line[] =>
    Array.from({length: count}, (_, index) => access(200, 5 + index, 201, path))

  test('is over where its page was answered well since', async () => {
    const host = logged([...one, ...well(5), access(200, 12, 200, '/x')])
    const [finding] = await verdicts(serviceJournal, host)
    expect(finding).toMatchObject({status: 'warning', code: 'over'})
    expect(finding?.message).toMatch(/^logged once, last 10 min ago; 5 good answers since: /)
    expect(finding?.because).toBeUndefined()
  })

  test.each([
    ['only another page', well(9, '/x/')],
    ['an error again', [access(404, 5)]],
    // Whoever is not logged in is sent to a form, whatever is wrong behind it.
    ['only a form to log in', Array.from({length: 9}, (_, index) => access(302, 5 + index))],
    ['it well only once', [access(200, 5)]],
  ])('is not over where %s was answered since', async (_, lines) => {
    const host = logged([...one, ...lines], 10, fails)
    const [finding] = await verdicts(serviceJournal, host)
    expect(finding?.code).toBe('error')
    expect(finding?.experiments).toMatchObject([{runs: 1, rulesOut: null}])
  })

  test('is asked for again where the access log does not tell enough', async () => {
    const [finding] = await verdicts(serviceJournal, logged([...one, ...well(2)], 10, comes))
    expect(finding).toMatchObject({code: 'over', experiments: [{runs: 3}]})
    expect(finding?.message).toContain('; 5 good answers since: ')
    const sometimes = asked(time => (time < 3 ? 200 : 500))
    const [again] = await verdicts(serviceJournal, logged([...one, ...well(2)], 10, sometimes))
    expect(again).toMatchObject({code: 'error', experiments: [{runs: 3}]})
  })

  test('that comes and goes is not over right after a good answer', async () => {
    const lines = [0, 10, 20].flatMap(from => [
      ...failedRequest(from),
      access(500, from),
      ...[1, 2, 3].map(later => access(200, from + later, 201)),
    ])
    const [finding] = await verdicts(serviceJournal, logged(lines, 10, fails))
    expect(finding?.code).toBe('error')
    expect(finding?.message).toMatch(
      /^logged 3 times, last at 08:28 UTC, with 6 good answers to the same in between: /,
    )
    const long = [...lines, ...Array.from({length: 8}, (_, at) => access(200, 30 + at, 201))]
    expect(await codes(serviceJournal, logged(long, 10, fails))).toEqual(['warning over'])
  })

  test('of a page with a query is not over by another query', async () => {
    const query = (line: Line): Line => ({
      ...line,
      text: line.text.replace('GET / ', 'GET /?id=5 '),
    })
    const lines = [...failedRequest(1), query(access(500, 1))]
    expect(await codes(serviceJournal, logged([...lines, ...well(9)]))).toEqual(['warning error'])
    const same = [...lines, ...well(5).map(query)]
    expect(await codes(serviceJournal, logged(same))).toEqual(['warning over'])
  })

  test('is not over where a form was sent, and only comes up since', async () => {
    const sent = (line: Line): Line => ({...line, text: line.text.replace('"GET ', '"POST ')})
    const lines = [...failedRequest(1), sent(access(500, 1)), ...well(9)]
    expect(await codes(serviceJournal, logged(lines))).toEqual(['warning error'])
    const again = [...lines, ...[20, 21, 22, 23, 24].map(at => sent(access(302, at)))]
    expect(await codes(serviceJournal, logged(again))).toEqual(['warning over'])
  })

  test('of which no access log tells is over where any page must have met it', async () => {
    expect(await codes(serviceJournal, logged(failedRequest(1), 10, comes))).toEqual([
      'warning over',
    ])
    // It may have been a form that failed.
    const own = failedRequest(1).map(line => ({
      ...line,
      text: line.text.replace(/^\S+OperationalError: .*/, 'ValueError: the lamp is out'),
    }))
    expect(await codes(serviceJournal, logged(own, 10, comes))).toEqual(['warning exception'])
  })

  test('lost with a kept connection has a remedy of its own', async () => {
    const kept = {django: {databases: {default: {connMaxAge: 600}}}} as const
    const [finding] = await verdicts(serviceJournal, logged([...one, ...well(5)], 10, kept))
    expect(finding?.remedy?.summary).toContain('CONN_HEALTH_CHECKS')
  })
})

test('a name that nginx serves, where Django logs a traceback', async () => {
  const name = 'prism.midship.local'
  const text = `django.core.exceptions.DisallowedHost: Invalid HTTP_HOST header: '${name}'. You may need to add '${name}' to ALLOWED_HOSTS.`
  const [finding] = await verdicts(serviceJournal, logged(traceback(text)))
  expect(finding).toMatchObject({
    status: 'warning',
    code: 'disallowed-host',
    because: ['http/proxy'],
  })
})

test('a worker that crashed while the service ran', async () => {
  const [finding] = await verdicts(
    serviceJournal,
    logged([service('Worker (pid:31) was sent SIGSEGV!')]),
  )
  expect(finding).toMatchObject({status: 'warning', code: 'error'})
})

test('a name that nginx serves', async () => {
  const name = 'prism.midship.local'
  const line = service(
    `Invalid HTTP_HOST header: '${name}'. You may need to add '${name}' to ALLOWED_HOSTS.`,
  )
  const [finding] = await verdicts(serviceJournal, logged([line]))
  expect(finding).toMatchObject({
    status: 'warning',
    code: 'disallowed-host',
    because: ['http/proxy'],
  })
})

test('a journal that may not be read proves nothing', async () => {
  const host = machine('healthy', {
    uid: 1000,
    journal: {[unitName]: cannotLook('the journal is not shown to this user', true)},
  })
  await expect(verdicts(serviceJournal, host)).rejects.toMatchObject({privilege: true})
})

describe('forms that are refused for their origin', () => {
  const forbidden = (origin: string) =>
    service(
      `Forbidden (Origin checking failed - ${origin} does not match any trusted origins.): /accounts/login/`,
    )
  const ours = 'https://prism.midship.local'

  test('count where a front serves the name', async () => {
    const lines = [forbidden(ours), forbidden(ours)]
    const [finding, ...others] = await verdicts(serviceJournal, logged(lines))
    expect(others).toEqual([])
    expect(finding).toMatchObject({status: 'warning', code: 'untrusted-origin'})
    expect(finding?.message).toBe(
      `forms sent from ${ours}, which nginx serves, were refused 2 times: Django does not trust that origin`,
    )
  })

  test('do not where the settings trust it by now', async () => {
    const edits = {django: {settings: {CSRF_TRUSTED_ORIGINS: [ours]}}} as const
    expect(await codes(serviceJournal, logged([forbidden(ours)], 10, edits))).toEqual(['ok ok'])
  })

  test.each([
    forbidden('https://evil.example'),
    forbidden('https://prism.midship.local.evil.example'),
    service('Forbidden (CSRF cookie not set.): /accounts/login/'),
    service('Forbidden (Referer checking failed - no Referer.): /accounts/login/'),
    service(
      `203.0.113.9 - - [23/Nov/2026:08:28:04 +0000] "GET /?q=Forbidden (Origin checking failed - ${ours} does not match any trusted origins.): / HTTP/1.1" 200 1 "-" "x"`,
    ),
  ])('of others prove nothing: $text', async line => {
    expect(await codes(serviceJournal, logged([line]))).toEqual(['ok ok'])
  })
})
