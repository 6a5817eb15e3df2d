import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {
  execCommands,
  isFirstStart,
  statedDirectory,
  timestampOf,
  type Unit,
} from '../../host/unit.ts'
import {askDjango} from '../django/ask.ts'
import type {DjangoAnswer} from '../django/django.ts'
import {quotesOf} from '../journal/chain.ts'
import {findJournal, type JournalLine, lastFailure} from '../journal/journal.ts'
import {reasonFromJournal} from '../journal/reason.ts'
import {recognise} from '../journal/signatures.ts'
import {statements} from '../journal/statements.ts'
import {scriptText} from '../program/script.ts'
import type {Target} from '../target/target.ts'
import {confinedPrograms} from '../unit/systemd.ts'
import {pathsIn, saysRefused} from './in-words.ts'
import type {Named} from './look.ts'
import {serverFiles} from './server-files.ts'

/** EPERM, EACCES and EROFS: what root could have done. */
const refusals = new Set([1, 13, 30])

/**
 * Every path that somebody stumbled over, where the service does not start, or ends a request with
 * an exception: what Django raised, what systemd could not do, what any program of the unit wrote,
 * and what the server itself opens. What was said to be refused comes first. Empty where all is
 * well.
 */
export async function findNamed(host: Host, target: Target): Promise<readonly Named[]> {
  const {unit, django} = target
  const isUp = isSettled(unit, host.now())
  const answer = isUp ? django.answer : await wholeStart(host, target)
  // What a running service may do without counts where a start ends with it.
  const failures = (answer?.failures ?? []).filter(({stage}) => !isUp || stops.test(stage))
  const raised = [...raisedIn(failures), ...(await closedModules(host, failures))]
  if (isUp) {
    const journal = await findJournal(host, unit)
    const exceptions = ofRequests(host, target, journal ?? [])
    const named = exceptions.flatMap(({said, at}) =>
      pathsIn(said).map((path): Named => ({path, need: null, isRefused: true, said, at})),
    )
    // OpenSSL and others are refused without a word of what.
    const nameless = exceptions.find(({said}) => pathsIn(said).length === 0)
    const own = nameless === undefined ? [] : serverFiles(target)
    return distinct([
      ...raised,
      ...named,
      ...own.map(each => ({...each, said: nameless?.said ?? ''})),
    ])
  }
  if (unit.get('ActiveState') === 'inactive' || isFirstStart(unit)) return raised
  const journal = (await findJournal(host, unit)) ?? []
  const said = await withInterpreters(host, target, ofStart(target, journal))
  const all = [...raised, ...ofSetup(target), ...said]
  const own = isOpen(unit, journal) ? serverFiles(target) : []
  return distinct([...all.filter(({isRefused}) => isRefused), ...all, ...own])
}

/** Milliseconds: what ended it longer ago did not keep it from starting. */
const settled = 600_000

/** Whether it runs, and was not started again by systemd, or not lately. */
export function isSettled(unit: Unit, now: number): boolean {
  if (unit.get('ActiveState') !== 'active') return false
  const started = timestampOf(unit, 'ActiveEnterTimestamp')
  const up = started === null ? 0 : now - Date.parse(started)
  return Number(unit.get('NRestarts') || 0) === 0 || up >= settled
}

/**
 * Whether nobody has described what it died of, and it came up in no code of the application: the
 * server's own files may be the reason.
 */
function isOpen(unit: Unit, journal: readonly JournalLine[]): boolean {
  const reason = reasonFromJournal(unit, journal)
  return reason !== null && reason.recognised === null && !reason.inPackage
}

/** Stages of a start that nothing comes after. */
const stops = /^(?:directory|server|django|entry|settings)$/

/** What Django says of a start, all the way where its settings can be imported. */
async function wholeStart(host: Host, target: Target): Promise<DjangoAnswer | null> {
  const {unit, server, django} = target
  const {answer} = django
  const isStopped = answer?.failures.some(({stage}) => stops.test(stage))
  if (!answer?.django || isStopped || answer.missing.length > 0) return answer
  const programs = await confinedPrograms(host, unit)
  return (await askDjango(host, unit, server, {depth: 'start', programs})).answer ?? answer
}

type Failures = DjangoAnswer['failures']

/** What Django said that it was refused, in what a start does or a page. */
export function raisedIn(failures: Failures): readonly Named[] {
  const links = failures.flatMap(({stage, chain}) => chain.map(link => ({...link, stage})))
  return links.flatMap(({type, message, errno, filename, stage}) => {
    if (errno === null || !refusals.has(errno) || !filename?.startsWith('/')) return []
    const need = stage === 'directory' || stage === 'program' ? 'pass' : null
    return [
      {path: filename, need, isRefused: true, said: `${type}: ${firstLine(message)}`, at: null},
    ]
  })
}

/** Modules that Python calls missing, that root finds, and where the service may not look. */
async function closedModules(host: Host, failures: Failures): Promise<readonly Named[]> {
  const links = failures.flatMap(({chain}) => chain)
  const found = links.map(async ({type, message, name, refused}): Promise<readonly Named[]> => {
    if (!refused?.startsWith('/') || name === null) return []
    const [top = ''] = name.split('.')
    const isOwn = refused.split('/').some(part => part === top || part === `${top}.py`)
    const names = isOwn ? [] : ((await ifSeen(host.list(refused))) ?? [])
    const isThere = isOwn || names.some(each => each === top || each.startsWith(`${top}.`))
    const said = `${type}: ${firstLine(message)}`
    return isThere ? [{path: refused, need: 'read', isRefused: true, said, at: null}] : []
  })
  return (await Promise.all(found)).flat()
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** What systemd could not do for a process of the unit. */
function ofSetup(target: Target): readonly Named[] {
  const {unasked} = target.django
  if (unasked?.kind !== 'setup') return []
  const [step = '', ...words] = unasked.evidence
  const told = {said: words.at(-1) ?? step, isRefused: words.some(saysRefused), at: null}
  const {interpreter} = target.server
  if (step === '203/EXEC' && interpreter !== null)
    return [{path: interpreter, need: 'pass', ...told}]
  return step === '200/CHDIR' ? enters(target, told) : []
}

type Told = Pick<Named, 'said' | 'isRefused' | 'at'>

function enters({unit}: Target, told: Told): readonly Named[] {
  const path = statedDirectory(unit)
  return path.startsWith('/') ? [{path, need: 'pass', ...told}] : []
}

/** What systemd and the programs of the last start that failed said of paths. */
function ofStart(target: Target, journal: readonly JournalLine[]): readonly Named[] {
  const failure = lastFailure(journal)
  const bySystemd = failure
    .filter(({by, text}) => by === 'systemd' && ofExec.test(text) && saysRefused(text))
    .flatMap(({text, at}) => {
      const told = {said: text, isRefused: true, at}
      if (text.startsWith('Changing to')) return enters(target, told)
      return pathsIn(text).map((path): Named => {
        return {path, need: isProgram(target, path) ? 'pass' : null, ...told}
      })
    })
  const at = failure.at(-1)?.at ?? null
  const named = (said: string): readonly Named[] =>
    pathsIn(said).map(path => ({path, need: null, isRefused: saysRefused(said), said, at}))
  // What it died of may name a path and call it missing.
  const decisive = reasonFromJournal(target.unit, journal)?.quotes ?? []
  const refused = statements(failure)
    .filter(each => saysRefused(each.text) && recognise(each)?.signature.kind !== 'noise')
    .flatMap(each => quotesOf(each))
    .filter(saysRefused)
  // What was said on the way counts where the end says no more.
  const isTelling = decisive.some(saysRefused) || isOpen(target.unit, journal)
  return distinct([
    ...bySystemd,
    ...decisive.filter(saysRefused).flatMap(named),
    ...(isTelling ? [...refused].reverse().flatMap(named) : []),
    ...decisive.flatMap(named),
  ])
}

/** How systemd begins what it says of a program or a directory (src/core/exec-invoke.c). */
const ofExec = /^(?:Failed to (?:execute|locate)|Unable to locate|Failed at step|Changing to) /

/** execve(2) says of a script what it says of the program in its first line. */
async function withInterpreters(
  host: Host,
  target: Target,
  names: readonly Named[],
): Promise<readonly Named[]> {
  const all = names.map(async named => {
    const text = isProgram(target, named.path) ? await scriptText(host, named.path) : null
    const path = /^#!\s*(\/\S+)/.exec(text ?? '')?.[1]
    return path === undefined ? [named] : [named, {...named, path}]
  })
  return (await Promise.all(all)).flat()
}

function isProgram({unit, server}: Target, path: string): boolean {
  const programs = ['ExecStartPre', 'ExecStart', 'ExecStartPost'].flatMap(property =>
    execCommands(unit, property).map(command => command.path),
  )
  return path === server.interpreter || programs.includes(path)
}

/** Milliseconds: an exception of longer ago is no matter of now. */
const recent = 3_600_000

/** What requests were refused, or the server for them: exceptions in a line, the last first. */
function ofRequests(
  host: Host,
  {unit}: Target,
  journal: readonly JournalLine[],
): readonly Pick<Named, 'said' | 'at'>[] {
  const lines = journal.filter(
    ({at, invocation}) =>
      at >= host.now() - recent && (invocation === null || invocation === unit.get('InvocationID')),
  )
  const ended = statements(lines).filter(({exception, logger}) => exception && logger !== null)
  return ended
    .toReversed()
    .flatMap(({text, chain, at}) =>
      [text, ...chain.map(link => link.text)].map(words => ({said: firstLine(words), at})),
    )
    .filter(({said}) => /^(?:PermissionError|OSError): \[Errno (?:1|13|30)\]/.test(said))
}

/** So many are asked about. */
const most = 24

function distinct(names: readonly Named[]): readonly Named[] {
  const first = new Map<string, Named>()
  for (const named of names) if (!first.has(named.path)) first.set(named.path, named)
  return [...first.values()].slice(0, most)
}
