import {expect, test} from 'vitest'
import {understand, wordsOf} from '../../../src/facts/journal/chain.ts'
import {lastFailure, linesOf, restarts} from '../../../src/facts/journal/journal.ts'
import {statements} from '../../../src/facts/journal/statements.ts'
import {child, journal, journalStart, service, systemd, unitName} from '../../journal.ts'

const parsed = (...lines: Parameters<typeof journal>[0]) => linesOf(journal(lines), unitName, 5100)

test("takes what systemd's short-lived child said, which has no control group yet", () => {
  const text =
    'Failed at step NAMESPACE spawning /nix/store/x/bin/pre-start: No such file or directory'
  expect(parsed(child(text))).toMatchObject([
    {by: 'systemd', text, invocation: '8a42', at: journalStart},
  ])
})

test('believes UNIT= of root and of the service alone', () => {
  const forged = {
    by: 'stranger',
    text: 'A process of this unit has been killed by the OOM killer.',
  } as const
  expect(parsed(forged)).toEqual([])
  expect(linesOf(journal([forged]), unitName, 1000)).toHaveLength(1)
})

test('leaves out what gunicorn and uvicorn write before their words', () => {
  const lines = parsed(
    service("[2026-11-23 08:28:04 +0000] [205] [ERROR] Can't connect to ('127.0.0.1', 8000)"),
    service('[2026-11-23 08:19:57 -0700] [188] [INFO] Worker exiting (pid: 188)'),
    service('INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)'),
  )
  expect(lines.map(({text}) => text)).toEqual([
    "Can't connect to ('127.0.0.1', 8000)",
    'Worker exiting (pid: 188)',
    'Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)',
  ])
})

test('leaves out colours, and keeps letters', () => {
  const text = '\x1b[31;1mdépendance manquante\x1b[0m'
  expect(parsed(service(text))).toMatchObject([{text: 'dépendance manquante'}])
})

test('the last failure is the start that failed, not the one that is under way', () => {
  const lines = parsed(
    service('Running database migrations...', {invocation: 'f1'}),
    systemd('Control process exited, code=exited, status=1/FAILURE', {invocation: 'f1'}),
    systemd("Failed with result 'exit-code'.", {invocation: 'f1'}),
    systemd('Scheduled restart job, restart counter is at 5.', {invocation: 'f1', at: 10}),
    service('Collecting static files...', {invocation: 'f2'}),
  )
  expect(lastFailure(lines).map(({invocation}) => invocation)).toEqual(['f1', 'f1', 'f1', 'f1'])
  expect(restarts(lines)).toEqual([journalStart + 10_000])
})

test('the words of a process that was gone before journald looked at it belong to the start that they stand in', () => {
  const words =
    '/nix/store/x-pre-start/bin/pre-start: line 4: /nix/store/x-prism/bin/prism-migrate: No such file or directory'
  const start = (invocation: string) => [
    service('Running database migrations...', {invocation}),
    service(words, {invocation: null}),
    systemd('Control process exited, code=exited, status=127/n/a', {invocation}),
  ]
  const lines = parsed(...start('f1'), ...start('f2'), service('later', {invocation: null}))
  expect(lastFailure(lines).map(({text}) => text)).toEqual([
    'Running database migrations...',
    words,
    'Control process exited, code=exited, status=127/n/a',
  ])
})

test('the last line of a traceback counts, with where in the package it came up', () => {
  const lines = parsed(
    service('[2026-11-23 08:28:14 +0000] [298] [ERROR] Exception in worker process', {pid: 298}),
    service('Traceback (most recent call last):', {pid: 298}),
    service(
      '  File "/usr/lib/python3/dist-packages/gunicorn/arbiter.py", line 589, in spawn_worker',
      {pid: 298},
    ),
    service('    worker.init_process()', {pid: 298}),
    service('[2026-11-23 08:28:14 +0000] [297] [INFO] Booting worker with pid: 297', {pid: 297}),
    service(
      '  File "/nix/store/07ac2d3623b48a8f61ca4f340a97815c-prism-django-unstable/share/prism-django/prism/wsgi.py", line 1, in <module>',
      {pid: 298},
    ),
    service('    import prism_metrics', {pid: 298}),
    service("ModuleNotFoundError: No module named 'prism_metrics'", {pid: 298}),
    service('[2026-11-23 08:28:14 +0000] [298] [INFO] Worker exiting (pid: 298)', {pid: 298}),
  )
  expect(statements(lines).filter(({exception}) => exception)).toMatchObject([
    {text: "ModuleNotFoundError: No module named 'prism_metrics'", where: 'prism/wsgi.py, line 1'},
  ])
  expect(statements(lines).map(({text}) => text)).toContain('Worker exiting (pid: 298)')
})

test('an exception keeps its further lines, and a chain ends with the last', () => {
  const lines = parsed(
    service('Traceback (most recent call last):'),
    service(
      'psycopg2.OperationalError: connection to server at "localhost" (::1), port 5433 failed: Connection refused',
    ),
    service('\tIs the server running on that host and accepting TCP/IP connections?'),
    service(
      'connection to server at "localhost" (127.0.0.1), port 5433 failed: FATAL:  database "x" does not exist',
    ),
    service(''),
    service('The above exception was the direct cause of the following exception:'),
    service(''),
    service('Traceback (most recent call last):'),
    service('    return Database.connect(**params)'),
    service('django.db.utils.OperationalError: connection refused'),
  )
  const [said, ...others] = statements(lines)
  expect(others).toEqual([])
  expect(said).toMatchObject({text: 'django.db.utils.OperationalError: connection refused'})
  expect(said?.chain.map(({leads}) => leads)).toEqual(['cause'])
  expect(said?.chain[0]?.text.split('\n')).toHaveLength(3)
})

/** As Python 3.13 prints it, and journald keeps it. */
const unconfigured = [
  'Traceback (most recent call last):',
  '  File "/usr/lib/python3.13/logging/__init__.py", line 1248, in _open',
  '    return open_func(self.baseFilename, self.mode,',
  "PermissionError: [Errno 13] Permission denied: '/var/log/prism/app.log'",
  'The above exception was the direct cause of the following exception:',
  'Traceback (most recent call last):',
  '  File "/usr/lib/python3.13/logging/config.py", line 611, in configure',
  "ValueError: Unable to configure handler 'file'",
]

test('a chain is one statement, with what led to it', () => {
  const said = statements(parsed(...unconfigured.map(text => service(text))))
  expect(said.map(({text}) => text)).toEqual(["ValueError: Unable to configure handler 'file'"])
  expect(said[0]?.chain).toEqual([
    {
      text: "PermissionError: [Errno 13] Permission denied: '/var/log/prism/app.log'",
      where: null,
      leads: 'cause',
    },
  ])
})

test('two exceptions that nothing links are two', () => {
  const lines = unconfigured
    .filter(text => !text.startsWith('The above'))
    .map(text => service(text))
  expect(statements(parsed(...lines)).map(({chain}) => chain.length)).toEqual([0, 0])
})

test('of an exception group the first that it holds is the cause, and its chain is kept', () => {
  const lines = [
    '  + Exception Group Traceback (most recent call last):',
    '  |   File "/srv/app/tasks.py", line 11, in main',
    "  |     raise ExceptionGroup('unhandled errors in a TaskGroup', errs)",
    '  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)',
    '  +-+---------------- 1 ----------------',
    '    | Traceback (most recent call last):',
    '    |   File "/srv/app/tasks.py", line 2, in f',
    "    |     raise PermissionError(13,'Permission denied','/srv/x/app.log')",
    "    | PermissionError: [Errno 13] Permission denied: '/srv/x/app.log'",
    '    | ',
    '    | The above exception was the direct cause of the following exception:',
    '    | ',
    '    | Traceback (most recent call last):',
    '    |   File "/srv/app/tasks.py", line 5, in g',
    "    |     except Exception as e: raise RuntimeError('no') from e",
    '    | RuntimeError: no',
    '    +---------------- 2 ----------------',
    '    | Traceback (most recent call last):',
    '    |   File "/srv/app/tasks.py", line 2, in h',
    '    | TypeError: not of interest',
    '    +------------------------------------',
    'Worker exiting (pid: 200)',
  ]
  const said = statements(parsed(...lines.map(text => service(text))))
  expect(said.map(({text}) => text)).toEqual([
    'ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)',
    'Worker exiting (pid: 200)',
  ])
  expect(said[0]).toMatchObject({
    where: '/srv/app/tasks.py, line 11',
    chain: [
      {
        text: "PermissionError: [Errno 13] Permission denied: '/srv/x/app.log'",
        where: '/srv/app/tasks.py, line 2',
      },
      {text: 'RuntimeError: no', where: '/srv/app/tasks.py, line 5'},
    ],
  })
})

test('a chain means what led to it, unless that is caught in the course of things', () => {
  const reason = (...texts: readonly string[]) => {
    const [said] = statements(parsed(...texts.map(text => service(text))))
    const {recognised, link = null} = (said && understand(said)) ?? {}
    return [recognised?.signature.name, said && wordsOf(said, link)]
  }
  expect(reason(...unconfigured)).toEqual([
    'permission-denied',
    "PermissionError: [Errno 13] Permission denied: '/var/log/prism/app.log'; ValueError: Unable to configure handler 'file'",
  ])
  const during = 'During handling of the above exception, another exception occurred:'
  const head = 'Traceback (most recent call last):'
  const zero = 'ZeroDivisionError: division by zero'
  expect(reason(head, "KeyError: 'DEFAULT'", during, head, zero)).toEqual([undefined, zero])
})

test('says where in the application an exception came up, and which request it ended', () => {
  const raised = (file: string) =>
    statements(
      parsed(
        service('ERROR 2026-11-23 views 105 Internal Server Error: /crops/'),
        service('Traceback (most recent call last):'),
        service(`  File "${file}", line 7, in listing`),
        service(
          '  File "/usr/lib/python3/dist-packages/django/db/models/query.py", line 9, in get',
        ),
        service('ZeroDivisionError: division by zero'),
      ),
    ).at(-1)
  const [own, venv] = [
    '/srv/app/crops/views.py',
    '/srv/app/venv/lib/python3.13/site-packages/crispy/views.py',
  ]
  expect(raised(own)).toMatchObject({where: `${own}, line 7`, path: '/crops/'})
  expect(raised(venv)).toMatchObject({where: null})
})
