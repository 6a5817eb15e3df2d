import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {type Mount, parseMountinfo} from '../../host/mountinfo.ts'
import type {Unit} from '../../host/unit.ts'
import {oncePerHost} from '../once-per-host.ts'

/** As the service's main process sees them; null when it does not run or may not be looked at. */
export async function serviceMounts(host: Host, unit: Unit): Promise<readonly Mount[] | null> {
  const pid = Number(unit.get('MainPID'))
  return pid > 0 ? mountsOf(host, String(pid)) : null
}

/** The mounts of the machine itself: this program may run in a sandbox of its own. */
export async function machineMounts(host: Host): Promise<readonly Mount[]> {
  return (await mountsOf(host, '1')) ?? (await mountsOf(host, 'self')) ?? []
}

/** As this program sees them itself, and what it starts to walk a tree. */
export async function ownMounts(host: Host): Promise<readonly Mount[]> {
  return (await mountsOf(host, 'self')) ?? []
}

const mountsOf = oncePerHost(
  async (host: Host, process: string): Promise<readonly Mount[] | null> => {
    const answer = await ifSeen(host.readFile(`/proc/${process}/mountinfo`))
    return answer?.kind === 'file' && answer.text !== '' ? parseMountinfo(answer.text) : null
  },
  process => process,
)
