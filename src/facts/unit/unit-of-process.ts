import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'

/**
 * The unit of a process, by its control group (cgroups(7)): the innermost service, or the scope of
 * a session or a container. Null where there is none, or nobody can tell.
 */
export async function unitOfProcess(host: Host, pid: number): Promise<string | null> {
  const answer = await ifSeen(host.readFile(`/proc/${pid}/cgroup`))
  if (answer?.kind !== 'file') return null
  // The hierarchy that systemd does not use has every process at its root.
  const groups = [...answer.text.matchAll(/^(?:0:|\d+:name=systemd):(.*)$/gm)]
  const names = groups
    .map(([, group = '']) => group.split('/').filter(name => /\.(?:service|scope)$/.test(name)))
    .find(all => all.length > 0)
  if (!names) return null
  // Below the manager of a user lie the user's own units, which the system's does not know.
  return names.find(name => /^user@\d+\.service$/.test(name)) ?? names.at(-1) ?? null
}
