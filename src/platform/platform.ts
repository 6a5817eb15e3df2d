import type {Host} from '../host/host.ts'
import type {Unit} from '../host/unit.ts'
import type {Lasting, Risk, Step} from '../report/finding.ts'

/**
 * How a thing is changed on this machine. No other room knows a distribution: a remedy says what
 * is to be changed, and the platform says how.
 */
export interface Platform
  extends UnitChanges,
    VariableChanges,
    CodeChanges,
    AccountChanges,
    FrontChanges,
    PostgresChanges,
    SystemChanges {
  /** ID of os-release(5), "nixos", "debian", "ubuntu"; null where nobody could look. */
  readonly id: string | null
  /** VERSION_ID of os-release(5), "25.11"; null where there is none. */
  readonly version: string | null
  /** What the programs of a deployment are called: a "package", or an "application". */
  readonly application: string
}

/** Of units and their settings. */
export interface UnitChanges {
  /**
   * Settings of [Service], each of which takes the place of what the unit has, or adds to a list.
   */
  unitSetting(unit: string, settings: UnitSettings, options?: SettingOptions): Means
  /** The unit in general: a human has to see what to change in it. */
  unitChange(unit: string): Means
  /** A unit that systemd does not have. */
  unitDefinition(unit: string): Means
  /** A unit whose file leads to /dev/null. */
  unmask(unit: string): Means
  /** Lets the boot start a unit. @param state its UnitFileState=, "disabled" or "static". */
  enable(unit: string, state: string): Means
  /** Lets a command of manage.py run before each start, where that is how it is done. */
  beforeStart(unit: string, command: string): Means
  /** Runs the service as a user of its own instead of a dynamic one. */
  ownUser(unit: string, user: string): Means
}

/** Of variables and secrets. */
export interface VariableChanges {
  /**
   * A variable of the service's environment, where it is stated today.
   * @param value null where it is for a human to say.
   * @param file where the application itself reads it, as an .env file; it wins.
   */
  variable(target: Configured, name: string, value: string | null, file?: string): Means
  /** The same for one that nobody may see. @param name null for what has no one name. */
  secret(target: Configured, name: string | null, file?: string): Means
  /** A file of secrets that is not there, or not as it should be. */
  secretsFile(target: Configured, path: string): Means
  /** A file of secrets that is read by others than it should be; `real` is where its links end. */
  closeSecretsFile(path: string, real: string): Means
  /** What installs secrets at boot; null where the operator writes their files. */
  readonly secretsInstaller: SecretsInstaller | null
}

/** Of what was deployed. */
export interface CodeChanges {
  /**
   * The application's own code, corrected and deployed. @param patch what the correction is, where
   * that is known.
   */
  code(target: Configured, patch?: Patch): Means
  /** What was deployed and is gone, deployed again. */
  redeploy(target: Configured): Means
  /**
   * What was deployed before, deployed again; null where nothing here can. Only the history offers
   * it, which knows whether all was well with that.
   */
  readonly rollback: Step | null
  /** What shows which versions were deployed; null where nothing here knows. */
  readonly versions: Step | null
  /** Systems that were built one after the other; null where there are none. */
  readonly generations: Generations | null
}

/** Whole systems, of which one runs; each by its path. */
export interface Generations {
  /** Which packages differ; none where nobody could look. */
  compare(host: Host, old: string, now: string): Promise<readonly PackageChange[]>
  /** Where a rollback leads; null where nobody knows. */
  previous(host: Host): Promise<string | null>
  /** Whether both have this unit, and not the same one. */
  unitDiffers(host: Host, unit: string, old: string, now: string): Promise<boolean>
}

/** A package of one or of two systems; null where it is not there, empty without a version. */
export interface PackageChange {
  readonly name: string
  readonly old: string | null
  readonly new: string | null
}

/** Of users, groups and the paths that a unit needs. */
export interface AccountChanges {
  user(target: Configured, user: string, group: string): Means
  group(target: Configured, group: string): Means
  /** A line of tmpfiles.d(5) for a path that the unit needs. */
  tmpfiles(unit: string, rule: string): Means
}

/** Of the web servers in front of the application. */
export interface FrontChanges {
  /**
   * The configuration of a web server in front of the application: one setting, or a change that a
   * human has to see. A server that is down is started, one that runs reads its files again.
   */
  front(server: WebServer, setting?: FrontSetting): Means
  /** Whether the platform writes the files of web servers, so that nobody edits them. */
  readonly writesFronts: boolean
  /** The user of Apache's processes, where its files leave that to its environment. */
  readonly apacheUser: string
  /** Lets the processes of a web server, which run as this user, into a group. */
  frontGroup(server: WebServer, user: string, group: string): Means
  /** Where the sites of a web server lie, enabled or not; null where nobody keeps them so. */
  sites(server: WebServer): Sites | null
}

/** Of PostgreSQL. */
export interface PostgresChanges {
  /** PostgreSQL as it is run here, behind this port. */
  findPostgres(host: Host, port: number): Promise<Postgres>
  /** PostgreSQL itself, whose unit is not there, or is masked. */
  postgres(unit: string, state: 'missing' | 'masked'): Means
  /** PostgreSQL runs, and is to run after the next boot, too. */
  postgresEnabled(): Means
  postgresSetting(server: Postgres, name: string, value: string | number | boolean): Means
  /** Lines of pg_hba.conf, before the others. */
  postgresAdmission(server: Postgres, lines: string): Means
  /** Corrects a line of pg_hba.conf that stands there; `line` is its text as it should be. */
  postgresHbaLine(server: Postgres, file: string, line: string): Means
  /** The files of extensions for this server, by the extensions' names. */
  postgresExtensions(server: Postgres, names: readonly string[]): Means
  /** A locale of the system, by which a database sorts: "de_DE.UTF-8". */
  postgresLocale(server: Postgres, locale: string): Means
  /** Goes back to the cluster of this major version. */
  postgresVersion(version: string): Means
  /** A database that should be there, and lasts once it is made. */
  database(name: string): Means
  /** A role that should be there and own the database of its name. */
  role(name: string): Means
}

/** Of what the system brings beside the deployment. */
export interface SystemChanges {
  /** A program that the unit looks for by its name alone: "git". */
  programFor(unit: string, program: string): Means
  /** Locales of the C library. */
  locales(): Means
  /** Names of time zones that are links today ("US/Pacific"); null where all are there anyway. */
  oldTimeZones(): Means | null
}

/** How a change is made, and made to last: what a remedy is put together from. */
export interface Means {
  /** What to type, in order: the change itself, then what lets it count. */
  readonly steps: readonly Step[]
  readonly nix: string | null
  readonly lasting: Lasting | null
  /**
   * What lets it count, for the end of a summary: "rebuild", "restart the service". Null where the
   * change is all.
   */
  readonly next: string | null
  /**
   * A verb phrase for what is done, where that is another thing here than the check's own words
   * say.
   */
  readonly summary?: string
  /** `manual` when absent. */
  readonly risk?: Risk
}

/** What of a target the platform asks: `Target` is one. */
export interface Configured {
  readonly unit: Unit
  readonly secretsFiles: readonly {
    readonly path: string
    readonly variables: ReadonlyMap<string, string> | null
  }[]
}

/** By the name of the setting; a list is written as one, and adds to what the unit has. */
export type UnitSettings = Readonly<Record<string, string | boolean | readonly string[]>>

export interface SettingOptions {
  /** It takes the place of what the unit has; `values`: but lists add to it. */
  readonly force?: boolean | 'values'
}

/** One text of a file of the application in place of another. */
export interface Patch {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** A web server of this machine, with what is needed to let it read its configuration again. */
export interface WebServer {
  readonly kind: 'nginx' | 'apache' | 'caddy'
  readonly unit: Unit
  readonly active: boolean
  /** The file that it starts from; null where its unit names none. */
  readonly file: string | null
}

/** Settings of a web server that a platform may have an option for. */
export type FrontSetting =
  /** It forwards the name that the visitor asked for, and whether that was over TLS. */
  | {readonly kind: 'proxy-headers'}
  /** It forwards one of its names to this URL. */
  | {readonly kind: 'upstream'; readonly name: string; readonly url: string}
  /** A directive of nginx's own, for one of its names or for all of it. */
  | {
      readonly kind: 'directive'
      readonly in: {readonly name: string} | 'http' | 'events' | 'main'
      readonly text: string
    }

/** One directory with every site, and one with those that the web server reads. */
export interface Sites {
  readonly available: string
  readonly enabled: string
  /** Enables a site, by its file among the available ones. */
  enable(file: string): Means
}

/** A PostgreSQL of this machine. */
export interface Postgres {
  /** The unit that runs it: "postgresql.service", "postgresql@17-main.service". */
  readonly unit: string
  /** Its log where it does not go to the journal: "/var/log/postgresql/postgresql-17-main.log". */
  readonly log: string | null
  /** Where its configuration lies, for an editor: "/etc/postgresql/17/main". */
  readonly configuration: string | null
}

/** A machine's one PostgreSQL, where nothing tells of its files. */
export const plainPostgres: Postgres = {unit: 'postgresql.service', log: null, configuration: null}

/**
 * Why secrets were not put in place: the key that decrypts, the owner, a key of the file, what lies
 * in the way.
 */
export type InstallCause = 'no-key' | 'owner' | 'key-missing' | 'not-a-link' | 'other'

/** Puts secrets from an encrypted file in place, all or none. */
export interface SecretsInstaller {
  /** The directory that it fills: "/run/secrets". */
  readonly directory: string
  /** Its name, for a message: "sops". */
  readonly name: string
  /** What it said. */
  readonly journal: Step
  /** What to do about what it complained of, for the secret at this path. */
  mend(path: string, cause: InstallCause): Means
}

/** Where there is nothing to do. */
export const nothing: Means = {steps: [], nix: null, lasting: null, next: null}

/** Two changes as one. Only one file can make it last: the first's, where they need two. */
export function together(one: Means, other: Means): Means {
  const joined = (texts: readonly (string | null)[], by: string): string | null =>
    [...new Set(texts.filter(text => text !== null))].join(by) || null
  const nix = joined([one.nix, other.nix], '\n')
  const lasts = [one.lasting, other.lasting].filter(lasting => lasting !== null)
  const [first = null] = lasts
  const text = joined(
    lasts.filter(({file}) => file === first?.file).map(lasting => lasting.text),
    '\n',
  )
  return {
    ...nothing,
    steps: [...one.steps, ...other.steps],
    nix,
    lasting: first && {file: first.file, text: text ?? first.text},
    next: joined([one.next, other.next], ' and '),
  }
}
