import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Fact} from '../../report/fact.ts'
import {digestOf} from './digest.ts'
import {factOf, fileChangedAt, lasting} from './facts.ts'

/** Bytes: what is larger was not written by a person. */
const limit = 256 * 1024

/** What files hold, so that a change is seen; "absent" of one that is not there. */
export async function contentFacts(
  host: Host,
  prefix: string,
  paths: readonly string[],
): Promise<readonly Fact[]> {
  const facts = [...new Set(paths)].map(async path => {
    const [answer, at] = await Promise.all([
      ifTold(host.readFile(path, {limit, binary: true})),
      fileChangedAt(host, path),
    ])
    const name = `${prefix}${path}`
    switch (answer?.kind) {
      case 'file': {
        const more = {secret: true, ...at} as const
        return [factOf(name, path, digestOf(lasting(answer.text)), more)]
      }
      case 'too-large':
        return [factOf(name, path, `${answer.size} bytes`, at)]
      case 'missing':
      case 'dangling':
        return [factOf(name, path, 'absent')]
      default:
        return []
    }
  })
  return (await Promise.all(facts)).flat()
}
