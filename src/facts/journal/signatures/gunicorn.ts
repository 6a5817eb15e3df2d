import {hostPort} from '../../../host/address.ts'
import {type Described, signaturesOf} from './signature.ts'

/**
 * The servers' own words, their time, process and level left out; and what they say that is no
 * cause.
 */
export const gunicornSignatures = signaturesOf('service', [
  {
    name: 'address-in-use',
    // gunicorn 20 says only the first line; the second tells EADDRINUSE from its neighbours. Then
    // uvicorn's, uWSGI's two, daphne's (Twisted), and what sockets raise (hypercorn, granian).
    pattern:
      /^Connection in use: (.+)|^connection to (.+) failed: \[Errno 98\]|^\[Errno 98\] error while attempting to bind on address (\(.*?\)): |^probably another instance of uWSGI is running on the same address \((.+?)\)|^bind\(\): Address already in use\b|^Listen failure: Couldn't listen on (.+?): \[Errno 98\]|^OSError: \[Errno 98\] Address already in use/,
    because: 'itself',
    meaning: ([, ...places]) => {
      const found = places.find(each => each !== undefined)
      return `the address ${found === undefined ? 'it should listen on' : place(found)} is in use`
    },
    example: "Connection in use: ('127.0.0.1', 8000)",
  },
  {
    name: 'address-refused',
    // gunicorn's, uvicorn's, daphne's, uWSGI's, and what sockets raise (hypercorn, granian).
    pattern:
      /^connection to (.+) failed: (\[Errno (?:2|13|99)\] .+)|^Invalid address: (.+)|^\[Errno (?:2|13|99)\] error while attempting to bind on address (\(.*?\)): (.+)|^Listen failure: Couldn't listen on (.+?): (\[Errno (?:2|13|99)\] .+?)\.?$|^bind\(\): (Permission denied|Cannot assign requested address)\b|^OSError: (\[Errno 99\] .+)/,
    because: 'itself',
    meaning: ([, gunicorn, first, invalid, uvicorn, second, daphne, third, uwsgi, raised]) => {
      const address = gunicorn ?? invalid ?? uvicorn ?? daphne
      const why = first ?? second ?? third ?? uwsgi ?? raised
      const where = address === undefined ? 'the address that it is told' : place(address)
      const hint = /assign requested/i.test(why ?? '') ? ' (no interface here has it)' : ''
      return `it cannot listen on ${where}${why ? `: ${why}${hint}` : ''}`
    },
    example: "connection to ('127.0.0.1', 80) failed: [Errno 13] Permission denied",
  },
  {
    name: 'cannot-listen',
    kind: 'hint',
    pattern: /^Can't connect to (.+)/,
    because: 'itself',
    meaning: ([, address]) => `it cannot listen on ${place(address)}`,
    example: "Can't connect to ('127.0.0.1', 8000)",
  },
  {
    name: 'no-application',
    pattern: /^(?:Failed to find (?:attribute|application object) .+|Error loading ASGI app\. .+)/,
    because: 'itself',
    example: "Failed to find attribute 'app' in 'wsgi'.",
  },
  {
    name: 'server-settings',
    pattern:
      /^(?:Error: (?:can't chdir to|No such user:|No application module|'.+' (?:doesn't exist|isn't writable)).*|Invalid value for \w+: .*|\/\S+ doesn't exist\. Can't create pidfile\.|Already running on PID .+|gunicorn: error: .+)/,
    because: 'itself',
    example: "Error: can't chdir to '/x'",
  },
  {
    name: 'worker-class',
    // The exception stands in brackets behind it, and looks like the application's own.
    pattern: /^Error: class uri '(.+)' invalid or not found/,
    because: 'itself',
    meaning: ([, worker]) => `the worker class ${worker} cannot be imported`,
    example: "Error: class uri 'uvicorn_worker.Nowhere' invalid or not found: ",
  },
  {
    name: 'server-options',
    // click (uvicorn, granian), argparse (daphne, hypercorn, runserver) and uWSGI.
    pattern:
      /^Error: ((?:No such option|Missing (?:argument|option|parameter)|Invalid value|Got unexpected extra arguments?|Option \S+ requires).*)|^(?:daphne|hypercorn|uvicorn|granian|uwsgi|__main__\.py|manage\.py(?: \w+)?): (?:error: )?((?:unrecognized|unrecognised|argument|the following arguments|option|invalid|expected|ambiguous)\b.*)|^(\[strict-mode\] unknown config directive: .+|unable to load configuration from .+)/,
    because: 'itself',
    meaning: ([, click, argparse, uwsgi]) =>
      `its server does not take what it is told: ${click ?? argparse ?? uwsgi}`,
    example: 'Error: No such option: --worker',
  },
  {
    name: 'certificate-missing',
    pattern: /^ValueError: (?:certfile|keyfile|ca_certs) "(\/[^"]*)" does not exist/,
    because: 'itself',
    meaning: ([, path]) => `its server is told to use ${path}, and does not find it`,
    example: 'ValueError: certfile "/etc/ssl/prism.crt" does not exist',
  },
  {
    name: 'changes-user',
    // gunicorn gives the worker's file away only where `user` or `group` is not what it runs as.
    pattern: /^PermissionError: \[Errno 1\] Operation not permitted: '\S*\/wgunicorn-[^']*'/,
    because: 'itself',
    meaning: (_, unit) =>
      `gunicorn is told to become another user or group, and runs as ${unit.get('User') || 'root'}, who may not`,
    example: "PermissionError: [Errno 1] Operation not permitted: '/tmp/wgunicorn-fypxibr7'",
  },
  {
    name: 'plugin-missing',
    pattern:
      /^!!! UNABLE to load uWSGI plugin: (\/\S+): cannot open shared object file: No such file or directory !!!/,
    because: 'itself',
    meaning: ([, path]) => `uWSGI is told to load a plugin that is not installed: ${path}`,
    example:
      '!!! UNABLE to load uWSGI plugin: /usr/lib/uwsgi/plugins/python39_plugin.so: cannot open shared object file: No such file or directory !!!',
  },
  {
    name: 'workertmp',
    pattern: /^RuntimeError: (\S+) doesn't exist\. Can't create workertmp\./,
    because: 'itself',
    example: "RuntimeError: /x doesn't exist. Can't create workertmp.",
  },
  {
    name: 'worker-timeout',
    kind: 'hint',
    pattern: /^WORKER TIMEOUT \(pid:\d+\)/,
    because: 'itself',
    meaning: () => 'a worker gave no sign of life within its timeout, and gunicorn killed it',
    example: 'WORKER TIMEOUT (pid:31)',
  },
  {
    name: 'script-names-nothing',
    pattern:
      /^\/\S+: line \d+: (?:exec: )?(\/nix\/store\/[^:\s]+): (?:No such file or directory|not found|cannot execute: .+)/,
    because: ['service/package'],
    meaning: ([, path]) => `${path} does not exist`,
    example:
      '/nix/store/x-pre-start/bin/pre-start: line 4: /nix/store/y-prism/bin/prism-migrate: No such file or directory',
  },
  {
    name: 'bad-system-call',
    pattern: /^(?:\S+: line \d+: +\d+ )?Bad system call\b/,
    because: 'itself',
    meaning: () => 'a program made a system call that SystemCallFilter= forbids (SIGSYS)',
    example:
      '/nix/store/x-pre-start/bin/pre-start: line 3:    12 Bad system call         (core dumped) chgrp prism x',
  },
  {
    name: 'too-many-processes',
    pattern: /^\/\S+: fork: (?:retry: )?Resource temporarily unavailable/,
    because: 'itself',
    meaning: () => 'it may not have as many processes and threads as it needs',
    setting: 'TasksMax',
    example: '/nix/store/x-pre-start/bin/pre-start: fork: retry: Resource temporarily unavailable',
  },
  {
    name: 'script-failed',
    // Of a script that goes on, this need not be the reason: an exception that comes with it tells
    // more.
    kind: 'hint',
    pattern: /^(\/\S+): line (\d+): (.+)/,
    because: null,
    meaning: ([, script = '', line, why]) =>
      `${why} (${script.slice(script.lastIndexOf('/') + 1)}, line ${line})`,
    example: '/nix/store/x-pre-start/bin/pre-start: line 5: BACKUP_TARGET: unbound variable',
  },
  {
    name: 'worker-crashed',
    // 11, 4, 7, 8 and 31 of gunicorn 20. SIGABRT and SIGKILL are what gunicorn itself sends.
    pattern:
      /^Worker \(pid:\d+\) was sent SIG(SEGV|ILL|BUS|FPE|SYS)!|^Worker with pid \d+ was terminated due to signal (4|7|8|11|31)$/,
    because: 'itself',
    meaning: ([, name, number]) => `a worker crashed (${name ? `SIG${name}` : `signal ${number}`})`,
    example: 'Worker (pid:31) was sent SIGSEGV!',
  },
  // Said of every failure at boot: the exception stands before it.
  noise('worker-failed', /^(?:Reason: )?Worker failed to boot\./, 'Reason: Worker failed to boot.'),
  noise(
    'worker-halted',
    /^gunicorn\.errors\.HaltServer: /,
    "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>",
  ),
  noise('application-failed', /^(?:Reason: )?App failed to load\./, 'Reason: App failed to load.'),
  noise(
    'worker-exited',
    /^Worker \(pid:\d+\) exited with code \d+/,
    'Worker (pid:284) exited with code 3',
  ),
  noise('worker-exception', /^Exception in worker process/, 'Exception in worker process'),
  noise('shutting-down', /^Shutting down: Master/, 'Shutting down: Master'),
  noise('retrying', /^Retrying in \d+ second/, 'Retrying in 1 second.'),
  noise('exit', /^SystemExit(?:: \d+)?$/, 'SystemExit: 1'),
  // Said of every SIGKILL, an operator's and gunicorn's own too: no proof that memory ran out.
  noise(
    'worker-killed',
    /^Worker (?:\(pid:\d+\) was sent SIG\w+!|with pid \d+ was terminated due to signal \d+)/,
    'Worker (pid:77) was sent SIGKILL! Perhaps out of memory?',
  ),
  // $HOME/.gunicorn could not be made (25.1 and later); nothing needs it.
  noise(
    'control-server',
    /^Control server error: /,
    "Control server error: [Errno 13] Permission denied: '/var/empty'",
  ),
  noise(
    'no-directory',
    /^\S+: UserWarning: No directory at: /,
    '/nix/store/x/django/core/handlers/base.py:61: UserWarning: No directory at: /var/lib/prism-django/staticfiles/',
  ),
  noise(
    'disallowed-host',
    /^Invalid HTTP_HOST header: /,
    "Invalid HTTP_HOST header: 'prism.midship.local'. You may need to add 'prism.midship.local' to ALLOWED_HOSTS.",
  ),
])

function noise<N extends string>(name: N, pattern: RegExp, example: string): Described<N> {
  return {name, kind: 'noise', pattern, because: null, example}
}

/** `('127.0.0.1', 8000)` as people write it; the path of a socket is left as it is. */
function place(address: string | undefined): string {
  const [, host, port] = /^\('([^']*)', (\d+)/.exec(address ?? '') ?? []
  return host === undefined || port === undefined ? (address ?? '') : hostPort({host, port})
}
