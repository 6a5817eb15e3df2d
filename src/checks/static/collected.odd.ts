import type {OddEntries} from '../../facts/static/odd-entries.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Entry, Host} from '../../host/host.ts'
import {collectAnew} from '../../remedies/collect.ts'
import {finding, milder, type Verdict} from '../../report/finding.ts'
import {change} from '../../report/step.ts'
import {type Code, found, type Place} from './collected.findings.ts'

/** What WhiteNoise stumbles over, however good the rest is. */
export async function odd(
  host: Host,
  target: Target,
  {files, tree: {top}}: Place,
  {dangling, irregular}: OddEntries,
): Promise<readonly Verdict<Code>[]> {
  const pathOf = ({path}: Entry): string => `${top.path}/${path}`
  const leading = dangling.map(entry => `${pathOf(entry)} -> ${entry.link}`)
  const typed = irregular.map(entry => `${pathOf(entry)} (${entry.type})`)
  const all = [
    {said: found['dangling-link'](leading), entries: dangling},
    {said: found['not-a-file'](typed), entries: irregular},
  ].filter(({entries}) => entries.length > 0)
  return Promise.all(
    all.map(async ({said, entries}) => {
      const paths = entries.slice(0, 20).map(pathOf)
      const removed = paths.map(path => change({kind: 'remove', path}, 'rm', '--', path))
      const cure = await collectAnew(host, target, removed)
      const link = (to: string | undefined): string => (to ? ` -> ${to}` : '')
      const evidence = entries.map(each => `${each.type} ${pathOf(each)}${link(each.link)}`)
      return finding(
        // nginx and Django itself pass over what nobody asks for; WhiteNoise opens everything.
        files.whiteNoise === false ? milder(said) : said,
        {...cure, summary: 'Remove it, then collect anew and restart'},
        {evidence: evidence.slice(0, 5)},
      )
    }),
  )
}
