import {whereVariable} from '../../facts/django/variables.ts'
import {findStaticFiles, type StaticFiles} from '../../facts/static/static-files.ts'
import {whyUnwritable} from '../../facts/static/unwritable-root.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {explanation} from './root.explanation.ts'
import {staticRootFacts} from './root.facts.ts'
import {
  type Code,
  found,
  ignored,
  inStore,
  type Known,
  missing,
  notWritable,
  relative,
  restartNeeded,
} from './root.findings.ts'

/** Hands on what Django says of its static files. */
export const staticRoot: CheckOf<Code, StaticFiles> = {
  id: 'static/root',
  title: 'The application uses STATIC_ROOT, and collectstatic can write to it',
  fix: 'restarts a service that still runs with an old STATIC_ROOT',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: staticRootFacts,
  async run({host, target}) {
    const files = findStaticFiles(target)
    const {root} = files
    if (root.kind === 'elsewhere') return {findings: [ok(root.why)], result: files}
    const verdict =
      root.kind === 'none' ? withoutRoot(target, root.source) : await judge(host, target, root)
    return {findings: [verdict], result: files}
  },
}

/** collectstatic has nowhere to go: only a fault where somebody meant to say where. */
function withoutRoot(target: Target, source: string): Verdict<Code> {
  const variable = whereVariable(target, 'STATIC_ROOT')?.variable
  const isEmpty = ({variables}: Target['sources'][number]): boolean =>
    variables.get(variable ?? '') === ''
  if (variable && target.sources.some(isEmpty)) return missing(target, variable, null, source)
  return ok(`the settings have no STATIC_ROOT (${source}): nothing is collected`)
}

async function judge(host: Host, target: Target, root: Known): Promise<Verdict<Code>> {
  const {path, source} = root
  const variable = whereVariable(target, 'STATIC_ROOT')?.variable ?? null
  const stated = target.environment.get('STATIC_ROOT')
  // The unit says it, and nobody looks for it.
  if (root.from === 'settings' && variable === null && stated && !isSame(stated, path)) {
    const works = path.startsWith('/') && (await whyUnwritable(host, target, path)) === null
    return ignored(target, root, stated, works)
  }
  const isSet = variable !== null && target.sources.some(({variables}) => variables.has(variable))
  const shown = isSet ? `${variable}=${path}` : `${path} (${source})`
  if (!path.startsWith('/')) return relative(target, shown)
  const wrong = await whyUnwritable(host, target, path)
  // The settings look for a variable that is not set, and their own default is no use.
  if (wrong && variable !== null && !isSet) return missing(target, variable, path, source)
  if (wrong?.kind === 'store') return inStore(target, shown)
  if (wrong) return notWritable(target, path, shown, wrong.why)
  const name = variable ?? 'STATIC_ROOT'
  if (isOutdated(target, name, path)) return restartNeeded(target, name, path)
  return ok(`STATIC_ROOT is ${path}, by ${source}`)
}

function isSame(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '')
}

/** After daemon-reload systemctl shows the new value, and the process still has the old one. */
function isOutdated({running, environment}: Target, variable: string, path: string): boolean {
  return running !== null && environment.get(variable) === path && running.get(variable) !== path
}
