import {readFileSync} from 'node:fs'
import {createAsUnit} from '../../src/host/local/as-unit.ts'
import {exec} from '../../src/host/local/exec.ts'

/**
 * Runs in the container, for a unit that runs there: prints in what a program that is run as the
 * unit would run it differs from the service's own process, one thing a line. What systemd gives
 * each invocation anew is no difference.
 */
const [unit = 'prism-django.service'] = process.argv.slice(2)

const program = `for file in status limits environ mountinfo stat oom_score_adj; do cat /proc/self/$file; echo; echo ==; done
readlink /proc/self/ns/net /proc/self/ns/ipc /proc/self/cwd; echo ==
if [ -n "$CREDENTIALS_DIRECTORY" ]; then head -n 9 $CREDENTIALS_DIRECTORY/*; ls -l $CREDENTIALS_DIRECTORY; fi`

/** Of /proc/self/status: who it is and what it may. */
const kept =
  /^(?:Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp\w*|\w+_allowed_list|Umask|Speculation\w+|THP_enabled):/

/** What each invocation has of its own, and what a shell or a wrapper exports. */
const own =
  /^(?:INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|NOTIFY_SOCKET|MAINPID|(?:CPU|IO|MEMORY)_PRESSURE_WATCH|CREDENTIALS_DIRECTORY|PWD|SHLVL|_|DJANGO_SETTINGS_MODULE|PYTHONPATH)=/

const parts: Readonly<Record<string, (text: string) => readonly string[]>> = {
  status: text => text.split('\n').filter(line => kept.test(line)),
  limits: text => text.split('\n'),
  environ: text => text.split('\0').filter(each => each.trim() !== '' && !own.test(each)),
  mountinfo: text =>
    text
      .split('\n')
      .map(asMounted)
      // Another unit's credentials, which reach a service that runs already.
      .filter(line => !/\/run\/credentials\/(?!UNIT)/.test(line))
      .sort(),
  // Priority, nice, real-time priority and policy (proc(5), /proc/pid/stat).
  stat: text => {
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return [15, 16, 37, 38].map(at => `${at + 3}: ${fields[at]}`)
  },
  oom_score_adj: text => [text],
}

/** A mount without its numbers, and without the name of the unit that it was made for. */
function asMounted(line: string): string {
  return line
    .split(' ')
    .slice(3)
    .join(' ')
    .replace(/ (?:master|shared|propagate_from):\d+/g, '')
    .replace(/systemd-private-[^ /]+/g, 'PRIVATE')
    .replaceAll(unit, 'UNIT')
    .replace(/prism-doctor-\d+-[0-9a-f]+\.service/g, 'UNIT')
}

const {stdout} = await exec(['systemctl', 'show', '--property=MainPID', '--value', '--', unit])
const pid = stdout.trim()
if (!/^[1-9]\d*$/.test(pid)) throw new Error(`${unit} does not run`)
const answer = await createAsUnit()(unit, ['/bin/sh', '-c', program])
if (answer.exitCode !== 0) throw new Error(JSON.stringify(answer))
const said = answer.stdout.split('\n==\n')
const lines: string[] = []
for (const [at, [file, read]] of Object.entries(parts).entries()) {
  const service = read(readFileSync(`/proc/${pid}/${file}`, 'utf8').trim())
  const child = read((said[at] ?? '').trim())
  lines.push(
    ...service
      .filter(each => !child.includes(each))
      .map(each => `${file}: only the service: ${each}`),
  )
  lines.push(
    ...child
      .filter(each => !service.includes(each))
      .map(each => `${file}: only the child: ${each}`),
  )
}
process.stdout.write(lines.map(line => `${line}\n`).join(''))
process.stderr.write(`${said.at(-1)?.trim() ?? ''}\n`)
