import {findFronts} from '../../facts/fronts/find.ts'
import {findJournal, type JournalLine, type Statement, statements} from '../../facts/journal/journal.ts'
import {type Recognised, recognise} from '../../facts/journal/signatures.ts'
import type {Target} from '../../facts/target/target.ts'
import {settingMeans} from '../../findings/setting-means.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {timestampOf} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {type CheckId, ok, type Verdict, warning} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceActive} from './active.ts'

/** Milliseconds: what happened earlier has been lived with. */
const recent = 3_600_000

export const serviceJournal: Check = {
  id: 'service/journal',
  title: 'The running service has logged no error that is known',
  explanation: {
    why: 'A service that runs may still fail on some of its pages, and only its journal says so.',
    asks: `The journal of the unit since its last start, at most an hour back (service/active asks the same question). What the
processes said is held against the table of known messages; an exception that nobody has described counts as well. Lines that are
known to mean nothing are passed over.`,
    findings: {
      error: {
        means:
          'A message was logged that is known to mean a fault. Where the check that finds that fault fails too, this is its consequence.',
        remedy: 'See the check that it belongs to; otherwise read the lines around it.',
      },
      exception: {
        means: 'An exception was logged that nobody has described.',
        remedy: 'Read the lines around it.',
      },
      'disallowed-host': {
        means: 'Requests for a name that a front serves are refused: ALLOWED_HOSTS lacks it.',
        remedy: 'Add the name to ALLOWED_HOSTS, and restart the service.',
      },
    },
    mistakenFor: `Scanners ask for any name: "Invalid HTTP_HOST header" counts only for names that a front serves. Errors from before the last start
are over. By default Django logs nothing of an error 500 when DEBUG is off: a silent journal proves nothing. Lines of the access
log may hold any words.`,
  },
  needs: [serviceActive],
  explainedBy: [
    'static/root',
    'static/collected',
    'static/manifest',
    'static/fresh',
    'database/*',
    'state/*',
    'http/app',
    'http/proxy',
    'app/deploy',
  ],
  async run({host, target}) {
    const {unit} = target
    const journal = await findJournal(host, unit)
    if (journal === null) throw new CannotLook('the journal may not be read by this user', {privilege: host.uid !== 0})
    const since = sinceWhen(host, target, journal)
    const lines = journal.filter(({at}) => at >= since)
    const said = statements(lines).map(statement => ({...statement, recognised: recognise(statement)}))
    const verdicts = [
      ...known(unit.name, said),
      ...unknown(unit.name, said),
      ...(await refusedNames(host, target, lines)),
    ]
    return verdicts.length > 0 ? verdicts : ok(`${unit.name} has logged no known error since ${shown(since)}`)
  },
}

/** When the processes that run now were started: their invocation's first line, else systemd's word. */
function sinceWhen(host: Host, {unit}: Target, journal: readonly JournalLine[]): number {
  const started = Date.parse(timestampOf(unit, 'ExecMainStartTimestamp') ?? '') || 0
  const first = journal.find(({invocation}) => invocation !== null && invocation === unit.get('InvocationID'))
  return Math.max(host.now() - recent, Math.min(started, first?.at ?? started))
}

function shown(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}

interface Said extends Statement {
  readonly recognised: Recognised | null
}

interface Group {
  readonly last: Said
  readonly count: number
}

function grouped(said: readonly Said[], keyOf: (statement: Said) => string): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const statement of said) {
    const key = keyOf(statement)
    groups.set(key, {last: statement, count: (groups.get(key)?.count ?? 0) + 1})
  }
  return [...groups.values()]
}

function known(unit: string, said: readonly Said[]): readonly Verdict[] {
  const causes = said.filter(({recognised}) => recognised?.signature.kind === 'cause')
  return grouped(causes, ({recognised}) => recognised?.signature.name ?? '').map(({last, count}) => {
    const because = last.recognised?.signature.because ?? null
    return verdict(unit, 'error', last, count, because && because.length > 0 ? because : null)
  })
}

function unknown(unit: string, said: readonly Said[]): readonly Verdict[] {
  const exceptions = said.filter(({exception, recognised}) => exception && recognised === null)
  return grouped(exceptions, ({text}) => text).map(({last, count}) => verdict(unit, 'exception', last, count, null))
}

function verdict(
  unit: string,
  code: string,
  {text, where, path, at}: Statement,
  count: number,
  because: readonly CheckId[] | null,
): Verdict {
  const [first = ''] = text.split('\n')
  const place = `${path ? ` at ${path}` : ''}${where ? ` (${where})` : ''}`
  const times = count === 1 ? 'once' : `${count} times`
  return warning(
    code,
    `logged ${times}, last at ${shown(at)}: ${first}${place}`,
    remedy('Read the lines around it', 'manual', [hand(`journalctl -u ${unit} -n 100 --no-pager`)]),
    {evidence: text.split('\n').slice(0, 4), ...(because && {because})},
  )
}

async function refusedNames(host: Host, target: Target, lines: readonly JournalLine[]): Promise<readonly Verdict[]> {
  const refused = lines.flatMap(({by, text, at}) => {
    const name =
      by === 'service'
        ? /^(?:django\.core\.exceptions\.DisallowedHost: )?Invalid HTTP_HOST header: '([^']+?)(?::\d+)?'/.exec(
            text,
          )?.[1]
        : undefined
    return name === undefined ? [] : [{name: name.toLowerCase(), text, at}]
  })
  if (refused.length === 0) return []
  const fronts = await findFronts(host, target)
  const servedBy = (name: string): string | undefined =>
    fronts.find(({sites}) => sites.some(site => site.names.includes(name)))?.kind
  const names = [...new Set(refused.map(({name}) => name))].filter(name => servedBy(name) !== undefined)
  return names.map(name => {
    const last = refused.findLast(each => each.name === name)
    return warning(
      'disallowed-host',
      `requests for ${name}, which ${servedBy(name)} serves, are refused since ALLOWED_HOSTS lacks it`,
      mend('Add the name to ALLOWED_HOSTS', settingMeans(target, 'ALLOWED_HOSTS'), {
        first: [hand(`systemctl show -p Environment ${target.unit.name}`)],
      }),
      {evidence: last ? [last.text] : [], because: ['http/proxy']},
    )
  })
}
