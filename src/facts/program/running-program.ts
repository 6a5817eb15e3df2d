import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import type {Program} from './program.ts'
import {startsAsRoot} from './runs-as.ts'
import type {Start} from './shell/start.ts'
import {unwrap} from './unwrap.ts'

/** What the unit's processes were started as: evidence, where the unit's own text does not tell. */
export async function runningProgram(
  host: Host,
  unit: Unit,
  start: Start,
): Promise<Program | null> {
  const main = Number(unit.get('MainPID'))
  const pids = main > 0 ? [main, ...(await groupPids(host, unit)).filter(pid => pid !== main)] : []
  let python: Program | null = null
  for (const pid of pids.slice(0, 8)) {
    const answer = await ifSeen(host.readFile(`/proc/${pid}/cmdline`, {binary: true}))
    if (answer?.kind !== 'file') continue
    const argv = Buffer.from(answer.text, 'latin1').toString('utf8').split('\0')
    while (argv.at(-1) === '') argv.pop()
    const found = await unwrap(host, {...start, argv})
    // By a wrapper that nobody knows, as su.
    const isOthers =
      (await startsAsRoot(host, unit)) &&
      ((await ifSeen(host.stat(`/proc/${pid}`)))?.uid ?? 0) !== 0
    const program: Program = isOthers ? {...found, becomesAnother: true} : found
    if (program.kind !== null) return program
    python ??= program.interpreter === null ? null : program
  }
  return python
}

/** The processes of the unit's control group, the oldest first; empty where nobody can tell. */
async function groupPids(host: Host, unit: Unit): Promise<readonly number[]> {
  const group = unit.get('ControlGroup')
  if (group === '' || group === '/') return []
  const answer = await ifSeen(host.readFile(`/sys/fs/cgroup${group}/cgroup.procs`))
  if (answer?.kind !== 'file') return []
  return answer.text
    .split('\n')
    .map(Number)
    .filter(pid => pid > 0)
    .sort((a, b) => a - b)
}
