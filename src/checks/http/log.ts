import {findFronts} from '../../facts/fronts/find.ts'
import type {Front} from '../../facts/fronts/front.ts'
import {eventsOf} from '../../facts/fronts/log/concerns.ts'
import type {FrontEvent} from '../../facts/fronts/log/event.ts'
import {readFrontLog} from '../../facts/fronts/log/front-log.ts'
import {findNginx} from '../../facts/fronts/nginx-configuration.ts'
import {shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {correct} from '../../remedies/front.ts'
import {finding, ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {type Asked, askedOf} from './log.asked.ts'
import {explanation} from './log.explanation.ts'
import {logFacts} from './log.facts.ts'
import {type Code, found} from './log.findings.ts'
import {judgeEvents} from './log.judge.ts'

export const httpLog: CheckOf<Code> = {
  id: 'http/log',
  title: 'The error log of the web server in front tells of no trouble',
  explanation,
  findings: found,
  facts: logFacts,
  async run({host, target}) {
    const fronts = (await findFronts(host, target)).filter(
      ({active, sites}) => active && sites.some(({leadsHere}) => leadsHere),
    )
    if (fronts.length === 0) return ok('no running front leads to the application')
    const judged = await Promise.all(fronts.map(front => judgeFront(host, target, front)))
    const bad = judged.flat()
    if (bad.length > 0) return bad
    const said = fronts.map(({kind}) => `the error log of ${kind} tells of no trouble that lasts`)
    return ok(said.join('; '))
  },
}

async function judgeFront(
  host: Host,
  target: Target,
  front: Front,
): Promise<readonly Verdict<Code>[]> {
  const [log, asked] = await Promise.all([readFrontLog(host, front), askedOf(host, target, front)])
  const events = eventsOf(front, target, log)
  const refusal = await refusedConfiguration(asked, events)
  return [
    ...(refusal ? [refusal] : []),
    ...conflictingNames(asked),
    ...(await judgeEvents(asked, events)),
  ]
}

/** By nginx's own word now, else by the log, where the file was not changed since. */
async function refusedConfiguration(
  {host, target, front}: Asked,
  events: readonly FrontEvent[],
): Promise<Verdict<Code> | null> {
  if (front.kind !== 'nginx') return null
  const nginx = await findNginx(host)
  if (!nginx || nginx.accepted === true) return null
  // What this run may not do, within a sandbox of its own, its unit may.
  const now = nginx.complaints.find(
    line => /\[emerg\]/.test(line) && !/ \((?:1|13|30): [\w -]+\)/.test(line),
  )
  const last = events.findLast(({kind}) => kind === 'refused')
  const words =
    nginx.accepted === false
      ? now?.replace(/^.*?\[emerg\] (?:\d+#\d+: )?/, '')
      : last && (await isUnchanged(host, last))
        ? last.words
        : undefined
  if (words === undefined) return null
  const [, file = '', line] = / in (\/\S+):(\d+)$/.exec(words) ?? []
  const at = line === undefined ? null : {file, line: Number(line)}
  const cure = correct(target, front, {summary: 'Correct what nginx refuses', at})
  return finding(found['configuration-refused'](front, words), cure)
}

async function isUnchanged(host: Host, {at, words = ''}: FrontEvent): Promise<boolean> {
  const file = / in (\/\S+):\d+$/.exec(words)?.[1]
  const stat = file === undefined ? null : await ifSeen(host.stat(file))
  return stat !== null && stat.mtime <= at
}

/** `[warn] conflicting server name "a.example" on 0.0.0.0:80, ignored` */
function conflictingNames({target, front}: Asked): readonly Verdict<Code>[] {
  const own = front.sites.filter(({leadsHere}) => leadsHere).flatMap(({names}) => names)
  const names = front.complaints.flatMap(line => {
    const name = /conflicting server name "([^"]+)" on \S+, ignored/.exec(line)?.[1]
    return name !== undefined && own.includes(name) ? [name] : []
  })
  return [...new Set(names)].map(name => {
    const sites = front.sites.filter(site => site.names.includes(name))
    const places = sites.flatMap(({at}) => (at === null ? [] : shownPlace(at)))
    const cure = correct(target, front, {
      summary: `Remove one of the sites for ${name}`,
      at: sites.at(-1)?.at ?? null,
    })
    const evidence = front.complaints.filter(line => line.includes(`"${name}"`))
    return finding(found['conflicting-name'](name, places), cure, {evidence})
  })
}
