import {findNginx} from '../../facts/fronts/nginx-configuration.ts'
import {flattened} from '../../facts/fronts/nginx-syntax.ts'
import {pathFacts} from '../../facts/picture/directories.ts'
import {frontFacts} from '../../facts/picture/fronts.ts'
import {dependencySettings, frontUnits} from '../../facts/picture/unit-settings.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** As Debian built it. */
const usual = ['/var/lib/nginx/body', '/var/lib/nginx/proxy']

/**
 * What a front is told and may use, since limits of the one or the other are what its log tells of,
 * and who may write where it keeps what passes.
 */
export async function logFacts({host, target}: Context): Promise<readonly Seen[]> {
  const nginx = await ifTold(findNginx(host))
  const stated = flattened(nginx?.directives ?? [])
    .filter(({name}) => /^\w+_temp_path$/.test(name))
    .flatMap(({args: [path = '']}) => path)
  const paths = nginx ? [...stated, ...(stated.length === 0 ? usual : [])] : []
  const [blocks, settings, kept] = await Promise.all([
    frontFacts(host, target),
    dependencySettings(host, target, frontUnits),
    pathFacts({host, target}, paths),
  ])
  return [...blocks, ...settings, ...kept]
}
