import {ungrouped} from './exception-group.ts'
import type {JournalLine} from './journal.ts'

/** An exception that led to another one. */
export interface Link {
  /** As a traceback ends: "PermissionError: [Errno 13] …", with its further lines. */
  readonly text: string
  /** See {@link Statement.where}. */
  readonly where: string | null
  /**
   * `cause`: the next was raised from it. `context`: the next came up while it was handled, which
   * may be all that the two have in common.
   */
  readonly leads: 'cause' | 'context'
}

/** Something that a process of the unit said. */
export interface Statement extends JournalLine {
  /** What a traceback ends with: of a chain the last, which is what came of it. */
  readonly exception: boolean
  /**
   * Where in the application an exception came up: "prism/wsgi.py, line 1", "/srv/app/views.py,
   * line 7".
   */
  readonly where: string | null
  /** The path of the request that it ended, as the line before the traceback says it. */
  readonly path: string | null
  /** Who logged the traceback, by the words before it; null where nobody said a word. */
  readonly logger: string | null
  /** The exceptions that led to it, the first cause first. */
  readonly chain: readonly Link[]
}

/** Within a traceback. */
interface Frames {
  readonly kind: 'frames'
  where: string | null
  readonly from: Pick<Statement, 'path' | 'logger' | 'chain'>
}

/** After a traceback: its exception, and how that leads to the next. */
interface After {
  readonly kind: 'after'
  exception: Statement
  leads: Link['leads'] | null
}

/** So many exceptions that led to one are kept: the nearest. */
const longestChain = 8

/**
 * What the unit's processes said: a line, or an exception with the lines that belong to it
 * (psycopg's text has several) and those that led to it. The frames of tracebacks are left out; the
 * lines of one process are kept together.
 */
export function statements(lines: readonly JournalLine[]): readonly Statement[] {
  const said = lines.filter(({by}) => by === 'service')
  const byProcess = [...Map.groupBy(said, ({pid}) => pid).values()].map(ofProcess)
  // Of two processes the one that ended its sentence first comes first.
  const order = new Map(said.map((line, index) => [line, index]))
  // What stood in a group is a line of its own by now.
  const placeOfLine = (line: JournalLine): number =>
    order.get(line) ?? said.findIndex(({at}) => at >= line.at)
  return byProcess
    .flat()
    .toSorted((a, b) => placeOfLine(a.line) - placeOfLine(b.line))
    .map(({statement}) => statement)
}

/** A statement, and the line of the journal that it began with. */
interface Placed {
  readonly line: JournalLine
  readonly statement: Statement
}

function ofProcess(lines: readonly JournalLine[]): readonly Placed[] {
  const found: Placed[] = []
  let state = null as Frames | After | null
  let before = ''
  for (const line of ungrouped(lines)) {
    const {text} = line
    if (text === 'Traceback (most recent call last):') {
      const cause: After | null = state?.kind === 'after' && state.leads ? state : null
      if (cause) found.pop()
      state = {kind: 'frames', where: null, from: cause ? ledBy(cause) : startOf(before)}
    } else if (state?.kind === 'frames') {
      if (text === '' || /^\s/.test(text)) state.where = placeOf(text) ?? state.where
      else {
        const exception: Statement = {...line, exception: true, where: state.where, ...state.from}
        state = {kind: 'after', exception, leads: null}
        found.push({line, statement: exception})
      }
    } else if (state && isLink(text)) {
      state.leads = /^During /.test(text) ? 'context' : 'cause'
    } else if (state && isContinuation(text)) {
      if (text === '' || state.exception.text.length >= 2000) continue
      state.exception = {...state.exception, text: `${state.exception.text}\n${text}`}
      found[found.length - 1] = {line: found.at(-1)?.line ?? line, statement: state.exception}
    } else {
      state = null
      before = text
      if (text.trim() !== '' && !isLink(text)) found.push({line, statement: plain(line)})
    }
  }
  return found
}

/** What the next exception takes over from the one that led to it. */
function ledBy({exception, leads}: After): Frames['from'] {
  const {path, logger, chain, text, where} = exception
  const link: Link = {text, where, leads: leads ?? 'context'}
  return {path, logger, chain: [...chain, link].slice(-longestChain)}
}

/** Of a traceback that nothing led to: which request it is about, as the line before it says. */
function startOf(line: string): Frames['from'] {
  const [, django, gunicorn] =
    /\b(?:Internal Server Error: (\/\S*)|Error handling request (\/?\S*))$/.exec(line) ?? []
  const [, other] =
    /\b(Socket error processing request|Exception in ASGI application|Error in ASGI Framework|Exception inside application)\b/.exec(
      line,
    ) ?? []
  if (other !== undefined) return {logger: other, path: null, chain: []}
  if (django !== undefined) return {logger: 'django.request', path: django, chain: []}
  if (gunicorn === undefined) return {logger: null, path: null, chain: []}
  // A query may hold anything, and is no part of what django.request calls the path.
  const [path = ''] = gunicorn.split('?')
  return {logger: 'gunicorn.error', path: path.startsWith('/') ? path : null, chain: []}
}

/** A line that is no exception. */
export function plain(line: JournalLine): Statement {
  return {...line, exception: false, where: null, path: null, logger: null, chain: []}
}

/**
 * A frame in the application's own code; what lies in Python's environment is not the place to
 * look.
 */
function placeOf(frame: string): string | null {
  const [, path = '', line] = /^ {2}File "(\/[^"]+)", line (\d+)/.exec(frame) ?? []
  const [, inPackage] = /^\/nix\/store\/[^/]+\/share\/[^/]+\/(.+)$/.exec(path) ?? []
  const isLibrary =
    /^\/nix\/store\/|\/(?:site|dist)-packages\/|^\/usr\/lib\/|\/lib(?:64)?\/python3|\/manage\.py$|\/bin\//.test(
      path,
    )
  const own = inPackage ?? (isLibrary ? '' : path)
  return own === '' || own === 'manage.py' ? null : `${own}, line ${line}`
}

/** Second lines of an exception's text, as opposed to what the process says next. */
function isContinuation(text: string): boolean {
  return /^(?:\s|connection to server |LINE \d+:|DETAIL: |HINT: |CONTEXT: |The (?:CSS|JS) file |$)/.test(
    text,
  )
}

/** What stands between two tracebacks of one chain. */
function isLink(text: string): boolean {
  return /^(?:During handling of the above exception|The above exception was the direct cause)/.test(
    text,
  )
}
