import type {Host} from '../../host/host.ts'
import {blocksFor} from './log/decides.ts'
import {findNginx} from './nginx-configuration.ts'
import {flattened} from './nginx-syntax.ts'
import type {Question} from './questions.ts'

/**
 * Whether a location of nginx's is for redirects of the application alone (`internal`), or turns
 * some visitors away: then what does not come was not meant to.
 */
export async function keepsBack(
  host: Host,
  {front, site}: Pick<Question, 'front' | 'site'>,
  path: string,
): Promise<boolean> {
  if (front.kind !== 'nginx') return false
  const directives = (await findNginx(host))?.directives ?? []
  const inner = blocksFor(directives, site.names[0] ?? '', path).slice(2)
  return flattened(inner).some(
    ({name, args}) => turning.test(name) || (name === 'try_files' && !args.at(-1)?.startsWith('=')),
  )
}

const turning =
  /^(?:internal|return|if|rewrite|valid_referers|secure_link|auth_request|auth_basic)$/
