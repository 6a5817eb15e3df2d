import type {Host} from '../../host/host.ts'
import {allowedHost} from '../http.ts'
import type {Target} from '../target/target.ts'

/** A path that no application has. */
export const nowhere = '/prism-doctor-asks-for-what-is-not-there'

/** Whether Django answers with its technical page for DEBUG; null where nobody answers. */
export async function showsDebug(host: Host, {bind, hosts}: Target): Promise<boolean | null> {
  if (!bind) return null
  const headers = {host: allowedHost(hosts) ?? 'localhost', 'x-forwarded-proto': 'https'}
  const answer = await host.request({address: bind, path: nowhere, headers})
  if (answer.kind === 'unreachable' || answer.status >= 500) return null
  return /<code>DEBUG = True<\/code>/.test(answer.body)
}
