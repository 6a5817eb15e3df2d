import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Target} from '../target/target.ts'
import {type Silence, silenceOf} from './waits.ts'

/** What the silent processes of the unit do; null where nobody can tell. */
export async function findSilence(host: Host, {unit, server}: Target): Promise<Silence | null> {
  const group = unit.get('ControlGroup')
  const seen = group === '' ? null : await ifSeen(host.activity(group))
  const master = server.kind === 'gunicorn' ? Number(unit.get('MainPID')) : null
  return seen && silenceOf(seen, master)
}
