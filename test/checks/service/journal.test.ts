import {describe, expect, test} from 'vitest'
import {serviceJournal} from '../../../src/checks/service/journal.ts'
import {journal, journalStart, type Line, service, systemd, unitName} from '../../journal.ts'
import {cannotLook, codes, machine, verdicts} from '../../machine.ts'

/** The healthy machine, its service started at the first line, looked at ten minutes later. */
function logged(lines: readonly Line[], minutes = 10) {
  const host = machine('healthy', {
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
