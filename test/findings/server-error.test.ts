import {expect, test} from 'vitest'
import {httpApp} from '../../src/checks/http/app.ts'
import type {FileAnswer, Host} from '../../src/host/host.ts'
import {journal, journalStart, type Line, service} from '../journal.ts'
import {fixture, machine, recorded, verdicts} from '../machine.ts'

const {answers} = fixture('healthy')
const login = Object.keys(answers.request ?? {}).find(key => key.includes('8000/accounts/login/ ')) ?? ''
const lines600 = Object.keys(answers.exec ?? {}).find(key => key.startsWith('journalctl') && key.includes('600')) ?? ''
const project = Object.keys(answers.walk ?? {})
  .find(path => path.endsWith('/share/prism-django/static'))
  ?.replace(/\/static$/, '')

/** The healthy machine, whose login page fails; what its service said, and the templates of its package. */
function failing(lines: readonly Line[], templates: Readonly<Record<string, string>> = {}): Host {
  const page = recorded('healthy', 'request', login) as object
  const entries = Object.keys(templates).map(path => ({path, type: 'file', mode: 0o444, uid: 0, gid: 0}))
  const host = machine('healthy', {
    show: {'prism-django.service': {InvocationID: '8a42'}},
    request: {[login]: {...page, status: 500}},
    exec: {[lines600.replace('600', '200')]: {exitCode: 0, stdout: journal(lines), stderr: ''}},
    walk: {[project ?? '']: {entries, unreadable: [], truncated: false}},
    readFile: Object.fromEntries(
      Object.entries(templates).map(([path, text]) => [`${project}/${path}`, {kind: 'file', text, utf8: true}]),
    ),
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
})

test('an exception that is known leads to the check that finds its cause', async () => {
  const finding = await said(
    failing(traceback('django.db.utils.ProgrammingError: relation "django_session" does not exist')),
  )
  expect(finding?.message).toContain('500: relation "django_session" does not exist')
  expect(finding?.because).toEqual(['database/migrations'])
})

test('what was said long before the page was asked for proves nothing', async () => {
  const finding = await said(failing(traceback('IndexError: list index out of range', -300)))
  expect(finding?.message).toBe('127.0.0.1:8000 answers /accounts/login/ with 500')
})

test('what an earlier start of the unit said when it was stopped is not of this page', async () => {
  const lines = traceback('IndexError: list index out of range').map(line => ({...line, invocation: '71bc'}))
  const finding = await said(failing(lines))
  expect(finding?.message).toBe('127.0.0.1:8000 answers /accounts/login/ with 500')
})

test('what gunicorn stumbles over in its own log hides no exception of the page', async () => {
  const finding = await said(
    failing([
      ...traceback('IndexError: list index out of range'),
      service('--- Logging error ---', {at: 1, pid: 76}),
      ...traceback("RuntimeError: reentrant call inside <_io.BufferedWriter name='<stderr>'>", 1).slice(1),
      service('Call stack:', {at: 1}),
      service("Message: 'Worker (pid:77) was sent SIGTERM!'", {at: 1}),
      service('Arguments: ()', {at: 1}),
    ]),
  )
  expect(finding?.message).toContain('500: IndexError: list index out of range')
})

test('the command that shows the exception holds nothing that the process made up', async () => {
  const environ = Object.keys(answers.readFile ?? {}).find(name => /^\/proc\/\d+\/environ$/.test(name)) ?? ''
  const file = recorded('healthy', 'readFile', environ) as FileAnswer & {text: string}
  const evil = 'x");__import__("os")#'
  const text = file.text.replace(/ALLOWED_HOSTS=[^\0]*/, `ALLOWED_HOSTS=${evil}`)
  expect(text).toContain(evil)
  const host = failing([])
  const [finding] = await verdicts(httpApp, {
    ...host,
    readFile: (path, options) => (path === environ ? Promise.resolve({...file, text}) : host.readFile(path, options)),
    list: path => (path.endsWith('/bin') ? Promise.resolve(['prism-manage']) : host.list(path)),
    request: question => host.request({...question, headers: {...question.headers, host: 'prism.midship.local'}}),
  })
  expect(finding?.remedy?.steps[0]?.shell).toContain('Client(SERVER_NAME="localhost").get("/accounts/login/"')
  expect(JSON.stringify(finding?.remedy)).not.toContain('__import__')
})

const templates = {
  'templates/base.html': `{% load static %}<link href="{% static 'css/site.css' %}"><img src="{% static name %}">`,
  'templates/registration/login.html': '<link href="{% static "css/sight.css" %}">',
  'lighthouse/static/lighthouse/notes.html': '{% static "never/rendered.css" %}',
}

test('a name that a template gives and the manifest lacks is the reason where the journal has none', async () => {
  const finding = await said(failing([], templates))
  expect(finding?.message).toBe(
    '127.0.0.1:8000 answers /accounts/login/ with 500: templates/registration/login.html names the static file css/sight.css, which the manifest does not have',
  )
  expect(finding?.evidence).toContain('templates/registration/login.html: css/sight.css')
})

test.each([
  ['is in the manifest', '{% static "css/site.css" %}'],
  ['is there, with something behind it', '{% static "css/site.css?v=2#top" %}'],
  ['is a directory', '{% static "css/" %}'],
  ['is a variable', '{% static page.style %}'],
])('no template is blamed for a name that %s', async (_, text) => {
  const finding = await said(failing([], {'templates/a.html': text}))
  expect(finding?.message).toBe('127.0.0.1:8000 answers /accounts/login/ with 500')
})

test('a file that the package has and the manifest lacks is no mistake of the template', async () => {
  const path = '/var/lib/prism-django/staticfiles/staticfiles.json'
  const manifest = recorded('healthy', 'readFile', path) as {text: string}
  const text = manifest.text.replace(/"css\/site\.css": "[^"]*", /, '')
  expect(text).not.toBe(manifest.text)
  const host = failing([], templates)
  const finding = await said({
    ...host,
    readFile: (file, options) =>
      file === path ? Promise.resolve({...manifest, text} as FileAnswer) : host.readFile(file, options),
  })
  expect(finding?.message).toBe(
    '127.0.0.1:8000 answers /accounts/login/ with 500: templates/base.html names the static file css/site.css, which the manifest does not have',
  )
  // static/manifest among them, by the check's own graph.
  expect(finding?.because).toBeUndefined()
})
