import type {Host} from '../host/host.ts'
import type {Target} from '../target.ts'
import {askDjango, type Django} from './django.ts'

/** What a page of the application raises, asked inside a process of the unit; null where it could not be asked. */
export async function askPageInside(host: Host, target: Target, path: string, name: string): Promise<Django | null> {
  if (target.django.unasked) return null
  const asked = await askDjango(host, target.unit, target.server, {depth: 'start', page: {path, host: name}})
  return asked.answer ? asked : null
}
