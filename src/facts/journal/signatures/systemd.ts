import {failedCommand} from '../../../host/unit.ts'
import {signaturesOf} from './signature.ts'

/**
 * systemd's own words; versions differ: 252 "Failed to run", 255 "Failed to spawn". The unit's name
 * is left out.
 */
export const systemdSignatures = signaturesOf('systemd', [
  {
    name: 'environment-file',
    pattern: /^Failed to load environment files: (.+)/,
    because: ['secrets/file'],
    meaning: ([, why]) => `systemd could not load an environment file (${why})`,
    example: 'Failed to load environment files: No such file or directory',
  },
  {
    name: 'namespace-path',
    // /run/systemd/unit-root is the path of 252, /run/systemd/mount-rootfs that of 254.
    pattern:
      /^Failed to set up mount namespacing: (?:\/run\/systemd\/(?:unit-root|mount-rootfs))?(\/\S*): No such file or directory/,
    because: ['state/directory'],
    meaning: ([, path]) => `the sandbox names ${path}, which does not exist (226/NAMESPACE)`,
    example:
      'Failed to set up mount namespacing: /run/systemd/unit-root/var/lib/prism-cache: No such file or directory',
  },
  {
    name: 'namespace',
    pattern: /^Failed at step NAMESPACE spawning \S+: (.+)/,
    because: ['state/directory'],
    meaning: ([, why]) =>
      `systemd could not set up the sandbox: ${why} (226/NAMESPACE; the program is not meant)`,
    example:
      'Failed at step NAMESPACE spawning /nix/store/x-pre-start/bin/pre-start: No such file or directory',
  },
  {
    name: 'working-directory',
    pattern: /^Changing to the requested working directory failed: (.+)/,
    because: ['service/package'],
    meaning: ([, why], unit) =>
      `systemd could not enter WorkingDirectory=${unit.get('WorkingDirectory')}: ${why} (200/CHDIR)`,
    example: 'Changing to the requested working directory failed: No such file or directory',
  },
  {
    name: 'program-missing',
    pattern:
      /^(?:Failed to locate executable |Unable to locate executable ')([^':]+)'?: No such file or directory/,
    because: ['service/package'],
    // For the unit: its sandbox may hide what is there.
    meaning: ([, path]) => `systemd does not find ${path} for the unit (203/EXEC)`,
    example:
      'Failed to locate executable /nix/store/x-prism/bin/prism-gunicorn: No such file or directory',
  },
  {
    name: 'program-not-started',
    pattern: /^Failed to execute (\/\S+): (.+)/,
    because: ['service/package'],
    meaning: ([, path, why]) =>
      why === 'No such file or directory'
        ? `the interpreter that ${path} names does not exist (203/EXEC)`
        : `${path} cannot be executed: ${why} (203/EXEC)`,
    example: 'Failed to execute /usr/local/bin/x: Exec format error',
  },
  {
    name: 'credentials-of-user',
    pattern:
      /^Failed to determine (user|group|supplementary group) credentials: (.+)|^(Unknown (?:user|group)\b.*)/,
    because: ['service/user'],
    meaning: ([line, what]) =>
      what ? `systemd does not find the ${what} (${line})` : String(line),
    example: 'Failed to determine user credentials: No such process',
  },
  {
    name: 'step-user',
    pattern: /^Failed at step (USER|GROUP) spawning/,
    because: ['service/user'],
    meaning: ([, step]) => `systemd does not find the ${step === 'USER' ? 'user' : 'group'}`,
    example: 'Failed at step USER spawning /nix/store/x-pre-start/bin/pre-start: No such process',
  },
  {
    name: 'special-directory',
    pattern: /^Failed to set up special execution directory in (\S+): (.+)/,
    because: ['state/directory'],
    meaning: ([, parent, why]) =>
      `systemd could not make the unit's directory in ${parent}: ${why}`,
    example: 'Failed to set up special execution directory in /var/lib: Not a directory',
  },
  {
    name: 'credentials',
    pattern: /^Failed to set up credentials: (.+)/,
    because: ['secrets/file'],
    // 252 says "Protocol error" for a file that is not there.
    meaning: () => 'systemd could not read what LoadCredential= names (243/CREDENTIALS)',
    example: 'Failed to set up credentials: Protocol error',
  },
  {
    name: 'output',
    pattern: /^Failed at step (STDOUT|STDERR) spawning \S+: (.+)/,
    because: 'itself',
    meaning: ([, step, why]) =>
      `systemd could not open where its output is to go: ${why} (209/${step})`,
    setting: 'StandardOutput',
    example:
      'Failed at step STDOUT spawning /nix/store/x-pre-start/bin/pre-start: No such file or directory',
  },
  {
    name: 'step',
    pattern: /^Failed at step (\w+) spawning (\S+): (.+)/,
    because: null,
    meaning: ([, step, program, why]) =>
      `systemd failed at ${step} before it ran ${program}: ${why}`,
    example:
      'Failed at step SECCOMP spawning /nix/store/x-prism/bin/prism-gunicorn: Invalid argument',
  },
  {
    name: 'out-of-memory',
    pattern: /^A process of this unit has been killed by the OOM killer\./,
    because: 'itself',
    meaning: () => 'the kernel killed one of its processes because memory ran out',
    example: 'A process of this unit has been killed by the OOM killer.',
  },
  {
    name: 'run-time-limit',
    pattern: /^Service reached runtime time limit\. Stopping\./,
    because: 'itself',
    meaning: () => 'systemd ended it because it had run for as long as it may',
    setting: 'RuntimeMaxUSec',
    example: 'Service reached runtime time limit. Stopping.',
  },
  {
    name: 'watchdog',
    pattern: /^Watchdog timeout \(limit ([^)]+)\)!/,
    because: 'itself',
    meaning: ([, limit]) => `it gave no sign of life for ${limit} (WatchdogSec=)`,
    example: 'Watchdog timeout (limit 1s)!',
  },
  {
    name: 'start-timeout',
    pattern: /^(start(?:-pre|-post)?) operation timed out\. Terminating\./,
    because: ['database/server'],
    meaning: ([, phase], unit) => {
      const within = `within TimeoutStartSec=${unit.get('TimeoutStartUSec')}`
      if (phase === 'start' && unit.get('Type') === 'forking' && unit.get('PIDFile') === '')
        return `its first process did not end ${within}, which Type=forking waits for`
      return phase === 'start' && unit.get('Type') === 'notify'
        ? `it did not tell systemd that it is ready ${within} (Type=notify)`
        : `its ${phase} did not end ${within}`
    },
    example: 'start-pre operation timed out. Terminating.',
  },
  {
    name: 'forbidden-call',
    pattern: /^(?:Main|Control) process exited, code=(?:killed|dumped), status=31\/SYS/,
    because: 'itself',
    meaning: () => 'it made a system call that SystemCallFilter= forbids (SIGSYS)',
    example: 'Main process exited, code=killed, status=31/SYS',
  },
  {
    name: 'stop-timeout',
    pattern: /^State '(?:final|stop)[\w-]*' timed out\./,
    because: 'itself',
    meaning: () => 'it did not end when it was stopped, and systemd killed it',
    setting: 'TimeoutStopUSec',
    example: "State 'stop-sigterm' timed out. Killing.",
  },
  {
    name: 'signal',
    pattern: /^(Main|Control) process exited, code=(killed|dumped), status=\d+\/(\w+)/,
    because: 'itself',
    meaning: ([, which, how, signal], unit) => {
      const command = failedCommand(unit)?.path ?? 'one of its commands'
      const who = which === 'Control' ? command : 'its main process'
      return `${who} was ended by SIG${signal}${how === 'dumped' ? ' (it crashed)' : ''}`
    },
    example: 'Main process exited, code=killed, status=9/KILL',
  },
  {
    name: 'dependency',
    pattern: /^(?:Job \S+ failed with result 'dependency'|Dependency failed for )/,
    because: ['database/server', 'service/dependencies'],
    meaning: () => 'a unit that it requires did not start',
    example: "Job prism-django.service/start failed with result 'dependency'.",
  },
  {
    name: 'condition',
    // 252: "… was skipped because of an unmet condition check (…)."; 257: "… skipped, unmet
    // condition check …".
    pattern:
      /(?:was skipped because of an unmet|skipped, unmet) condition check (?:\(([^)]+)\)|(\S+))/,
    because: 'itself',
    meaning: ([, old, recent]) => `the condition ${old ?? recent} is not met`,
    example:
      'prism-django.service - Prism skipped, unmet condition check ConditionPathExists=/nosuch',
  },
  {
    name: 'assertion',
    pattern: /^(?:Starting requested but asserts failed|Assertion failed)/,
    because: 'itself',
    meaning: () => 'an assertion of the unit (Assert…=) is not met',
    example: 'Starting requested but asserts failed.',
  },
  {
    name: 'start-limit',
    pattern: /^Start request repeated too quickly\./,
    because: null,
    kind: 'noise',
    example: 'Start request repeated too quickly.',
  },
  {
    name: 'task-not-started',
    pattern: /^Failed to (?:run|spawn) '[\w-]+' task: /,
    because: null,
    kind: 'noise',
    example: "Failed to spawn 'start-pre' task: No such file or directory",
  },
])
