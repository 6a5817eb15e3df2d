import type {Activity} from './activity.ts'
import type {Secrets} from './secrets.ts'

/**
 * The machine, as an interface. Answers include bad news; a rejection with CannotLook means that
 * nobody could look.
 */
export interface Host {
  /** Effective user id of the one who looks: 0 sees everything. */
  readonly uid: number
  /** What must never leave: probes add every secret value that they come across. */
  readonly secrets: Secrets
  /**
   * What systemd says of units, in this order. A property that systemd does not know is absent, and
   * so is one that a recording was not asked for: absent reads as empty.
   * @throws CannotLook where systemd is not running or systemctl is missing.
   */
  units(names: readonly string[], properties: readonly string[]): Promise<readonly UnitProperties[]>
  /**
   * The last lines since the boot of any of these, the oldest first.
   * @throws CannotLook where there is no journal, or it is not shown to this user.
   */
  journal(sources: readonly JournalSource[], lines: number): Promise<readonly JournalEntry[]>
  /** Runs a program found on a fixed PATH, without a shell, in the C locale, with no terminal. */
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecAnswer>
  /**
   * Runs a program exactly as a new start of the unit would run it: user, groups, environment,
   * directory, sandbox. What is found there is evidence: the program is the application's.
   * @throws CannotLook without root or systemd-run, for a unit that is not loaded, a time or a
   *   limit that was exceeded.
   */
  asUnit(unit: string, argv: readonly string[], options?: AsUnitOptions): Promise<ExecAnswer>
  /**
   * The settings of a unit that asUnit passes on and may leave out (`without`), each once, by name.
   * @throws CannotLook for a unit that is not loaded.
   */
  sandbox(unit: string): Promise<readonly UnitSetting[]>
  /**
   * What the processes of a control group do and wait for, within a moment of half a second; for
   * where a service is silent.
   * @param group ControlGroup= of the unit.
   * @throws CannotLook without root.
   */
  activity(group: string): Promise<Activity>
  /** Reads a regular file; a symbolic link is followed only where root alone could have made it. */
  readFile(path: string, options?: ReadOptions): Promise<FileAnswer>
  /** lstat(2): the entry itself, never what a link points to. Null where there is none. */
  stat(path: string): Promise<Stat | null>
  /** The names in a directory, sorted; null where there is no directory. */
  list(path: string): Promise<readonly string[] | null>
  /**
   * Everything below a directory (the directory itself is not in it), without following links or
   * leaving the filesystem.
   * @param apart Directories below the root, relative to it: what lies in them is told apart where
   *   there is too much to be listed.
   */
  walk(root: string, apart?: readonly string[]): Promise<WalkAnswer>
  /**
   * What the regular files below a directory hold, without following links or leaving the
   * filesystem.
   */
  digests(root: string): Promise<DigestAnswer>
  /** Asks PostgreSQL statements over one connection per `Connection`. */
  query(connection: Connection, statement: Statement): Promise<QueryAnswer>
  /**
   * One HTTP/1.1 GET to an address of this machine or a Unix socket; redirects are not followed.
   */
  request(request: HttpRequest): Promise<HttpAnswer>
  /** Milliseconds since the epoch, of the machine that is looked at. */
  now(): number
}

/** Nobody could look; `privilege` when root would have seen it. */
export class CannotLook extends Error {
  override readonly name = 'CannotLook'
  readonly privilege: boolean
  constructor(message: string, options: {privilege?: boolean} = {}) {
    super(message)
    this.privilege = options.privilege ?? false
  }
}

/**
 * A file system that was asked and does not answer: of a server that is gone. The message says so.
 */
export class Hanging extends CannotLook {
  /** Where it is mounted, or the path that was looked at. */
  readonly place: string
  constructor(message: string, place: string) {
    super(message)
    this.place = place
  }
}

/** A fact that nobody stated: app/settings says why. */
export class NotStated extends CannotLook {}

/**
 * The recording was never asked this. No CannotLook: whoever does without an answer there would
 * take a question that is not in the fixtures for one that was answered.
 */
export class NotRecorded extends Error {
  override readonly name = 'NotRecorded'
  constructor(kind: string, key: string) {
    super(`the recording has no answer to ${kind} ${key}`)
  }
}

/**
 * Properties of a unit by name, as `systemctl show` prints them; a list for what is printed once
 * per entry.
 */
export type UnitProperties = Readonly<Record<string, string | readonly string[]>>

/**
 * `unit`: what its processes wrote, and what was written about it (UNIT=), which anybody can claim.
 * `identifier`: what root or the kernel wrote under this name.
 */
export type JournalSource = {readonly unit: string} | {readonly identifier: string}

/**
 * What journald keeps of one message (systemd.journal-fields(7)); a field that it does not have is
 * absent.
 */
export interface JournalEntry {
  /**
   * Milliseconds since the epoch, as journald stamped it: programs write their own times, each in
   * its own zone.
   */
  readonly at: number
  readonly text: string
  /** _SYSTEMD_UNIT: of which unit the process is. */
  readonly unit?: string
  /** UNIT: about which unit it is, as the process says. */
  readonly about?: string
  readonly uid?: number
  readonly pid?: number
  /** One start of the unit, with all that came of it. */
  readonly invocation?: string
  /** It came from the kernel's buffer, and no process with a user is known. */
  readonly kernel?: true
}

export interface ExecOptions {
  /**
   * What a recording calls the question, whatever program and flags it takes to ask: "user prism",
   * "listeners".
   */
  readonly question: string
  /**
   * Runs as this user with its supplementary groups, in a session of its own (setpriv
   * --init-groups).
   */
  readonly user?: string
  /** Milliseconds, default 10,000. */
  readonly timeout?: number
}

/** A setting of a unit in the words of systemd: MemoryDenyWriteExecute=yes. */
export interface UnitSetting {
  readonly name: string
  readonly value: string
}

export interface AsUnitOptions {
  readonly input?: string
  /** Milliseconds, default 10,000. */
  readonly timeout?: number
  /**
   * Bytes of stdout that are kept; more is CannotLook. Default 4 MiB. Of stderr the first 1 MiB is
   * kept.
   */
  readonly limit?: number
  /**
   * Settings of the unit that are left out (an experiment): ProtectSystem, …, of those that
   * `sandbox` tells. The process gets no new privileges then, and nothing of a unit that runs as
   * root is left out.
   */
  readonly without?: readonly string[]
  /** Settings that are added to those of the unit, as a drop-in would (an experiment). */
  readonly with?: readonly UnitSetting[]
  /**
   * Set besides what the unit states, as its wrapper does; goes through a root-owned file, never
   * through argv.
   */
  readonly environment?: Readonly<Record<string, string>>
  /** Starts in this directory rather than WorkingDirectory= (a server's --chdir). */
  readonly directory?: string
  /** Whom the server that the unit starts as root becomes; instead of User= and Group=. */
  readonly as?: {readonly user: string; readonly group: string | null}
  /** What a recording calls the question; else the program and its arguments. */
  readonly question?: string
  /**
   * Of stdout only the line behind the last of these words is kept: what the program prints besides
   * is nothing.
   */
  readonly fence?: string
  /** `secrets`: the answer is JSON whose member `secrets` a recording veils value by value. */
  readonly holds?: 'secrets'
}

export interface ExecAnswer {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /**
   * Of asUnit alone: the step at which systemd failed before it reached the program,
   * `226/NAMESPACE`, or its result where it did not get as far as a process (`resources`: an
   * EnvironmentFile= is missing). exitCode is then systemd's or null, and stderr holds what it said
   * in the journal.
   */
  readonly notStarted?: string
}

export interface ReadOptions {
  /** Bytes; a larger file answers `too-large`. Default 1 MiB. */
  readonly limit?: number
  /**
   * Only so many bytes at the end are read, however large the file is: a log. A file that has
   * another name as well is an `unsafe-link`, since whoever may write there can give a log the name
   * of any file.
   */
  readonly tail?: number
  /** Read as bytes (latin1 in `text`) without asking for UTF-8. */
  readonly binary?: boolean
  /** `assignments`: NAME=value text whose values a recording replaces one by one. */
  readonly holds?: 'assignments'
}

export type FileAnswer =
  | {readonly kind: 'file'; readonly text: string; readonly utf8: boolean}
  | {readonly kind: 'missing' | 'directory' | 'not-regular' | 'unsafe-link' | 'dangling'}
  | {readonly kind: 'too-large'; readonly size: number}

export type EntryType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'device'

export interface Stat {
  readonly type: EntryType
  /** Permission bits, 0o0000 to 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly nlink: number
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly mtime: number
  /** Number of the filesystem (st_dev). */
  readonly dev: number
  /** Where a symbolic link points, as written. */
  readonly link?: string
}

export interface Entry extends Omit<Stat, 'dev'> {
  /** Relative to the root of the walk. */
  readonly path: string
}

/** Everything below a directory: by name, or by kind where there is too much to be listed. */
export type WalkAnswer = ListedWalk | CountedWalk

export interface ListedWalk {
  readonly truncated: false
  readonly entries: readonly Entry[]
  /** Paths that could not be looked at or into, and complaints that name none. */
  readonly unreadable: readonly string[]
}

/** With more entries below a directory not all of their names are kept. */
export const maxListed = 100_000

/** Only some of the names are here, but every entry was looked at. */
export interface CountedWalk {
  readonly truncated: true
  readonly kinds: readonly EntryKind[]
  /** Entries that are in none of the kinds: there were too many kinds, or it lies too deep. */
  readonly unjudged: number
  /** Paths that could not be looked at or into, and complaints that name none. */
  readonly unreadable: readonly string[]
}

/** Entries that have all this in common. */
export interface EntryKind extends Pick<Entry, 'type' | 'mode' | 'uid' | 'gid'> {
  /** Whether the name ends in .gz or .br, as compressed static files do. */
  readonly compressed: boolean
  /**
   * The innermost of the directories that were to be told apart in which they lie; null for none.
   * Such a directory is itself a kind.
   */
  readonly apart: string | null
  readonly count: number
  /** The first of them. */
  readonly named: readonly [Entry, ...Entry[]]
}

/** First twelve hex digits of MD5, as Django hashes static files. */
export interface Digest {
  /** Null for a file that could not be read. */
  readonly md5: string | null
  /**
   * Of `.gz` and `.br`: of what it decodes to; null when it does not decode, absent where that is
   * more than is decoded.
   */
  readonly decoded?: string | null
  /**
   * Of `.css`, `.js` and `.mjs`: of what is left without the references that collectstatic
   * rewrites.
   */
  readonly unlinked?: string
}

export interface DigestAnswer {
  /** By path, relative to the root. */
  readonly files: Readonly<Record<string, Digest>>
  /** False where something that is there was not read, or not looked into. */
  readonly complete: boolean
}

export interface Statement {
  /** What a recording calls the question; once per connection in a run. */
  readonly question: string
  readonly sql: string
}

/**
 * Where and as whom PostgreSQL is asked. `host` is a name, an address, or the directory of a Unix
 * socket.
 */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** Never recorded. Null sends none. */
  readonly password: string | null
  /** The operating system's user who connects (peer authentication); null is the one who looks. */
  readonly as: string | null
  /** libpq's sslmode; `prefer` when unset. */
  readonly sslmode?: string
  /** libpq's options: `-c search_path=prism`. */
  readonly options?: string
}

export type QueryAnswer =
  | {readonly kind: 'rows'; readonly rows: readonly Readonly<Record<string, unknown>>[]}
  /** The server's own answer: an ErrorResponse. */
  | {
      readonly kind: 'error'
      readonly sqlstate: string
      readonly severity: string
      readonly message: string
      readonly detail: string | null
      readonly hint: string | null
    }
  /**
   * No server answered: an errno name (ECONNREFUSED, ENOENT, EACCES, ENOTFOUND…) or ETIMEDOUT, or
   * `password-required`.
   */
  | {readonly kind: 'unreachable'; readonly code: string; readonly message: string}

export interface HttpRequest {
  /**
   * An address of this machine and a port, or a Unix socket; HTTP is spoken unless another protocol
   * is named.
   */
  readonly address: (
    | {readonly host: string; readonly port: number}
    | {readonly socketPath: string}
  ) & {
    /** As uWSGI's `socket` has it, for nginx's uwsgi_pass. */
    readonly protocol?: 'uwsgi'
  }
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Which time the same is asked, where a first answer proves nothing; 1 when absent. */
  readonly time?: number
  /** The name to ask for over TLS, whatever the certificate says; plain HTTP when absent. */
  readonly tls?: string
  /** Milliseconds until the head must have come, default 8,000; where it is given, the body, too. */
  readonly timeout?: number
  /** Bytes of the body that are kept, default 64 KiB. */
  readonly limit?: number
  /** Bytes of the body that are received, default 64 MiB; what comes after them is not read. */
  readonly most?: number
}

export type HttpAnswer =
  | {
      readonly kind: 'response'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      /** UTF-8 text of at most `limit` bytes. */
      readonly body: string
      /** Bytes received, capped at 64 MiB. */
      readonly size: number
      /** First 12 hex digits of the MD5 of the whole body, as Django hashes. */
      readonly md5: string
    }
  | {readonly kind: 'unreachable'; readonly code: string; readonly message: string}
