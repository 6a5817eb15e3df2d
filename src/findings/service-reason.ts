import {type JournalLine, lastFailure, type Statement, statements} from '../facts/journal/journal.ts'
import {type Recognised, recognise} from '../facts/journal/signatures.ts'
import {execCommands, failedCommand, timestampOf, type Unit} from '../host/unit.ts'
import type {CheckId} from '../report/finding.ts'

/** Why the unit does not run, as far as its journal or systemd tell. */
export interface Reason {
  /** "the settings need SECRET_KEY, which is not set" */
  readonly text: string
  /** What was really said, for the evidence. */
  readonly quotes: readonly string[]
  /** The checks that find the cause; empty where this is the cause, null where it is not known. */
  readonly because: readonly CheckId[] | null
  readonly recognised: Recognised | null
  /** An exception that nobody described came up in the package's own code. */
  readonly inPackage?: boolean
}

/** Milliseconds before its end in which a start's last words count: gunicorn takes 30 s to give up on its workers. */
const lastWords = 120_000

/** How a start came to its end, from its lines in the journal; null where they do not tell. */
export function reasonFromJournal(unit: Unit, journal: readonly JournalLine[]): Reason | null {
  const failure = lastFailure(journal)
  const end = failure.findLast(({by}) => by === 'systemd')?.at ?? 0
  const late = failure.filter(({at}) => at >= end - lastWords)
  // systemd tells first what it then only names again; a process tells last what it died of.
  const bySystemd = withoutAftermath(late.filter(({by}) => by === 'systemd')).map(line => ({
    ...line,
    exception: false,
    where: null,
    path: null,
  }))
  const said = statements(late)
    .filter(({text}) => !isAccess(text))
    .toReversed()
  return (
    firstOf(unit, bySystemd, 'cause') ??
    decisive(unit, said) ??
    firstOf(unit, said, 'hint') ??
    lastError(said) ??
    lastSaid(unit, said)
  )
}

/** Processes that outlive the main one are killed in the end: that is not why it failed. */
function withoutAftermath(lines: readonly JournalLine[]): readonly JournalLine[] {
  const end = lines.findIndex(({text}) => /^(?:Main|Control) process exited, /.test(text))
  if (end === -1) return lines
  return lines.filter((line, index) => index < end || recognise(line)?.signature.name !== 'stop-timeout')
}

/** Lines of the access log may hold any words. */
function isAccess(text: string): boolean {
  return /^[\da-f]*[.:][\da-f.:]+ |"[A-Z]+ \S+ HTTP\//.test(text)
}

/** The last that was said of those that can be what it died of: what was caught before it is over. */
function decisive(unit: Unit, said: readonly Statement[]): Reason | null {
  const last = said.find(statement => {
    const kind = recognise(statement)?.signature.kind
    return kind === 'cause' || (kind === undefined && statement.exception)
  })
  if (!last) return null
  // An exception that nobody described: what it means is open.
  return (
    firstOf(unit, [last], 'cause') ?? {
      ...reasonOf(last),
      because: null,
      recognised: null,
      inPackage: last.where !== null,
    }
  )
}

function firstOf(unit: Unit, candidates: readonly Statement[], kind: 'cause' | 'hint'): Reason | null {
  for (const statement of candidates) {
    const recognised = recognise(statement)
    if (recognised?.signature.kind !== kind) continue
    const {signature, match} = recognised
    return {...reasonOf(statement, signature.meaning?.(match, unit)), because: signature.because, recognised}
  }
  return null
}

function lastError(said: readonly Statement[]): Reason | null {
  const found = said.find(
    statement =>
      /\b(?:error|fatal|cannot|can't|failed|denied)\b/i.test(statement.text) && recognise(statement) === null,
  )
  return found ? {...reasonOf(found), because: null, recognised: null} : null
}

/** A program that calls nothing an error: how it ended, and its last words. */
function lastSaid(unit: Unit, said: readonly Statement[]): Reason | null {
  const ended = lastEnd(unit)
  const last = said.find(statement => recognise(statement) === null)
  if (ended?.how !== 'exited' || steps[ended.status] || !last) return null
  const {text, quotes} = reasonOf(last)
  const words = `${ended.program} exited with ${ended.status}; the last that was said: ${text}`
  return {text: words, quotes, because: null, recognised: null}
}

function reasonOf({text, where}: Statement, meaning?: string): Pick<Reason, 'text' | 'quotes'> {
  const quotes = text.split('\n').filter(line => line.trim() !== '')
  const words = meaning ?? quotes[0] ?? ''
  return {
    text: `${withoutStop(words)}${where ? ` (${where})` : ''}`,
    quotes: quotes.slice(0, 4).map(line => withoutStop(line.trim())),
  }
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '')
}

/** Exit codes of systemd's own child, before the program ran (systemd.exec(5), "Process Exit Codes"). */
const steps: Readonly<Record<number, readonly [string, CheckId | null]>> = {
  200: ['its working directory could not be entered (200/CHDIR)', 'service/package'],
  203: ['its program could not be executed (203/EXEC)', 'service/package'],
  209: ['its standard output could not be set up (209/STDOUT)', null],
  216: ['its group does not exist (216/GROUP)', 'service/user'],
  217: ['its user does not exist (217/USER)', 'service/user'],
  218: ['its capabilities could not be set (218/CAPABILITIES)', null],
  226: ['its sandbox could not be set up (226/NAMESPACE)', 'state/directory'],
  228: ['its system call filter could not be set up (228/SECCOMP)', null],
  233: ['its runtime directory could not be made (233/RUNTIME_DIRECTORY)', null],
  238: ['its state directory could not be made (238/STATE_DIRECTORY)', 'state/directory'],
  243: ['its credentials could not be read (243/CREDENTIALS)', 'secrets/file'],
}

/** What systemctl alone tells: no journal is needed. The names of exit codes are labels; a program means its own. */
export function reasonFromSystemd(unit: Unit): Reason {
  const result = unit.get('Result')
  const reason = (text: string, because: readonly CheckId[] | null = null): Reason => ({
    text,
    quotes: [],
    because,
    recognised: null,
  })
  if (result === 'resources')
    return reason('systemd could not prepare its start, as when a secrets file is missing', ['secrets/file'])
  if (result === 'timeout') {
    return reason(
      hadStarted(unit)
        ? 'it ran for longer than RuntimeMaxSec= allows, or did not end within TimeoutStopSec='
        : `it did not start within TimeoutStartSec=${unit.get('TimeoutStartUSec')}`,
    )
  }
  if (result === 'protocol') return reason(protocolBroken(unit), [])
  if (result === 'watchdog') return reason('it gave no sign of life within WatchdogSec', [])
  if (result === 'oom-kill') return reason('the kernel killed it because memory ran out', [])
  const ended = lastEnd(unit)
  if (!ended) return reason(result === 'success' ? 'why is not known' : `its result is ${result}`)
  if (ended.how !== 'exited') return reason(`${ended.program} was ended by signal ${ended.status}`, [])
  const step = steps[ended.status]
  if (step) return reason(step[0], step[1] ? [step[1]] : [])
  return reason(`${ended.program} exited with ${ended.status}`)
}

/** Whether the last start succeeded, whatever came after it. */
function hadStarted(unit: Unit): boolean {
  const [began, active] = [timestampOf(unit, 'InactiveExitTimestamp'), timestampOf(unit, 'ActiveEnterTimestamp')]
  return began !== null && active !== null && active >= began
}

/** What Type= asks of a program, and this one does not do. */
function protocolBroken(unit: Unit): string {
  const type = unit.get('Type')
  const program = baseName(execCommands(unit, 'ExecStart')[0]?.path ?? 'its main process')
  if (type === 'notify' || type === 'notify-reload') {
    return `${program} ended before it told systemd that it is ready (Type=${type})`
  }
  return `${program} does not start in the way that Type=${type} asks for`
}

interface End {
  readonly program: string
  readonly how: 'exited' | 'signal'
  readonly status: number
}

/** Which command failed: where one of ExecStartPre= did, ExecMainStatus= is 0. */
function lastEnd(unit: Unit): End | null {
  const failed = failedCommand(unit)
  if (failed) {
    return {
      program: baseName(failed.path),
      how: failed.code === 'exited' ? 'exited' : 'signal',
      status: failed.status,
    }
  }
  const code = unit.get('ExecMainCode')
  const status = Number(unit.get('ExecMainStatus'))
  // CLD_EXITED, CLD_KILLED and CLD_DUMPED of waitid(2).
  if (!/^[123]$/.test(code) || (code === '1' && status === 0)) return null
  const program = baseName(execCommands(unit, 'ExecStart')[0]?.path ?? 'its main process')
  return {program, how: code === '1' ? 'exited' : 'signal', status}
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
