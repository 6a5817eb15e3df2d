import {CannotLook, type Host} from '../../../host/host.ts'
import {ifSeen} from '../../../host/if-seen.ts'
import {timestampOf} from '../../../host/unit.ts'
import {findJournal} from '../../journal/journal.ts'
import {readApache} from '../apache-configuration.ts'
import type {Front} from '../front.ts'
import {findNginx} from '../nginx-configuration.ts'
import {type Directive, flattened, type Place} from '../nginx-syntax.ts'
import {type Clock, localClock, type WallTime} from './local-time.ts'

/** One line of a front's error log. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Without the time that the front wrote before it; visitors' words are in it. */
  readonly text: string
  /** The site whose own log it is; null where several write into it. */
  readonly site: Place | null
}

/** What a front wrote to its error logs, the oldest first. */
export interface FrontLog {
  readonly lines: readonly LogLine[]
  /** When the front was started, milliseconds since the epoch; 0 where systemd does not say. */
  readonly since: number
}

/** What is needed of a front to find its logs. */
export type Logging = Pick<Front, 'kind' | 'unit'>

/** Bytes at the end of each log that are read. */
const maxTail = 256 * 1024

/** So many logs are read. */
const maxLogs = 6

/** Characters: no front writes a longer line (NGX_MAX_ERROR_STR, MAX_STRING_LEN of Apache). */
const maxLine = 16 * 1024

/** Lines of the journal that are read. */
const maxLines = 600

/**
 * @throws CannotLook where neither the journal nor a log may be read.
 */
export async function readFrontLog(host: Host, front: Logging): Promise<FrontLog> {
  const {files, journal} = await logsOf(host, front)
  const started = Date.parse(timestampOf(front.unit, 'ExecMainStartTimestamp') ?? '') || 0
  const parts = await Promise.all([
    ...(journal ? [fromJournal(host, front)] : []),
    ...files.slice(0, maxLogs).map(file => fromFile(host, file)),
  ])
  if (parts.every(part => part === null) && parts.length > 0) {
    const where = journal ? 'the journal' : files.map(({path}) => path).join(' and ')
    const privilege = host.uid !== 0
    throw new CannotLook(`${where} of ${front.kind} could not be read`, {privilege})
  }
  const lines = parts.flatMap(part => part ?? []).sort((a, b) => a.at - b.at)
  return {lines, since: started}
}

/** A log as a configuration names it. */
interface Stated {
  readonly path: string
  readonly site: Place | null
}

interface Logs {
  readonly files: readonly Stated[]
  readonly journal: boolean
}

/** Where a front is told to write its errors: `error_log` and `ErrorLog`, at every level. */
async function logsOf(host: Host, front: Logging): Promise<Logs> {
  if (front.kind === 'caddy') return {files: [], journal: true}
  const written = front.kind === 'nginx' ? await nginxLogs(host) : await apacheLogs(host, front)
  const files = written.filter(({path}) => path.startsWith('/') && !path.startsWith('/dev/'))
  // stderr, syslog and /dev/stderr end there.
  const journal = written.some(({path}) =>
    /^(?:stderr|syslog|\/dev\/stderr$|\/dev\/fd\/)/.test(path),
  )
  const paths = [...Map.groupBy(files, ({path}) => path)]
  return {
    files: paths.map(([path, [first, ...others]]) => ({
      path,
      site: others.length === 0 ? (first?.site ?? null) : null,
    })),
    journal,
  }
}

async function nginxLogs(host: Host): Promise<readonly Stated[]> {
  const directives = (await findNginx(host))?.directives ?? []
  const stated = flattened(directives).filter(({name}) => name === 'error_log')
  const isGeneral = directives.some(
    ({name, block}) =>
      name === 'error_log' || (name === 'http' && block?.some(each => each.name === 'error_log')),
  )
  const paths = stated.map(({args: [path = '']}) => path)
  // What packages of distributions were built with.
  const all = isGeneral ? paths : [...paths, '/var/log/nginx/error.log']
  // Each of its lines says which site it is about.
  return all.map(path => ({path, site: null}))
}

async function apacheLogs(host: Host, {unit}: Logging): Promise<readonly Stated[]> {
  const {directives, file} = await readApache(host, unit)
  const root = file.replace(/\/conf\/[^/]+$|\/[^/]+$/, '')
  const sites = directives.filter(({name}) => name === 'virtualhost')
  const general = directives.filter(({name}) => name !== 'virtualhost')
  const stated = [
    ...logsIn(general, null),
    ...sites.flatMap(({block, file, line}) => logsIn(block ?? [], {file, line})),
  ]
  const all = stated.length > 0 ? stated : [{path: 'logs/error_log', site: null}]
  return all
    .filter(({path}) => !/^\||\$/.test(path))
    .map(({path, site}) => {
      const isWhole = path.startsWith('/') || path.startsWith('syslog')
      return {path: isWhole ? path : `${root}/${path}`, site}
    })
}

function logsIn(block: readonly Directive[], site: Place | null): readonly Stated[] {
  return flattened(block)
    .filter(({name}) => name === 'errorlog')
    .map(({args: [path = '']}) => ({
      // Debian's /etc/apache2/envvars says where.
      path: path.replace(/\$\{APACHE_LOG_DIR\}/, '/var/log/apache2'),
      site,
    }))
}

async function fromJournal(host: Host, front: Logging): Promise<readonly LogLine[] | null> {
  const lines = await findJournal(host, front.unit, maxLines)
  return (
    lines?.flatMap(({at, by, text}) => {
      if (by !== 'service') return []
      if (front.kind === 'caddy') return text.startsWith('{') ? [{at, text, site: null}] : []
      // What a reload refuses is written without a time.
      const said = stampIn(text)?.text ?? /^nginx: (\[emerg\] .*)$/.exec(text)?.[1]
      return said === undefined ? [] : [{at, text: said, site: null}]
    }) ?? null
  )
}

/** A log that is not there says nothing; the directory may belong to somebody else. */
async function fromFile(host: Host, {path, site}: Stated): Promise<readonly LogLine[] | null> {
  const answer = await ifSeen(host.readFile(path, {tail: maxTail}))
  if (answer === null) return null
  if (answer.kind !== 'file') return []
  const said = wholeLines(answer.text)
    .filter(({length}) => length <= maxLine)
    .flatMap(text => stampIn(text) ?? [])
  if (said.length === 0) return []
  const clock: Clock = await localClock(host)
  // What a program wrote that nobody knows may hold anything: secrets go before it is taken apart.
  return said.map(({time, text}) => ({at: clock(time), text: host.secrets.redact(text), site}))
}

/**
 * Lines with what continues them. A name in a request may hold a line break, which nginx writes as
 * it is: what belongs to a connection (`*7`) ends with the client.
 */
function wholeLines(text: string): readonly string[] {
  const lines: string[] = []
  let open = false
  for (const line of text.split('\n')) {
    if (open) lines.push(`${lines.pop() ?? ''} ${line}`)
    else lines.push(line)
    const last = lines.at(-1) ?? ''
    open = /^\d{4}\/\S+ \S+ \[\w+\] \d+#\d+: \*\d+ /.test(last) && !/, client: /.test(last)
    // Not for ever: a line may have been cut off.
    if (last.length > maxLine) open = false
  }
  return lines
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * `2026/11/25 00:28:30 [error] 168#168: *5 …` of nginx, `[Fri Nov 27 02:40:19.123456 2026]
 * [core:error] …` of Apache; null for what is no such line.
 */
export function stampIn(text: string): {readonly time: WallTime; readonly text: string} | null {
  const nginx = /^(?:nginx: )?(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) (\[\w+\] .*)$/s.exec(
    text,
  )
  if (nginx) {
    const [, year, month, day, hour, minute, second, rest = ''] = nginx
    const time = [year, month, day, hour, minute, second].map(Number)
    return {time: time as unknown as WallTime, text: rest}
  }
  const apache =
    /^\[\w{3} (\w{3}) +(\d+) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d{4})\] (\[[\w.-]*:\w+\] .*)$/s.exec(
      text,
    )
  if (!apache) return null
  const [, name = '', day, hour, minute, second, year, rest = ''] = apache
  const month = months.indexOf(name) + 1
  return {
    time: [Number(year), month, Number(day), Number(hour), Number(minute), Number(second)],
    text: rest,
  }
}
