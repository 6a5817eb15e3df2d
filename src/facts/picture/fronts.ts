import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Fact, type Seen, whole} from '../../report/fact.ts'
import {readApache} from '../fronts/apache-configuration.ts'
import {findFronts} from '../fronts/find.ts'
import type {Front} from '../fronts/front.ts'
import {findNginx} from '../fronts/nginx-configuration.ts'
import type {Directive} from '../fronts/nginx-syntax.ts'
import {oncePerTarget} from '../once-per-target.ts'
import {mostDirectives, saidIn} from './blocks.ts'
import {caddyFacts} from './caddy.ts'
import {contentFacts} from './content.ts'
import {discreetFact, factOf, fileChangedAt} from './facts.ts'

/** Each front's configuration by block, as its files have it. */
export const frontFacts = oncePerTarget(async (host, target) => {
  const fronts = (await ifTold(findFronts(host, target))) ?? []
  return (await Promise.all(fronts.map(front => factsOfFront(host, front)))).flat()
})

async function factsOfFront(host: Host, front: Front): Promise<readonly Seen[]> {
  const {kind, unit} = front
  if (kind === 'nginx') {
    const nginx = await ifTold(findNginx(host))
    return nginx ? directiveFacts(host, kind, nginx.directives, nginx.unread) : []
  }
  if (kind === 'apache') {
    const apache = await ifTold(readApache(host, unit))
    return apache ? directiveFacts(host, kind, apache.directives, apache.unread) : []
  }
  return caddyFacts(host, front)
}

async function directiveFacts(
  host: Host,
  kind: string,
  directives: readonly Directive[],
  unread: readonly string[],
): Promise<readonly Seen[]> {
  const said = saidIn(directives)
  if (said.length > mostDirectives) return []
  const files = [...new Set(said.map(({file}) => file))]
  const dated = files.map(async file => [file, await fileChangedAt(host, file)] as const)
  const times = new Map(await Promise.all(dated))
  const facts = said.map(
    ({name, value, file, isSecret}): Fact =>
      (isSecret ? discreetFact : factOf)(`front/${kind}/${name}`, file, value, times.get(file)),
  )
  const certificates = said
    .filter(({name}) => /\/(?:ssl_certificate|sslcertificatefile)$/.test(name))
    .flatMap(({value}) => value.split('; '))
    .filter(path => path.startsWith('/'))
  return [
    ...(unread.length === 0 ? [whole(`front/${kind}/`)] : []),
    ...facts,
    ...(await contentFacts(host, 'certificate/', certificates)),
  ]
}
