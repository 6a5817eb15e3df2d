import {firstFew} from '../../facts/files/tree.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {collectAnew, collectWithout} from '../../remedies/collect.ts'
import {whileStarting} from '../../remedies/while-starting.ts'
import {type CodeOf, cause, finding, findingsOf, type Verdict} from '../../report/finding.ts'
import {explanation} from './manifest.explanation.ts'

const broken = cause(
  'critical',
  (path: string, why: string) => `Django cannot load ${path}: ${why}`,
)

export const found = findingsOf(explanation, {
  empty: broken,
  'cut-off': broken,
  'not-json': broken,
  'other-json': broken,
  'not-utf8': broken,
  'not-a-file': broken,
  'too-large': broken,
  version: broken,
  outside: broken,
  'entries-missing': cause('critical', (path: string, missing: readonly string[], all: number) => {
    const counted = `${missing.length} of the package's ${all} static files`
    const effect = 'every page that needs one answers 500'
    return `${path} does not name ${counted}: ${firstFew(missing)}; ${effect}`
  }),
  'files-gone': cause('critical', (path: string, gone: readonly string[], all: number) => {
    const are = gone.length === 1 ? 'is' : 'are'
    return `${gone.length} of the ${all} files that ${path} names ${are} gone: ${firstFew(gone)}`
  }),
})

export type Code = CodeOf<typeof found>

/** @param why "it is empty". */
export async function brokenManifest(
  host: Host,
  target: Target,
  path: string,
  code: Exclude<Code, 'entries-missing' | 'files-gone'>,
  why: string,
): Promise<Verdict<Code>> {
  const how = {suffix: 'broken', summary: 'Move the manifest aside'}
  const cure = await collectWithout(host, target, [path], how)
  // A full disk may have cut it off.
  return finding(found[code](path, why), cure, {because: ['state/space']})
}

export async function filesGone(
  host: Host,
  target: Target,
  path: string,
  gone: readonly string[],
  all: number,
): Promise<Verdict<Code>> {
  const verdict = finding(found['files-gone'](path, gone, all), await collectAnew(host, target))
  return whileStarting(host, target, 'collectstatic', verdict)
}

export async function entriesMissing(
  host: Host,
  target: Target,
  path: string,
  missing: readonly string[],
  all: number,
): Promise<Verdict<Code>> {
  const said = found['entries-missing'](path, missing, all)
  const verdict = finding(said, await collectAnew(host, target))
  return whileStarting(host, target, 'collectstatic', verdict)
}
