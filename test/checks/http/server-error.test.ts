import {expect, test} from 'vitest'
import {httpApp} from '../../../src/checks/http/app.ts'
import type {DjangoAnswer, ExceptionLink} from '../../../src/facts/django/django.ts'
import type {ExecAnswer, FileAnswer, Host} from '../../../src/host/host.ts'
import type {Answer} from '../../../src/host/recording.ts'
import {journal, journalStart, type Line, service, unitName} from '../../journal.ts'
import {
  askedStart,
  cannotLook,
  djangoSaid,
  fixture,
  machine,
  recorded,
  verdicts,
} from '../../machine.ts'

const {answers} = fixture('healthy')
const login =
  Object.keys(answers.request ?? {}).find(key => /8000\/accounts\/login\/ .*cookie: /.test(key)) ??
  ''
const {file} = JSON.parse(djangoSaid('healthy').stdout) as DjangoAnswer
const project = (file ?? '').replace('/prism/settings.py', '')

/**
 * What Django is asked where nothing was logged: the page, made inside a new process of the unit.
 */
const askedOf = (name: string): string => `${askedStart} /accounts/login/ as ${name}`
const askedPage = askedOf('prism.midship.local')
type Page = NonNullable<NonNullable<DjangoAnswer['start']>['page']>

/**
 * A whole start that succeeds, as it was recorded beside a port that is taken, with what becomes of
 * the page.
 */
function page(status: number | null, ...chain: readonly ExceptionLink[]): ExecAnswer {
  const made: Page = {
    path: '/accounts/login/',
    status,
    chain: chain.length === 0 ? null : [...chain],
  }
  return djangoSaid(
    'port-taken',
    said => ({...said, start: {...said.start, page: made}}),
    askedStart,
  )
}

const raised: ExceptionLink = {
  type: 'ZeroDivisionError',
  message: 'division by zero',
  place: {file: `${project}/prism/views.py`, line: 12, function: 'login'},
  own: true,
  template: null,
  name: null,
  errno: null,
  filename: null,
}

/**
 * The healthy machine, whose login page fails; what its service said, and what Django says of the
 * page when it is asked.
 */
function failing(
  lines: readonly Line[],
  inside: ExecAnswer | Answer = cannotLook('nobody answered within 10 s'),
  name = 'prism.midship.local',
): Host {
  const answer = recorded('healthy', 'request', login) as object
  const host = machine('healthy', {
    show: {'prism-django.service': {InvocationID: '8a42'}},
    request: {[login]: {...answer, status: 500}},
    journal: {[unitName]: journal(lines)},
    asUnit: {[askedOf(name)]: inside},
  })
  return {...host, now: () => journalStart + 20_000}
}

async function said(host: Host) {
  const [finding, ...others] = await verdicts(httpApp, host)
  expect(others).toEqual([])
  expect(finding).toMatchObject({status: 'critical', code: 'server-error'})
  return finding
}

const traceback = (exception: string, at = 0): readonly Line[] => [
  service('Internal Server Error: /accounts/login/', {at}),
  service('Traceback (most recent call last):', {at}),
  service(`  File "${project}/prism/views.py", line 12, in login`, {at}),
  service('    return lamps[7]', {at}),
  service(exception, {at}),
]

test('the exception in the journal is the reason, with its place in the package', async () => {
  const finding = await said(failing(traceback('IndexError: list index out of range')))
  expect(finding?.message).toBe(
    '127.0.0.1:8000 answers /accounts/login/ with 500: IndexError: list index out of range (prism/views.py, line 12)',
  )
  expect(finding?.because).toBeUndefined()
  const steps = finding?.remedy?.steps.map(({shell}) => shell)
  expect(steps?.slice(1)).toEqual([
    'sudo nixos-rebuild switch',
    'sudo systemctl restart prism-django.service',
  ])
})

test('an exception that is known leads to the check that finds its cause', async () => {
  const finding = await said(
    failing(
      traceback('django.db.utils.ProgrammingError: relation "django_session" does not exist'),
    ),
  )
  expect(finding?.message).toContain('500: relation "django_session" does not exist')
  expect(finding?.because).toEqual(['database/migrations', 'app/settings'])
})

test.each([
  ['IntegrityError', 'duplicate key value violates unique constraint "lamps_pkey"', 'health'],
  ['ProgrammingError', 'relation "lamps" does not exist', 'migrations'],
  ['OperationalError', 'FATAL:  too many connections for role "prism"', 'health'],
])(
  'an exception that a new process raises leads there as well: %s',
  async (type, message, owner) => {
    const finding = await said(failing([], page(null, {...raised, type, message})))
    expect(finding?.because).toEqual(expect.arrayContaining([`database/${owner}`, 'app/settings']))
  },
)

test('where nobody knows why, the last lines of the service are shown', async () => {
  const finding = await said(failing([service('frobnicator: the moon is full')]))
  expect(finding?.open?.lines).toEqual(['frobnicator: the moon is full'])
})

test('what was said long before the page was asked for proves nothing', async () => {
  const finding = await said(failing(traceback('IndexError: list index out of range', -300)))
  expect(finding?.message).toBe('127.0.0.1:8000 answers /accounts/login/ with 500')
})

test('what an earlier start of the unit said when it was stopped is not of this page', async () => {
  const lines = traceback('IndexError: list index out of range').map(line => ({
    ...line,
    invocation: '71bc',
  }))
  const finding = await said(failing(lines))
  expect(finding?.message).toBe('127.0.0.1:8000 answers /accounts/login/ with 500')
})

test('what gunicorn stumbles over in its own log hides no exception of the page', async () => {
  const finding = await said(
    failing([
      ...traceback('IndexError: list index out of range'),
      service('--- Logging error ---', {at: 1, pid: 76}),
      ...traceback(
        "RuntimeError: reentrant call inside <_io.BufferedWriter name='<stderr>'>",
        1,
      ).slice(1),
      service('Call stack:', {at: 1}),
      service("Message: 'Worker (pid:77) was sent SIGTERM!'", {at: 1}),
      service('Arguments: ()', {at: 1}),
    ]),
  )
  expect(finding?.message).toContain('500: IndexError: list index out of range')
})

test('the command that shows the exception holds nothing that the process made up', async () => {
  const environ =
    Object.keys(answers.readFile ?? {}).find(name => /^\/proc\/\d+\/environ$/.test(name)) ?? ''
  const file = recorded('healthy', 'readFile', environ) as FileAnswer & {text: string}
  const evil = 'x");__import__("os")#'
  const text = file.text.replace(/ALLOWED_HOSTS=[^\0]*/, `ALLOWED_HOSTS=${evil}`)
  expect(text).toContain(evil)
  const host = failing([], undefined, 'localhost')
  const [finding] = await verdicts(httpApp, {
    ...host,
    readFile: (path, options) =>
      path === environ ? Promise.resolve({...file, text}) : host.readFile(path, options),
    list: path => (path.endsWith('/bin') ? Promise.resolve(['prism-manage']) : host.list(path)),
    request: question =>
      host.request({...question, headers: {...question.headers, host: 'prism.midship.local'}}),
  })
  expect(finding?.remedy?.steps[0]?.shell).toContain(
    'Client(SERVER_NAME="localhost").get("/accounts/login/"',
  )
  expect(JSON.stringify(finding?.remedy)).not.toContain('__import__')
})

test('what the page raises inside a process of the unit is the reason where the journal has none', async () => {
  const finding = await said(failing([], page(null, raised)))
  expect(finding?.message).toBe(
    '127.0.0.1:8000 answers /accounts/login/ with 500: ZeroDivisionError: division by zero (prism/views.py:12)',
  )
  expect(finding?.evidence).toContain(
    `ZeroDivisionError: division by zero (${project}/prism/views.py:12)`,
  )
  expect(finding).not.toHaveProperty('because')
})

test('a mistake of the package is its own reason', async () => {
  const finding = await said(
    failing([], page(null, {...raised, type: 'NameError', message: "name 'lamp' is not defined"})),
  )
  expect(finding?.because).toBe('itself')
})

test('a page that a new process makes shows that the running one is at fault', async () => {
  const finding = await said(failing([], page(200)))
  expect(finding?.message).toMatch(
    /with 500: a new process of the unit makes the same page \(200\), so the running one/,
  )
  expect(finding?.remedy).toMatchObject({
    risk: 'disruptive',
    steps: [{argv: ['systemctl', 'restart', 'prism-django.service']}],
  })
})

test('what keeps Django from starting at all is for app/settings to tell', async () => {
  const fails = djangoSaid('module-missing', said => ({
    ...said,
    failures: [{stage: 'start', chain: [raised]}],
  }))
  const finding = await said(failing([], fails))
  expect(finding?.message).toContain('ZeroDivisionError: division by zero')
  expect(finding?.because).toEqual(['app/settings'])
})

test('a name that a template gives and the manifest lacks is the reason where the journal has none', async () => {
  const real = recorded('static-never-collected', 'asUnit', askedPage) as ExecAnswer
  const inside = {
    ...real,
    stdout: real.stdout.replaceAll("entry for 'css/site.css'", "entry for 'css/sight.css'"),
  }
  expect(inside.stdout).not.toBe(real.stdout)
  const finding = await said(failing([], inside))
  expect(finding?.message).toBe(
    '127.0.0.1:8000 answers /accounts/login/ with 500: line 3 of templates/registration/login.html names the static file css/sight.css, which the manifest does not have',
  )
  expect(finding?.because).toEqual(['service/active', 'secrets/*', 'database/*'])
})

test('a file that the package has and the manifest lacks is no mistake of the template', async () => {
  const finding = await said(
    failing([], recorded('static-never-collected', 'asUnit', askedPage) as ExecAnswer),
  )
  expect(finding?.message).toBe(
    '127.0.0.1:8000 answers /accounts/login/ with 500: line 3 of templates/registration/login.html names the static file css/site.css, which the manifest does not have',
  )
  // static/manifest among them, which stands below.
  expect(finding?.because).toBeUndefined()
})
