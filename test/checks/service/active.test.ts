import {describe, expect, it} from 'vitest'
import {serviceActive} from '../../../src/checks/service/active.ts'
import {CannotLook, type FileAnswer, type Host} from '../../../src/host/host.ts'
import {child, journal, journalStart, type Line, service, systemd, unitName} from '../../journal.ts'
import {literalHost, nixosRelease} from '../../literal.ts'
import {startOf} from '../../live-host.ts'
import {codes, machine, verdicts} from '../../machine.ts'

const package_ = '/nix/store/p438s617dbgkjzflyfcxq4qbgmx2l829-prism-django-unstable'
const preStart =
  '/nix/store/c4a9zbgy13a8p6krgfjnblaj5zgm17l4-unit-script-prism-django-pre-start/bin/prism-django-pre-start'

/** As systemd 257 shows the unit while it runs. */
const running = {
  Id: unitName,
  LoadState: 'loaded',
  ActiveState: 'active',
  SubState: 'running',
  Result: 'success',
  Type: 'notify',
  RestartUSec: '10s',
  TimeoutStartUSec: '1min 30s',
  NRestarts: '0',
  MainPID: '0',
  UID: '[not set]',
  User: 'prism',
  ControlGroup: '/system.slice/prism-django.service',
  Requires: 'sysinit.target postgresql.service system.slice',
  ExecStart: `{ path=${package_}/bin/gunicorn ; argv[]=${package_}/bin/gunicorn --bind 127.0.0.1:8000 prism.wsgi ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`,
  ExecMainCode: '0',
  ExecMainStatus: '0',
  ActiveEnterTimestamp: 'Mon 2026-11-23 08:00:00.000000 UTC',
  ConditionResult: 'yes',
  AssertResult: 'yes',
}

const preStartEnded = (how: string): Record<string, string> => ({
  ExecStartPre: `{ path=${preStart} ; argv[]=${preStart} ; ignore_errors=no ; start_time=[Mon 2026-11-23 08:28:00.000000 UTC] ; stop_time=[Mon 2026-11-23 08:28:01.000000 UTC] ; pid=231 ; ${how} }`,
})

const waiting = {
  ActiveState: 'activating',
  SubState: 'auto-restart',
  Result: 'exit-code',
  ActiveExitTimestamp: 'Mon 2026-11-23 08:27:59.000000 UTC',
  StateChangeTimestamp: 'Mon 2026-11-23 08:28:02.000000 UTC',
  ...preStartEnded('code=exited ; status=1'),
}

const stopped = {
  ActiveState: 'inactive',
  SubState: 'dead',
  ActiveExitTimestamp: 'Mon 2026-11-23 08:27:59.000000 UTC',
  InactiveEnterTimestamp: 'Mon 2026-11-23 08:28:00.000000 UTC',
  ConditionTimestamp: 'Mon 2026-11-23 08:00:00.000000 UTC',
}

interface Machine {
  readonly unit?: Readonly<Record<string, string>>
  readonly postgresql?: Readonly<Record<string, string>>
  /** Null is a journal that may not be read. */
  readonly lines?: readonly Line[] | null
  readonly listeners?: string
  /** Of every process. */
  readonly cgroup?: string
  readonly unitFile?: string
  readonly uid?: number
  /** Milliseconds since the epoch. */
  readonly now?: number
}

function host({
  unit,
  postgresql,
  lines = [],
  listeners = '',
  cgroup,
  unitFile = '',
  uid = 0,
  now = journalStart + 5000,
}: Machine): Host {
  const database = {
    Id: 'postgresql.service',
    LoadState: 'loaded',
    ActiveState: 'active',
    ...postgresql,
  }
  const answer = (stdout: string) => ({exitCode: 0, stdout, stderr: ''})
  return literalHost({
    uid,
    now: () => now,
    stat: async () => null,
    readFile: async (path): Promise<FileAnswer> => {
      if (path === '/etc/os-release') return nixosRelease
      if (path.endsWith('/cgroup') && cgroup) return {kind: 'file', text: cgroup, utf8: true}
      return path === unit?.FragmentPath
        ? {kind: 'file', text: unitFile, utf8: true}
        : {kind: 'missing'}
    },
    units: async names => names.map(name => (name === unitName ? {...running, ...unit} : database)),
    journal: async () => {
      if (lines === null) throw new CannotLook('the journal is not shown to this user')
      return journal(lines)
    },
    exec: async argv => {
      const [program, , key] = argv
      if (program === 'ss') return answer(listeners)
      if (program === 'id') return answer('5100\n')
      if (program === 'getent')
        return key === 'prism' ? answer('prism:x:5100:5100::/:/bin/false\n') : answer('')
      throw new CannotLook(`${program} is not installed`)
    },
  })
}

async function finding(machine: Machine) {
  const [only, ...others] = await verdicts(serviceActive, host(machine))
  expect(others).toEqual([])
  return only
}

/** A start whose ExecStartPre= ends with a traceback. */
const traceback = (...last: readonly string[]): readonly Line[] => [
  systemd('Starting prism-django.service - Prism Django Application (Gunicorn)...'),
  service('Running database migrations...'),
  service('Traceback (most recent call last):', {pid: 232}),
  service(`  File "${package_}/share/prism-django/manage.py", line 22, in <module>`, {pid: 232}),
  ...last.map(text => service(text, {pid: 232})),
  systemd('Control process exited, code=exited, status=1/FAILURE'),
  systemd("Failed with result 'exit-code'."),
]

describe('service/active', () => {
  it('is silent while the service runs', async () => {
    expect(await finding({})).toMatchObject({
      status: 'ok',
      message: 'prism-django.service is active (running)',
    })
  })

  it('names a missing module as a cause of its own', async () => {
    const found = await finding({
      unit: waiting,
      lines: traceback("ModuleNotFoundError: No module named 'decouple'"),
    })
    expect(found).toMatchObject({
      status: 'critical',
      code: 'restarting',
      message:
        "prism-django.service fails and is started again every 10s: ModuleNotFoundError: No module named 'decouple'",
      because: ['app/settings'],
      since: '2026-11-23T08:27:59.000Z',
    })
    expect(found?.remedy?.risk).toBe('manual')
  })

  it.each([
    [
      [
        'decouple.UndefinedValueError: SECRET_KEY not found. Declare it as envvar or define a default value.',
      ],
      'secrets/keys',
    ],
    [
      [
        'django.db.utils.OperationalError: connection to server at "localhost" (::1), port 5432 failed: FATAL:  database "prism" does not exist',
      ],
      'database/exists',
    ],
    [
      [
        'django.db.utils.OperationalError: connection to server at "localhost" (::1), port 5432 failed: Connection refused',
        '\tIs the server running on that host and accepting TCP/IP connections?',
        'connection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "prism"',
      ],
      'database/login',
    ],
    [
      [
        "PermissionError: [Errno 13] Permission denied: '/var/lib/prism-django/staticfiles/staticfiles.json'",
      ],
      'state/ownership',
    ],
    [
      [`OSError: [Errno 30] Read-only file system: '${package_}/share/prism-django/staticfiles'`],
      'static/root',
    ],
    [["ValueError: Couldn't load manifest 'staticfiles.json' (version 1.1)"], 'static/manifest'],
    [['OSError: [Errno 28] No space left on device'], 'state/space'],
    [
      [
        'django.db.utils.ProgrammingError: permission denied for schema public',
        'LINE 1: CREATE TABLE "lighthouse_log" ("id" bigint NOT NULL PRIMARY ...',
      ],
      'database/privileges',
    ],
  ])('traces %j to another check', async (last, check) => {
    const found = await finding({unit: waiting, lines: traceback(...last)})
    expect(found?.because?.[0]).toBe(check)
    expect(found?.evidence[0]).toBe(last[0]?.replace(/\.$/, ''))
    expect(found?.remedy?.risk).toBe('disruptive')
  })

  it('leaves an exception that nobody described to what else is wrong', async () => {
    const found = await finding({unit: waiting, lines: traceback('zoneinfo.ZoneNotFound: no zone')})
    expect(found?.message).toContain('zoneinfo.ZoneNotFound: no zone')
    expect(found).toMatchObject({kind: 'symptom', explainedBy: ['app/settings']})
    expect(found).not.toHaveProperty('because')
  })

  it('corrects the package where its own code raised an exception that nobody described', async () => {
    const wsgi = `  File "${package_}/share/prism-django/prism/wsgi.py", line 2, in <module>`
    const raised = "AttributeError: module 'os' has no attribute 'nope'"
    const ended = [
      systemd('Main process exited, code=exited, status=3/NOTIMPLEMENTED'),
      systemd('Failed with result'),
    ]
    const said = (frame: string) => [
      service('Traceback (most recent call last):'),
      service(frame),
      service(raised),
    ]
    const own = await finding({unit: waiting, lines: [...said(wsgi), ...ended]})
    expect(own?.message).toContain(`${raised} (prism/wsgi.py, line 2)`)
    expect(own?.remedy).toMatchObject({
      summary: 'Correct the package, then rebuild',
      // To go back is for the history to offer.
      steps: [{shell: 'sudo nixos-rebuild switch'}],
      alternatives: [],
    })
    const foreign = await finding({
      unit: waiting,
      lines: [...said('  File "/usr/lib/x.py", line 9, in f'), ...ended],
    })
    expect(foreign?.remedy?.summary).toMatch(/^Read what it said last/)
  })

  it('takes what came before "Worker failed to boot", and no label of an exit code', async () => {
    const found = await finding({
      unit: {
        ...waiting,
        ...preStartEnded('code=exited ; status=0'),
        ExecMainCode: '1',
        ExecMainStatus: '3',
      },
      lines: [
        service('[2026-11-23 08:28:14 +0000] [298] [ERROR] Exception in worker process', {
          pid: 298,
        }),
        service('Traceback (most recent call last):', {pid: 298}),
        service(`  File "${package_}/share/prism-django/prism/wsgi.py", line 1, in <module>`, {
          pid: 298,
        }),
        service("ModuleNotFoundError: No module named 'prism_metrics'", {pid: 298}),
        service('[2026-11-23 08:28:14 +0000] [279] [ERROR] Worker (pid:298) exited with code 3', {
          pid: 279,
        }),
        service('Traceback (most recent call last):', {pid: 279}),
        service('    sys.exit(run())', {pid: 279}),
        service("gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>", {pid: 279}),
        systemd('Main process exited, code=exited, status=3/NOTIMPLEMENTED'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toMatch(/No module named 'prism_metrics' \(prism\/wsgi\.py, line 1\)$/)
    expect(JSON.stringify(found)).not.toContain('NOTIMPLEMENTED')
  })

  it('names who holds the port', async () => {
    const inUse = "[2026-11-23 08:28:03 +0000] [205] [ERROR] Connection in use: ('127.0.0.1', 8000)"
    const found = await finding({
      unit: {
        ...waiting,
        ...preStartEnded('code=exited ; status=0'),
        ExecMainCode: '1',
        ExecMainStatus: '1',
        ControlGroup: '',
      },
      listeners: 'tcp LISTEN 0 5 127.0.0.1:8000 0.0.0.0:* users:(("python3",pid=155,fd=3))\n',
      lines: [
        service(inUse),
        service('[2026-11-23 08:28:03 +0000] [205] [ERROR] Retrying in 1 second.'),
        service("[2026-11-23 08:28:04 +0000] [205] [ERROR] Can't connect to ('127.0.0.1', 8000)"),
        systemd('Main process exited, code=exited, status=1/FAILURE'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toMatch(
      /the address 127\.0\.0\.1:8000 is in use by python3 \(pid 155\)$/,
    )
    expect(found?.because).toEqual(['app/settings'])
  })

  it.each([
    [
      'secrets/file',
      [
        systemd('Failed to load environment files: No such file or directory'),
        systemd("Failed to spawn 'start-pre' task: No such file or directory"),
        systemd("Failed with result 'resources'."),
      ],
      /could not load an environment file/,
    ],
    [
      'state/directory',
      [
        child(
          'Failed to set up mount namespacing: /run/systemd/unit-root/var/lib/prism-cache: No such file or directory',
        ),
        child(`Failed at step NAMESPACE spawning ${preStart}: No such file or directory`),
        systemd('Control process exited, code=exited, status=226/NAMESPACE'),
        systemd("Failed with result 'exit-code'."),
      ],
      /names \/var\/lib\/prism-cache, which does not exist/,
    ],
    [
      'service/user',
      [
        child('Failed to determine user credentials: No such process'),
        child(`Failed at step USER spawning ${preStart}: No such process`),
        systemd('Control process exited, code=exited, status=217/USER'),
        systemd("Failed with result 'exit-code'."),
      ],
      /does not find the user/,
    ],
    [
      'service/package',
      [
        child('Changing to the requested working directory failed: No such file or directory'),
        child(`Failed at step CHDIR spawning ${preStart}: No such file or directory`),
        systemd('Control process exited, code=exited, status=200/CHDIR'),
        systemd("Failed with result 'exit-code'."),
      ],
      /WorkingDirectory=/,
    ],
  ])('reads what systemd says of %s', async (check, lines, words) => {
    const found = await finding({unit: waiting, lines})
    expect(found?.because).toEqual([check, 'app/settings'])
    expect(found?.message).toMatch(words)
  })

  it('decodes what systemctl alone tells, where the journal may not be read', async () => {
    const found = await finding({
      unit: {...waiting, ...preStartEnded('code=exited ; status=217')},
      lines: null,
      uid: 1000,
    })
    expect(found?.message).toMatch(/its user does not exist \(217\/USER\)$/)
    expect(found?.because).toEqual(['service/user', 'app/settings'])
    const exited = await finding({unit: waiting, lines: null, uid: 1000})
    expect(exited?.message).toMatch(/prism-django-pre-start exited with 1$/)
    expect(exited?.evidence.at(-1)).toBe('the journal could not be read: there may be more to know')
    expect(exited).not.toHaveProperty('because')
  })

  it('does not believe a line of the access log, nor another user', async () => {
    const words = 'A process of this unit has been killed by the OOM killer.'
    const found = await finding({
      unit: waiting,
      lines: [
        {by: 'stranger', text: words},
        service(
          `127.0.0.1 - - [23/Nov/2026:08:27:25 +0000] "GET / HTTP/1.1" 200 303 "-" "ModuleNotFoundError: error"`,
        ),
        systemd('Control process exited, code=exited, status=1/FAILURE'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toMatch(/prism-django-pre-start exited with 1$/)
  })

  it.each([
    [
      'BACKUP_TARGET: unbound variable',
      /BACKUP_TARGET: unbound variable \(prism-django-pre-start, line 5\)$/,
    ],
    [
      'pg_isready: command not found',
      /pg_isready: command not found \(prism-django-pre-start, line 5\)$/,
    ],
  ])('quotes bash, with script and line: %s', async (text, words) => {
    const found = await finding({
      unit: waiting,
      lines: [
        service(`${preStart}: line 5: ${text}`),
        systemd('Control process exited, code=exited, status=127/n/a'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toMatch(words)
  })

  it('quotes the last words of a program that calls nothing an error', async () => {
    const found = await finding({
      unit: {...waiting, ...preStartEnded('code=exited ; status=3')},
      lines: [
        service('Running database migrations...'),
        service('refusing to start: the licence has run out'),
        systemd('Control process exited, code=exited, status=3/NOTIMPLEMENTED'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toMatch(
      /prism-django-pre-start exited with 3; its last words: refusing to start: the licence has run out$/,
    )
    expect(found).not.toHaveProperty('because')
  })

  it('believes the exception that came last, not one that was caught before it', async () => {
    const found = await finding({
      unit: waiting,
      lines: [
        service('Traceback (most recent call last):', {pid: 232}),
        service("KeyError: 'SENTRY_DSN'", {pid: 232}),
        service('Starting without Sentry', {pid: 232}),
        ...traceback('ValueError: Incorrect timezone setting: Mars/Phobos'),
      ],
    })
    expect(found?.message).toMatch(/ValueError: Incorrect timezone setting: Mars\/Phobos$/)
  })

  it('names the check of Django that failed, not only that one did', async () => {
    const text =
      "lighthouse.Beacon.name: (fields.E120) CharFields must define a 'max_length' attribute."
    const found = await finding({
      unit: waiting,
      lines: [
        service('SystemCheckError: System check identified some issues:'),
        service(''),
        service('ERRORS:'),
        service(text),
        service(''),
        service('WARNINGS:'),
        service(
          'lighthouse.Beacon: (models.W042) Auto-created primary key used when not defining a primary key type.',
        ),
        systemd('Control process exited, code=exited, status=1/FAILURE'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toContain(text.replace(/\.$/, ''))
    expect(found?.because).toEqual(['app/settings'])
  })

  it.each([
    [
      'Service reached runtime time limit. Stopping.',
      {RuntimeMaxUSec: '2s'},
      /for as long as it may \(RuntimeMaxSec=2s\)$/,
    ],
    [
      "State 'stop-sigterm' timed out. Killing.",
      {TimeoutStopUSec: '2s'},
      /systemd killed it \(TimeoutStopSec=2s\)$/,
    ],
  ])('names the time limit that really ran out: %s', async (text, limit, words) => {
    const found = await finding({
      unit: {...waiting, ...limit, ActiveState: 'failed', SubState: 'failed', Result: 'timeout'},
      lines: [
        systemd(text),
        systemd('Main process exited, code=killed, status=9/KILL'),
        systemd("Failed with result 'timeout'."),
      ],
    })
    expect(found?.message).toMatch(words)
  })

  it('does not take it for the reason that processes outlived the main one', async () => {
    const found = await finding({
      unit: waiting,
      lines: [
        ...traceback("ModuleNotFoundError: No module named 'decouple'").slice(0, -1),
        systemd("State 'stop-sigterm' timed out. Killing."),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toMatch(/No module named 'decouple'$/)
  })

  it('names a limit with its value', async () => {
    const found = await finding({
      unit: {...waiting, LimitNOFILE: '12'},
      lines: traceback('OSError: [Errno 24] Too many open files'),
    })
    expect(found?.message).toMatch(/as many files as it needs \(LimitNOFILE=12\)$/)
  })

  it('says where the output was to go', async () => {
    const found = await finding({
      unit: {
        ...waiting,
        StandardOutput: 'append',
        FragmentPath: '/etc/systemd/system/prism-django.service',
      },
      unitFile: '[Service]\nStandardOutput=append:/var/log/prism/app.log\n',
      lines: [
        child(`Failed at step STDOUT spawning ${preStart}: No such file or directory`),
        systemd('Control process exited, code=exited, status=209/STDOUT'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toMatch(
      /No such file or directory \(209\/STDOUT\) \(StandardOutput=append:\/var\/log\/prism\/app\.log\)$/,
    )
  })

  it('names the setting of gunicorn that has no valid value', async () => {
    const found = await finding({
      unit: waiting,
      lines: [
        service('Invalid value for timeout: soon'),
        service(''),
        service("Error: invalid literal for int() with base 0: 'soon'"),
        systemd('Main process exited, code=exited, status=1/FAILURE'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found?.message).toMatch(/Invalid value for timeout: soon$/)
  })

  it('says that a program ended before it was ready', async () => {
    const unit = {...waiting, Result: 'protocol', ...preStartEnded('code=exited ; status=0')}
    const found = await finding({unit, lines: [systemd("Failed with result 'protocol'.")]})
    expect(found?.message).toMatch(
      /: gunicorn ended before it told systemd that it is ready \(Type=notify\)$/,
    )
  })

  it('says which command a signal ended', async () => {
    const found = await finding({
      unit: {...waiting, Result: 'core-dump', ...preStartEnded('code=dumped ; status=11')},
      lines: [
        systemd('Control process exited, code=dumped, status=11/SEGV'),
        systemd("Failed with result 'core-dump'."),
      ],
    })
    expect(found?.message).toMatch(/prism-django-pre-start was ended by SIGSEGV \(it crashed\)$/)
  })

  describe('while the main process runs', () => {
    const crash = (at: number) => service(`Worker (pid:${40 + at}) was sent SIGSEGV!`, {at})
    const unit = {InvocationID: '8a42'}

    it('sees workers that crash as soon as they start', async () => {
      const found = await finding({unit, lines: [crash(1), crash(2), crash(3)]})
      expect(found).toMatchObject({status: 'critical', code: 'workers-crash', kind: 'cause'})
      expect(found?.message).toContain('its workers crash (SIGSEGV), 3 times')
    })

    it.each([
      ['one worker that crashed', [crash(1)], journalStart + 5000],
      ['crashes that are over', [crash(1), crash(2), crash(3)], journalStart + 600_000],
    ])('is silent of %s', async (_, lines, now) => {
      expect(await finding({unit, lines, now})).toMatchObject({status: 'ok'})
    })
  })

  it('takes a SIGKILL for no proof that memory ran out', async () => {
    const found = await finding({
      unit: {
        ...waiting,
        ...preStartEnded('code=exited ; status=0'),
        Result: 'signal',
        ExecMainCode: '2',
        ExecMainStatus: '9',
      },
      lines: [
        service(
          '[2026-11-23 08:28:00 +0000] [75] [ERROR] Worker (pid:77) was sent SIGKILL! Perhaps out of memory?',
        ),
        systemd('Main process exited, code=killed, status=9/KILL'),
        systemd("Failed with result 'signal'."),
      ],
    })
    expect(found?.message).toMatch(/its main process was ended by SIGKILL$/)
    expect(found?.because).toEqual(['app/settings'])
  })

  it('tells a start-up that takes too long from a program that never says that it is ready', async () => {
    const ending = [systemd("Failed with result 'timeout'.")]
    const slow = await finding({
      unit: {...waiting, Result: 'timeout'},
      lines: [
        systemd('start-pre operation timed out. Terminating.'),
        systemd('Control process exited, code=killed, status=15/TERM'),
        ...ending,
      ],
    })
    expect(slow?.message).toContain('its start-pre did not end within TimeoutStartSec=1min 30s')
    expect(slow?.remedy?.nix).toContain('TimeoutStartSec')
    const silent = await finding({
      unit: {...waiting, Result: 'timeout'},
      lines: [systemd('start operation timed out. Terminating.'), ...ending],
    })
    expect(silent?.remedy?.nix).toContain('Type')
    expect(silent?.message).toMatch(/ready/)
  })

  it('knows a start limit that Result= does not tell, and how to leave it', async () => {
    const found = await finding({
      unit: {...waiting, ActiveState: 'failed', SubState: 'failed', NRestarts: '5'},
      lines: [
        ...traceback(
          'decouple.UndefinedValueError: SECRET_KEY not found. Declare it as envvar or define a default value.',
        ),
        systemd('Scheduled restart job, restart counter is at 5.'),
        systemd('Start request repeated too quickly.'),
        systemd("Failed with result 'exit-code'."),
      ],
    })
    expect(found).toMatchObject({
      code: 'start-limit',
      because: ['secrets/keys', 'secrets/file', 'app/settings'],
      metrics: [{name: 'restarts', value: 5}],
    })
    expect(found?.message).toMatch(
      /gave up \(start limit\): the settings need SECRET_KEY, which is not set/,
    )
    expect(found?.remedy?.steps.map(({shell}) => shell)).toEqual([
      `sudo systemctl reset-failed ${unitName}`,
      `sudo systemctl start ${unitName}`,
    ])
  })

  it('sees a service that runs only when one looks', async () => {
    const restarted = [1, 2, 3].map(count =>
      systemd(`Scheduled restart job, restart counter is at ${count}.`),
    )
    const killed = [
      systemd('Main process exited, code=killed, status=9/KILL'),
      systemd("Failed with result 'signal'."),
      ...restarted,
    ]
    const unit = {
      NRestarts: '3',
      RestartUSec: '100ms',
      ActiveEnterTimestamp: 'Mon 2026-11-23 08:28:02.000000 UTC',
    }
    const found = await finding({unit, lines: killed})
    expect(found).toMatchObject({
      status: 'critical',
      code: 'crash-loop',
      because: ['app/settings'],
      since: '2026-11-23T08:28:00.020Z',
    })
    expect(found?.message).toContain('it has run for 3 s, and systemd has restarted it 3 times')
    const lately = {NRestarts: '1', ActiveEnterTimestamp: 'Mon 2026-11-23 08:27:00.000000 UTC'}
    expect(await codes(serviceActive, host({unit: lately, lines: null}))).toEqual([
      'critical crash-loop',
    ])
  })

  it('takes restarts of last week for past', async () => {
    const lines = [systemd('Scheduled restart job, restart counter is at 1.', {at: -604_800})]
    expect(await codes(serviceActive, host({unit: {NRestarts: '1'}, lines}))).toEqual(['ok ok'])
  })

  it('warns of a start that may still succeed', async () => {
    const unit = {
      ActiveState: 'activating',
      SubState: 'start-pre',
      InactiveExitTimestamp: 'Mon 2026-11-23 08:27:55.000000 UTC',
    }
    expect(await finding({unit})).toMatchObject({status: 'warning', code: 'starting'})
    expect(await finding({unit, now: journalStart + 600_000})).toMatchObject({
      status: 'critical',
      code: 'start-overdue',
    })
    const again = {...unit, NRestarts: '2', ...preStartEnded('code=(null) ; status=0/0')}
    const lines = traceback("ModuleNotFoundError: No module named 'decouple'")
    expect((await finding({unit: again, lines}))?.message).toMatch(
      /, 2 times so far: ModuleNotFoundError/,
    )
  })

  it('waits for a stop that is under way', async () => {
    const unit = {ActiveState: 'deactivating', SubState: 'stop-sigterm'}
    expect(await finding({unit})).toMatchObject({status: 'warning', code: 'stopping'})
  })

  it('tells whom it was stopped with: PostgreSQL', async () => {
    const found = await finding({
      unit: stopped,
      postgresql: {ActiveState: 'inactive', SubState: 'dead'},
    })
    expect(found).toMatchObject({
      code: 'required-inactive',
      because: ['database/server'],
      since: '2026-11-23T08:28:00.000Z',
    })
    expect(found?.message).toContain('it requires postgresql.service, which is inactive')
    expect(found?.remedy?.steps.map(({shell}) => shell)).toEqual([
      'sudo systemctl start postgresql.service',
      `sudo systemctl start ${unitName}`,
    ])
  })

  it('was stopped by itself, where what it requires has done its work', async () => {
    const done = {
      Type: 'oneshot',
      ActiveState: 'inactive',
      SubState: 'dead',
      Result: 'success',
      InactiveEnterTimestamp: 'Mon 2026-11-23 08:20:00.000000 UTC',
    }
    const found = await finding({
      unit: {...stopped, Requires: 'prism-migrate.service'},
      postgresql: done,
    })
    expect(found).toMatchObject({code: 'stopped', kind: 'cause'})
  })

  it('tells that PostgreSQL came back and it did not', async () => {
    const postgresql = {
      InactiveEnterTimestamp: 'Mon 2026-11-23 08:28:01.000000 UTC',
      ActiveEnterTimestamp: 'Mon 2026-11-23 08:28:03.000000 UTC',
    }
    expect(await finding({unit: stopped, postgresql})).toMatchObject({
      code: 'stopped-with-required',
      kind: 'cause',
    })
    const failed = [
      systemd('Stopped prism-django.service - Prism Django Application (Gunicorn).'),
      systemd('Dependency failed for prism-django.service - Prism Django Application (Gunicorn).'),
      systemd("Job prism-django.service/start failed with result 'dependency'."),
    ]
    expect(await finding({unit: stopped, lines: failed})).toMatchObject({
      code: 'dependency',
      kind: 'cause',
    })
  })

  it('names a unit that is required and does not exist', async () => {
    const found = await finding({
      unit: {...stopped, Requires: 'redis-prism.service'},
      postgresql: {LoadState: 'not-found', ActiveState: 'inactive'},
    })
    expect(found).toMatchObject({because: ['service/dependencies']})
    expect(found?.message).toContain('redis-prism.service, which does not exist')
    expect(found?.remedy?.risk).toBe('manual')
  })

  it('names an unmet condition, and is not fooled by the default of one that was never looked at', async () => {
    const unit = {
      ...stopped,
      ConditionResult: 'no',
      ConditionTimestamp: 'Mon 2026-11-23 08:29:00.000000 UTC',
    }
    const text =
      'prism-django.service - Prism Django Application (Gunicorn) skipped, unmet condition check ConditionPathExists=/var/lib/prism-django/enabled'
    const found = await finding({unit, lines: [systemd(text)]})
    expect(found).toMatchObject({code: 'condition', kind: 'cause'})
    expect(found?.message).toContain(
      'the condition ConditionPathExists=/var/lib/prism-django/enabled is not met',
    )
    const never = {
      ActiveState: 'inactive',
      SubState: 'dead',
      ConditionResult: 'no',
      ConditionTimestamp: 'n/a',
      ActiveEnterTimestamp: 'n/a',
    }
    expect(await finding({unit: never})).toMatchObject({code: 'not-started'})
  })

  it('names the unit that a queued start waits for', async () => {
    const unit = {
      ...stopped,
      Job: '812',
      Requires: '',
      After: 'network.target wait-for-nas.service',
    }
    const found = await finding({unit, postgresql: {ActiveState: 'activating'}})
    expect(found).toMatchObject({code: 'queued', kind: 'cause'})
    expect(found?.message).toContain('waits to be started until wait-for-nas.service has started')
  })

  it('names the unit that conflicts', async () => {
    const unit = {
      ...stopped,
      Requires: '',
      Conflicts: 'shutdown.target',
      ConflictedBy: 'maintenance.service',
    }
    const found = await finding({unit})
    expect(found).toMatchObject({code: 'conflict', kind: 'cause'})
    expect(found?.message).toContain('maintenance.service runs')
  })

  it('names a command of ExecCondition= that refused', async () => {
    const ExecCondition =
      preStartEnded('code=exited ; status=1').ExecStartPre?.replaceAll(preStart, '/bin/false') ?? ''
    const found = await finding({unit: {...stopped, Result: 'exec-condition', ExecCondition}})
    expect(found).toMatchObject({code: 'condition'})
    expect(found?.message).toContain('ExecCondition=/bin/false exited with 1')
  })

  it('tells of an assertion, which is looked at after the conditions', async () => {
    const unit = {
      ...stopped,
      AssertResult: 'no',
      ConditionTimestamp: 'Mon 2026-11-23 08:28:00.500000 UTC',
    }
    expect(await finding({unit})).toMatchObject({code: 'condition'})
    expect(
      await finding({unit: {...unit, ConditionTimestamp: stopped.ConditionTimestamp}}),
    ).toMatchObject({
      code: 'stopped',
    })
  })

  it('says that it was stopped', async () => {
    expect(await finding({unit: stopped})).toMatchObject({
      status: 'critical',
      code: 'stopped',
      kind: 'cause',
    })
  })

  it('tells what ended by itself from what was stopped', async () => {
    const unit = {...stopped, Restart: 'no', InvocationID: '8a42', ExecMainCode: '1'}
    const ended = systemd('Deactivated successfully.')
    const found = await finding({unit, lines: [ended]})
    expect(found).toMatchObject({
      status: 'critical',
      code: 'ended',
      kind: 'cause',
      remedy: {risk: 'manual'},
    })
    expect(found?.message).toContain(
      'ended by itself with exit code 0; that counts as success, and Restart=no does not start it again',
    )
    const killed = {...unit, ExecMainCode: '2', ExecMainStatus: '15'}
    expect((await finding({unit: killed, lines: [ended]}))?.message).toContain(
      'was ended by signal 15, not by systemd',
    )
    const lines = [
      systemd('Stopping prism-django.service - Prism Django Application (Gunicorn)...'),
      ended,
    ]
    expect(await finding({unit, lines})).toMatchObject({code: 'stopped'})
  })
})

describe('service/active where the server starts in another way than Type= says', () => {
  const ended = {
    ActiveState: 'activating',
    SubState: 'auto-restart',
    Result: 'success',
    ExecMainCode: '1',
    ExecMainStatus: '0',
  }
  const starting = {ActiveState: 'activating', SubState: 'start', TimeoutStartUSec: '1min 30s'}
  const listeners = 'tcp LISTEN 0 2048 127.0.0.1:8000 0.0.0.0:* users:(("gunicorn",pid=125,fd=5))\n'
  const with_ = (program: string, ...words: readonly string[]) =>
    startOf(`${package_}/bin/${program}`, ...words)
  const daemon = with_('gunicorn', '--daemon', '--bind', '127.0.0.1:8000', 'prism.wsgi')

  it.each(['simple', 'exec', 'notify'])('Type=%s, and it forks', async Type => {
    expect(await finding({unit: {...ended, Type, ExecStart: daemon}})).toMatchObject({
      code: 'forked-away',
      message: `gunicorn goes into the background (--daemon), and prism-django.service has Type=${Type}: systemd takes it for ended, and ends what is left of it`,
    })
  })

  it.each([
    ['it is told nothing of the kind', {...ended, Type: 'simple'}],
    ['the unit knows', {...ended, Type: 'forking', ExecStart: daemon}],
    [
      'uWSGI was heard as the main process, and stopped',
      {...ended, Type: 'notify', ExecStart: with_('uwsgi', '--daemonize', '/dev/null')},
    ],
    ['it ended with an error', {...ended, Type: 'exec', ExecStart: daemon, ExecMainStatus: '1'}],
  ])('no fork is blamed where %s', async (_, unit) => {
    expect((await finding({unit}))?.code).not.toBe('forked-away')
  })

  it('Type=forking, and it stays: once it listens, and once the time is over', async () => {
    const unit = {...starting, Type: 'forking'}
    const cgroup = '0::/system.slice/prism-django.service\n'
    expect(await finding({unit, listeners, cgroup})).toMatchObject({
      code: 'never-ready',
      message:
        'the start of prism-django.service does not end, although it listens on 127.0.0.1:8000: systemd waits for gunicorn to fork (Type=forking), and that stays in the foreground',
    })
    expect(await finding({unit})).toMatchObject({code: 'starting'})
    const over = {...unit, ActiveState: 'failed', SubState: 'failed', Result: 'timeout'}
    expect(await finding({unit: over})).toMatchObject({code: 'never-ready'})
  })

  it('Type=notify, and it never says that it is ready', async () => {
    const ExecStart = with_('uvicorn', '--port', '8000', 'prism.asgi:application')
    const unit = {ActiveState: 'failed', Result: 'timeout', Type: 'notify', ExecStart}
    expect(await finding({unit})).toMatchObject({
      code: 'never-ready',
      message: expect.stringContaining('waits for uvicorn to say that it is ready (Type=notify)'),
    })
    expect((await finding({unit: {...unit, ExecStart: daemon}}))?.code).not.toBe('never-ready')
  })

  it('PIDFile= names another file', async () => {
    const ExecStart = with_('gunicorn', '--daemon', '--pid', '/run/p/a.pid', 'prism.wsgi')
    const unit = {ActiveState: 'failed', Result: 'timeout', Type: 'forking', ExecStart}
    expect(await finding({unit: {...unit, PIDFile: '/run/p/b.pid'}})).toMatchObject({
      code: 'never-ready',
      message: expect.stringContaining(
        'for the file /run/p/b.pid (PIDFile=), and gunicorn writes /run/p/a.pid',
      ),
    })
    const same = {...unit, PIDFile: '/var/run/p/a.pid'}
    expect((await finding({unit: same}))?.code).not.toBe('never-ready')
  })

  it('a child says that it is ready', async () => {
    const line =
      'Got notification message from PID 77, but reception only permitted for main PID 76'
    const unit = {ActiveState: 'failed', Result: 'timeout', Type: 'notify'}
    expect(await finding({unit, lines: [systemd(line)]})).toMatchObject({
      code: 'never-ready',
      message: expect.stringContaining('a child of that says so (pid 77)'),
    })
  })
})

describe('service/active on recorded machines', () => {
  it.each([
    [
      'module-missing',
      'restarting',
      /ModuleNotFoundError: No module named 'decouple'/,
      ['app/settings'],
    ],
    [
      'port-taken',
      'restarting',
      /the address 127\.0\.0\.1:8000 is in use by python3 \(pid \d+ of squatter\.service\)$/,
      ['app/settings'],
    ],
    [
      'postgres-stopped',
      'required-inactive',
      /it requires postgresql\.service, which is inactive$/,
      ['database/server'],
    ],
  ] as const)('%s', async (name, code, words, because) => {
    const [found] = await verdicts(serviceActive, machine(name))
    expect(found).toMatchObject({status: 'critical', code, because})
    expect(found?.message).toMatch(words)
    expect(Date.parse(found?.since ?? '')).toBeLessThanOrEqual(machine(name).now())
  })

  it('is silent on the healthy machine', async () => {
    expect(await codes(serviceActive, machine('healthy'))).toEqual(['ok ok'])
  })
})
