import {isUtf8} from 'node:buffer'
import {CannotLook, type ExecAnswer, type JournalEntry, type JournalSource} from '../host.ts'
import {exec} from './exec.ts'

const fields = [
  'MESSAGE',
  'UNIT',
  '_SYSTEMD_UNIT',
  '_UID',
  '_PID',
  '_TRANSPORT',
  'INVOCATION_ID',
  '_SYSTEMD_INVOCATION_ID',
  '__REALTIME_TIMESTAMP',
]

/**
 * Matches are named by their fields: `journalctl -u` loses the lines of systemd's child ("Failed at
 * step …"), which have UNIT= but not yet the unit's control group, and `-t` takes anybody's word
 * for who it is.
 */
export async function journal(
  sources: readonly JournalSource[],
  lines: number,
): Promise<readonly JournalEntry[]> {
  const question = [
    'journalctl',
    '--no-pager',
    '--quiet',
    '--boot',
    '--output=json',
    `--lines=${lines}`,
  ]
  const matches = sources
    .flatMap(matchesOf)
    .flatMap((match, index) => (index === 0 ? match : ['+', ...match]))
  return readJournal(
    await exec([...question, `--output-fields=${fields.join(',')}`, ...matches]),
    process.geteuid?.() !== 0,
  )
}

/** What journalctl answered one who is root, or is not. */
export function readJournal(answer: ExecAnswer, privilege: boolean): readonly JournalEntry[] {
  if (answer.exitCode !== 0) {
    const [said = ''] = answer.stderr.trim().split('\n')
    throw new CannotLook(`journalctl: ${said || `exit code ${answer.exitCode}`}`, {privilege})
  }
  // Who is not in the group systemd-journal is shown nothing, and told so on stderr at most.
  if (answer.stdout.trim() === '' && privilege)
    throw new CannotLook('the journal is not shown to this user', {privilege})
  return parseJournal(answer.stdout)
}

/** Each a list of fields that must all be so. */
function matchesOf(source: JournalSource): readonly (readonly string[])[] {
  if ('unit' in source) return [[`_SYSTEMD_UNIT=${source.unit}`], [`UNIT=${source.unit}`]]
  const identifier = `SYSLOG_IDENTIFIER=${source.identifier}`
  return [
    [identifier, '_UID=0'],
    [identifier, '_TRANSPORT=kernel'],
  ]
}

/** `journalctl --output=json`: one object per line. */
function parseJournal(text: string): readonly JournalEntry[] {
  return text.split('\n').flatMap(line => {
    const entry = parseEntry(line)
    const message = messageOf(entry?.MESSAGE)
    if (!entry || message === null) return []
    const {_SYSTEMD_UNIT: unit, UNIT: about, _UID: uid, _PID: pid, _TRANSPORT: transport} = entry
    const invocation = entry.INVOCATION_ID ?? entry._SYSTEMD_INVOCATION_ID
    return [
      {
        at: Math.floor(Number(entry.__REALTIME_TIMESTAMP) / 1000),
        text: message,
        ...(typeof unit === 'string' && {unit}),
        ...(typeof about === 'string' && {about}),
        ...(typeof uid === 'string' && {uid: Number(uid)}),
        ...(typeof pid === 'string' && {pid: Number(pid)}),
        ...(typeof invocation === 'string' && {invocation}),
        ...(transport === 'kernel' && {kernel: true as const}),
      },
    ]
  })
}

function parseEntry(line: string): Readonly<Record<string, unknown>> | null {
  if (line === '') return null
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    return null
  }
}

/**
 * A message that is no UTF-8 text, or has control characters, comes as an array of its bytes, one
 * that is too long as null.
 */
function messageOf(message: unknown): string | null {
  if (typeof message === 'string') return message
  if (!Array.isArray(message)) return null
  const bytes = Buffer.from(message as number[])
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}
