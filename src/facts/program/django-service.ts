import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {findOwnListeners} from '../unit/listeners.ts'
import {workingDirectoryOf} from './exec-start.ts'
import type {Server} from './server.ts'

/**
 * Whether a unit serves an application: its command leads to a server with an entry, or one of its
 * Python processes listens beside a manage.py. Null where a wrapper or a program of somebody's own
 * does not tell.
 */
export async function isDjangoService(
  host: Host,
  unit: Unit,
  server: Server,
): Promise<boolean | null> {
  // What does its work and ends serves nobody.
  if (unit.get('Type') === 'oneshot') return false
  if (server.kind !== null) {
    if (server.kind === 'manage.py' || server.entry !== null)
      return !(await lacksDjango(host, server))
    return server.config === null ? null : true
  }
  const [program = ''] = server.argv
  if (program === '') return false
  const running = await runningProgram(host, unit)
  // What a wrapper ended in, the process says.
  if (server.interpreter === null && running !== null && !mayServe(running)) return false
  if (server.interpreter === null) return (await isScript(host, program)) ? null : false
  if (/^(?:celery|flower|rq|rqworker|huey_consumer\.py|dramatiq)$/.test(posix.basename(program)))
    return false
  if (await hasManage(host, unit, server)) {
    if ((await findOwnListeners(host, unit)).length > 0) return true
    return posix.basename(program) === 'manage.py' ? false : null
  }
  // What the distribution brings (fail2ban, unattended-upgrades) would be known by its server.
  return /^\/usr\/(?!local\/)/.test(program) || posix.basename(program) === 'manage.py'
    ? false
    : null
}

/** A program that may yet serve Python: an interpreter, a shell, uwsgi. */
function mayServe(path: string): boolean {
  return /^(?:python|pypy|uwsgi|sh$|bash$|dash$|busybox$|\.)/.test(posix.basename(path))
}

async function runningProgram(host: Host, unit: Unit): Promise<string | null> {
  const pid = Number(unit.get('MainPID'))
  return pid > 0 ? ((await ifSeen(host.stat(`/proc/${pid}/exe`)))?.link ?? null) : null
}

/** A script that a shell or nobody known runs, or what cannot be read: it could be anything. */
async function isScript(host: Host, path: string): Promise<boolean> {
  if (!path.startsWith('/')) return true
  const answer = await ifSeen(host.readFile(path, {binary: true}))
  if (answer === null || answer.kind === 'missing' || answer.kind === 'dangling') return true
  if (answer.kind !== 'file') return answer.kind !== 'too-large'
  return /^#!.*\b(?:sh|bash|dash|zsh|ksh)\b/.test(answer.text)
}

async function hasManage(host: Host, unit: Unit, server: Server): Promise<boolean> {
  const pid = Number(unit.get('MainPID'))
  const link = pid > 0 ? (await ifSeen(host.stat(`/proc/${pid}/cwd`)))?.link : undefined
  for (const directory of [server.directory, link, await workingDirectoryOf(host, unit)]) {
    if (
      directory?.startsWith('/') &&
      (await ifSeen(host.stat(posix.join(directory, 'manage.py')))) !== null
    )
      return true
  }
  return false
}

/** A virtual environment of its own that holds no Django: something else is served from it. */
async function lacksDjango(host: Host, {interpreter}: Server): Promise<boolean> {
  const prefix = interpreter === null ? '/usr' : posix.dirname(posix.dirname(interpreter))
  const marker = await ifSeen(host.readFile(posix.join(prefix, 'pyvenv.cfg')))
  if (marker?.kind !== 'file' || /^include-system-site-packages\s*=\s*true/im.test(marker.text))
    return false
  const versions = (await ifSeen(host.list(posix.join(prefix, 'lib')))) ?? []
  const sites = versions
    .filter(name => name.startsWith('python'))
    .map(name => posix.join(prefix, 'lib', name, 'site-packages'))
  const names = await Promise.all(sites.map(site => ifSeen(host.list(site))))
  const known = names.filter(list => list !== null)
  // Something that leads to other directories (an editable install, a .pth file) may lead to Django
  // as well.
  return (
    known.length > 0 &&
    !known.flat().some(name => name === 'django' || /\.(?:pth|egg-link)$/.test(name))
  )
}
