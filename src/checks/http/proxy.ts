import {disabledSites} from '../../facts/fronts/disabled.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import type {Front} from '../../facts/fronts/front.ts'
import {isMissed} from '../../facts/fronts/missed.ts'
import {isLocal} from '../../facts/fronts/names.ts'
import {type Question, questionsOf} from '../../facts/fronts/questions.ts'
import {straysOf} from '../../facts/fronts/strays.ts'
import type {Bind} from '../../facts/target/bind.ts'
import {CannotLook} from '../../host/host.ts'
import {mend} from '../../remedies/remedy.ts'
import {finding, ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {notRunning} from './proxy.down.ts'
import {explanation} from './proxy.explanation.ts'
import {proxyFacts} from './proxy.facts.ts'
import {type Code, found} from './proxy.findings.ts'
import {judge, judgeStrangers, judgeStray} from './proxy.judge.ts'
import {judgePages} from './proxy.pages.ts'

export const httpProxy: CheckOf<Code> = {
  id: 'http/proxy',
  title: "The web server in front serves the application's pages",
  fix: 'starts nginx, Apache or Caddy',
  explanation,
  findings: found,
  facts: proxyFacts,
  async run({host, target}) {
    const fronts = await findFronts(host, target)
    const asked = questionsOf(fronts, target)
    const stopped = fronts.filter(front => isMissed(front, fronts))
    const down = await Promise.all(stopped.map(front => notRunning(host, target, front)))
    const strays = straysOf(fronts, target)
    // Whoever has the ports of a front that does not start is named by that.
    const nobody = {bad: [], well: []}
    const [judged, astray, strangers] = await Promise.all([
      Promise.all(asked.map(question => judge(host, target, question))),
      Promise.all(strays.map(stray => judgeStray(host, target, stray, asked.length > 0))),
      down.length > 0 ? nobody : judgeStrangers(host, target, fronts, asked),
    ])
    const said = [...down, ...judged, ...astray, ...strangers.bad].filter(
      verdict => verdict !== null,
    )
    const well = asked.filter((_, index) => judged[index] === null)
    const compared =
      said.some(({status}) => status !== 'ok') || well.length === 0
        ? null
        : await judgePages(host, target, fronts, well)
    if (compared && compared.bad.length > 0) return compared.bad
    if (said.length > 0) return said
    if (asked.length === 0 && strangers.well.length === 0 && target.binds.every(isOfThisMachine)) {
      const disabled = await disabledSites(host, target, fronts)
      if (disabled.length > 0)
        return disabled.map(({front, file, names, enable}) =>
          finding(found['site-disabled'](front.kind, file, names), mend('Enable the site', enable)),
        )
    }
    const notes = fronts.flatMap(({note}) => note ?? [])
    const words = [wellBecause(fronts, asked, strangers.well), ...notes].join('; ')
    return ok(words, {evidence: compared?.evidence ?? []})
  },
}

/** Nobody comes to such an address but through a front. */
function isOfThisMachine(bind: Bind): boolean {
  return 'socketPath' in bind || isLocal(bind.host)
}

/** @throws CannotLook where nobody was asked, since a configuration may not be read. */
function wellBecause(
  fronts: readonly Front[],
  asked: readonly Question[],
  strangers: readonly string[],
): string {
  if (asked.length > 0 || strangers.length > 0) {
    const byKind = Map.groupBy(asked, ({front}) => front.kind)
    const words = [...byKind].map(
      ([kind, all]) =>
        `${kind} forwards ${[...new Set(all.map(({name}) => name))].join(', ')} to the application`,
    )
    return [...words, ...strangers].join('; ')
  }
  const unread = fronts.find(({active, unknown}) => active && unknown !== null)
  if (unread?.unknown) throw new CannotLook(unread.unknown, {privilege: true})
  if (fronts.length === 0) return 'no front was found: nobody but this machine was asked'
  const running = fronts.filter(({active}) => active)
  const kinds = (running.length > 0 ? running : fronts).map(({kind}) => kind)
  const forward = kinds.length === 1 ? 'forwards' : 'forward'
  return `${kinds.join(' and ')} ${forward} nothing to the application`
}
