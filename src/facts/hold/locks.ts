import type {Named} from '../../host/activity.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'

/**
 * Who holds the lock on a file that a process waits for, by /proc/locks (proc_locks(5)); null where
 * nobody waits or the kernel does not tell.
 */
export async function lockHolder(host: Host, waiting: number): Promise<Named | null> {
  const answer = await ifSeen(host.readFile('/proc/locks'))
  const pid = answer?.kind === 'file' ? holderIn(answer.text, waiting) : null
  if (pid === null) return null
  const comm = await ifSeen(host.readFile(`/proc/${pid}/comm`))
  return {pid, name: comm?.kind === 'file' ? comm.text.trim() : 'a process'}
}

/**
 * `1: FLOCK  ADVISORY  WRITE 812 fe:00:1565013 0 EOF`, and of who waits for that one
 * `1: -> FLOCK  ADVISORY  WRITE 815 fe:00:1565013 0 EOF`.
 */
export function holderIn(text: string, waiting: number): number | null {
  const lines = text.split('\n').flatMap(line => {
    const match = /^(\d+):( ->)? +\S+ +\S+ +\S+ +(-?\d+) /.exec(line)
    return match ? [{number: match[1], waits: match[2] !== undefined, pid: Number(match[3])}] : []
  })
  const own = lines.find(({waits, pid}) => waits && pid === waiting)
  const holder = own && lines.find(({waits, number}) => !waits && number === own.number)
  // A process outside of this container has no number here, nor has a lock of an open file.
  return holder && holder.pid > 0 ? holder.pid : null
}
