import type {Group} from '../../facts/hold/groups.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Named} from '../../host/activity.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import type {Remedy, Step} from '../../report/finding.ts'
import {byHand, readJournal, run} from '../../report/step.ts'
import type {Code} from './app.findings.ts'

const codes = {
  client: 'held-by-clients',
  server: 'held-by-server',
  output: 'output-full',
  'file-lock': 'file-locked',
  storage: 'storage-silent',
  program: 'busy',
  sleep: 'busy',
  compute: 'busy',
  stopped: 'stopped',
  frozen: 'stopped',
} as const satisfies Readonly<Record<Group['wait']['kind'], Code>>

export function codeOf({wait}: Group): (typeof codes)[Group['wait']['kind']] {
  return codes[wait.kind]
}

export function cureOf(target: Target, group: Group): Remedy {
  const {wait, holders, held} = group
  const look = holders.slice(0, 3).map(lookAt)
  switch (wait.kind) {
    case 'client':
      return moreThreads(target)
    case 'server':
      return remedy(
        'See why that does not answer, and give the application a timeout for it; a restart frees its workers',
        'disruptive',
        [...look, restart(target)],
      )
    case 'output':
      return remedy('Restart the service, and see why nobody reads its output', 'disruptive', [
        ...look,
        restart(target),
      ])
    case 'file-lock':
      return remedy('See what holds the lock, and end that', 'manual', [
        ...(look.length > 0 ? look : [byHand('lslocks')]),
      ])
    case 'storage':
      return remedy('See what is mounted there, and whether its server answers', 'manual', [
        byHand('findmnt', ...(wait.path === null ? [] : ['--target', wait.path])),
        byHand('journalctl', '-k', '-n', '50', '--no-pager'),
      ])
    case 'program':
      return remedy('See what that program does; a restart frees the workers', 'disruptive', [
        ...look,
        restart(target),
      ])
    case 'sleep':
    case 'compute': {
      const [first] = held
      const where = first ? [byHand('sudo', 'py-spy', 'dump', '--pid', `${first.worker.pid}`)] : []
      const means = target.platform.code(target)
      return mend('See where in its code it is, and correct that', means, {first: where})
    }
    case 'frozen':
      return remedy('Thaw the service', 'disruptive', [run('systemctl', 'thaw', target.unit.name)])
    case 'stopped':
      return wait.tracer
        ? remedy('Let the debugger go on, or end it', 'manual', look)
        : remedy('Let the workers go on', 'disruptive', [
            run('systemctl', 'kill', '--signal=CONT', target.unit.name),
          ])
  }
}

function lookAt({pid, unit}: Group['holders'][number]): Step {
  return unit !== null && /\.service$/.test(unit) && !unit.startsWith('user@')
    ? byHand('systemctl', 'status', unit)
    : byHand('ps', '-fp', `${pid}`)
}

/** A restart closes those connections; threads, or a proxy that waits in its place, keep it so. */
function moreThreads(target: Target): Remedy {
  const {server, platform, environment} = target
  const cure = remedy(
    'Restart the service to close those connections; then put a proxy that buffers requests in front of it, or give it more threads',
    'disruptive',
    [restart(target)],
  )
  const isSaid = environment.has('GUNICORN_CMD_ARGS') || server.environment.has('GUNICORN_CMD_ARGS')
  return server.kind === 'gunicorn' && !isSaid
    ? kept(cure, platform.variable(target, 'GUNICORN_CMD_ARGS', '--threads=8'))
    : cure
}

/** The variables in which servers look for the number of their workers. */
const counts = /^(?:WEB_CONCURRENCY|\w*WORKERS)$/

/** A server whose main process has no worker. */
export function withoutWorkers(
  target: Target,
  {name, pid}: Named,
): {readonly why: string; readonly cure: Remedy} {
  const {environment, platform, server, django} = target
  const none = `${name} (pid ${pid}) has no worker`
  const variable = [...environment].find(([key, value]) => counts.test(key) && value === '0')?.[0]
  if (variable !== undefined) {
    const means = platform.variable(target, variable, '2')
    const cure = mend('Let it start workers', means, {after: [restart(target)]})
    return {why: `${none}: ${variable} is 0`, cure}
  }
  const words = server.argv.join(' ')
  if (/ (?:-w|--workers)[= ]?0(?= |$)/.test(words)) {
    const cure = mend('Let it start workers', platform.unitChange(target.unit.name))
    return {why: `${none}: its arguments say so`, cure}
  }
  if (django.answer?.server?.workers === 0) {
    const cure = mend('Let it start workers', platform.code(target))
    return {why: `${none}: ${server.config ?? 'its configuration'} says workers = 0`, cure}
  }
  const cure = remedy('Restart the service, and see what became of its workers', 'disruptive', [
    readJournal(target.unit.name),
    restart(target),
  ])
  return {why: none, cure}
}
