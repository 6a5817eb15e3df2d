import type {Host} from '../../host/host.ts'
import {firstFew} from '../files/tree.ts'
import type {Reason} from '../journal/reason.ts'
import type {Target} from '../target/target.ts'
import {findStaticFiles, sourceFiles} from './static-files.ts'
import {circleOfImports, notUtf8} from './style-sheets.ts'

/**
 * Which files of the package collectstatic stopped at, where its exception does not name them; null
 * where they are not found.
 */
export async function uncollectable(
  host: Host,
  target: Target,
  reason: Reason,
): Promise<Reason | null> {
  const name = reason.recognised?.signature.name
  if (name !== 'not-utf8' && name !== 'circular-import') return null
  const {sources, keepsManifest} = findStaticFiles(target)
  // Without a manifest nothing is rewritten, and so nothing is decoded.
  if (keepsManifest === false) return null
  const files = await sourceFiles(host, sources)
  const found = await (name === 'not-utf8' ? notUtf8(host, files) : circleOfImports(host, files))
  if (found.length === 0) return null
  const text = name === 'not-utf8' ? undecodable(found) : circular(found)
  return {...reason, text, because: 'itself'}
}

function undecodable(names: readonly string[]): string {
  const not = names.length === 1 ? 'is not' : 'are not'
  return `collectstatic cannot decode ${firstFew(names)} of the package, which ${not} UTF-8 text`
}

function circular(names: readonly string[]): string {
  const circle = firstFew([...names, ...names.slice(0, 1)])
  return `style sheets of the package import one another in a circle: ${circle}`
}
