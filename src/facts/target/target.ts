import {CannotLook, NotStated} from '../../host/host.ts'
import type {EnvironmentFileSetting, Unit} from '../../host/unit.ts'
import type {Platform} from '../../platform/platform.ts'
import type {ReportedTarget} from '../../report/report.ts'
import {type Django, type DjangoAnswer, settingsKnown, whyUnasked} from '../django/django.ts'
import type {Source} from '../django/stated.ts'
import type {Server} from '../program/server.ts'
import {type Bind, writtenBind} from './bind.ts'
import type {DatabaseTarget} from './database.ts'

/** What the command line and the configuration say; all else is found. */
export interface TargetSettings {
  readonly unit: string | null
  readonly stateDirectory?: string | undefined
  readonly staticRoot?: string | undefined
  readonly mediaRoot?: string | undefined
  readonly package?: string | undefined
  readonly bind?: string | undefined
  readonly hosts?: readonly string[] | undefined
  /** How NixOS is rebuilt, for the remedies: the flake and the host in it. */
  readonly flake?: string | undefined
  /**
   * False where the configuration refuses to run anything of the application (`[django] ask =
   * false`).
   */
  readonly ask?: boolean | undefined
  /** Ask Django all the way, also when nothing is wrong (`--deep`). */
  readonly deep?: boolean | undefined
  /**
   * The encrypted file of NixOS's secrets, for the remedies; "secrets/secrets.yaml" when absent.
   */
  readonly secrets?: string | undefined
}

/** One EnvironmentFile= and what was read of it. */
export interface SecretsFile extends EnvironmentFileSetting {
  /** Null when it could not be read (missing, denied, not text); secrets/file says why. */
  readonly variables: ReadonlyMap<string, string> | null
}

/**
 * What is known of the deployment; found without configuration from the unit, its files and its
 * process.
 */
export interface Target {
  readonly unit: Unit
  /**
   * The unit with the User= and Group= that its application runs as, where the server sees to that
   * itself.
   */
  readonly served: Unit
  readonly user: string | null
  readonly group: string | null
  readonly workingDirectory: string | null
  readonly package: string | null
  readonly stateDirectory: string | null
  /** The program that serves the application, wrappers taken off. */
  readonly server: Server
  /** What Django says of the application, as a new start of the unit would see it. */
  readonly django: Django
  /** By the configuration, Django, or the environment where Django could not be asked. */
  readonly staticRoot: string | null
  readonly mediaRoot: string | null
  /** As it is told to; where nothing says so, as it does. Null where neither is known. */
  readonly bind: Bind | null
  /** Every address that it is told to listen at; `bind` is the first. */
  readonly binds: readonly Bind[]
  /**
   * What ALLOWED_HOSTS admits: of the running process where that differs, else of the next one.
   * Empty where not known.
   */
  readonly hosts: readonly string[]
  /** Null when Django says that it uses no PostgreSQL; `unknown` when nobody says anything. */
  readonly database: DatabaseTarget | null | 'unknown'
  /** What a new process of the unit would get: Environment= and then its EnvironmentFiles. */
  readonly environment: ReadonlyMap<string, string>
  readonly secretsFiles: readonly SecretsFile[]
  /**
   * Every place that states variables: the unit's files, the unit itself, then the files that the
   * settings read.
   */
  readonly sources: readonly Source[]
  /**
   * What the running process has: evidence, never authority. Null when it does not run or may not
   * be read.
   */
  readonly running: ReadonlyMap<string, string> | null
  /**
   * True when an EnvironmentFile may hold more than could be read: nothing may be called missing
   * then.
   */
  readonly environmentIncomplete: boolean
  readonly settings: TargetSettings
  /** How a thing is changed on this machine. */
  readonly platform: Platform
}

/** @throws NotStated where nobody says which database the service uses. */
export function databaseOf({
  database,
  django,
}: Pick<Target, 'database' | 'django'>): DatabaseTarget | null {
  if (database !== 'unknown') return database
  throw notStated(django, 'which database the service uses')
}

/** The database where one is known: for what is only looked at beside other things. */
export function knownDatabase({database}: Pick<Target, 'database'>): DatabaseTarget | null {
  return database === 'unknown' ? null : database
}

/** @throws NotStated where Django could not be asked. */
export function answerOf({django}: Pick<Target, 'django'>, what: string): DjangoAnswer {
  if (django.answer && settingsKnown(django)) return django.answer
  throw notStated(django, what)
}

/**
 * For whoever says that the service has no password: the settings may state one, and libpq may find
 * one in a file.
 * @throws CannotLook where Django or its database driver could not be asked.
 */
export function mustKnowPassword(target: Target): void {
  const {libpq} = answerOf(target, "the service's password for PostgreSQL")
  if (libpq === null || !('unasked' in libpq)) return
  const why = `the database driver could not be asked (${libpq.unasked})`
  throw new CannotLook(`whether libpq finds a password in a file is not known: ${why}`)
}

/** In the same words for every fact, so that they are said once. */
function notStated(django: Django, what: string): NotStated {
  const {unasked} = django
  const why = settingsKnown(django)
    ? 'the settings do not say it by themselves'
    : 'the settings could not be imported'
  return new NotStated(unasked ? whyUnasked(unasked) : `${what} is not known: ${why}`, {
    privilege: unasked?.kind === 'privilege',
  })
}

/** What the report says of the target: no secrets, every field may be null. */
export function reportedTarget(target: Target | null, settings: TargetSettings): ReportedTarget {
  const database = target && knownDatabase(target)
  return {
    unit: target?.unit.name ?? settings.unit,
    user: target?.user ?? null,
    group: target?.group ?? null,
    stateDirectory: target?.stateDirectory ?? null,
    staticRoot: target?.staticRoot ?? null,
    package: target?.package ?? null,
    workingDirectory: target?.workingDirectory ?? null,
    url: target?.bind ? urlOf(target.bind) : null,
    database: database
      ? {host: database.host, port: database.port, name: database.name, user: database.user}
      : null,
  }
}

function urlOf(bind: Bind): string {
  return 'socketPath' in bind ? writtenBind(bind) : `http://${writtenBind(bind)}`
}
