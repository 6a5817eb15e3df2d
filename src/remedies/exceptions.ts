import type {DjangoAnswer, ExceptionLink} from '../facts/django/django.ts'
import {tellingOf} from '../facts/django/exception.ts'
import {removedFrom} from '../facts/django/removed-modules.ts'
import {homeOf} from '../facts/files/identity.ts'
import {isBelow} from '../facts/files/paths.ts'
import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import type {Remedy} from '../report/finding.ts'
import {byHand, hand} from '../report/step.ts'
import {manageStep} from './collect.ts'
import {psql} from './psql.ts'
import {mend, or, remedy} from './remedy.ts'

/** What an exception does not say itself: what it comes from on this machine, and what helps. */
export interface Advice {
  /** Said after the exception: "no directory in the PATH of prism-django.service has git". */
  readonly adds: string
  readonly cure: Remedy
}

/** An exception of a chain, and what is known of its surroundings. */
interface Raised {
  readonly host: Host
  readonly target: Target
  readonly link: ExceptionLink
  readonly answer: DjangoAnswer
  /** Of ask.py: "entry" where the module to serve was being imported. */
  readonly stage: string
}

/** Null where its words are all that is known. */
type Look = (raised: Raised) => Advice | null | Promise<Advice | null>

/** What is known of an exception that keeps Django from starting; null where it speaks for itself. */
export async function adviceOn(
  host: Host,
  target: Target,
  answer: DjangoAnswer,
  {chain, stage}: DjangoAnswer['failures'][number],
): Promise<Advice | null> {
  const link = tellingOf(chain)
  if (!link) return null
  for (const look of looks) {
    const advice = await look({host, target, link, answer, stage})
    if (advice) return advice
  }
  return null
}

const looks: readonly Look[] = [
  programNotFound,
  moduleRemoved,
  localeIsAscii,
  localeMissing,
  zoneMissing,
  appsNotLoaded,
  homeMissing,
]

/** subprocess names the program alone where it was looked for in PATH. */
function programNotFound({target: {unit, platform}, link}: Raised): Advice | null {
  const {errno, filename, last} = link
  // The application names it, and it goes into what somebody pastes.
  if (errno !== 2 || !filename || !/^\w[\w.+-]*$/.test(filename)) return null
  if (!last || !/\/subprocess\.py$/.test(last.file)) return null
  const means = platform.programFor(unit.name, filename)
  return {
    adds: `no directory in the PATH of ${unit.name} has ${filename}`,
    cure: mend(`Let the unit find ${filename}`, means, {first: [byHand('which', filename)]}),
  }
}

function moduleRemoved({target, link, answer}: Raised): Advice | null {
  if (link.type !== 'ModuleNotFoundError' || link.name === null) return null
  const since = removedFrom(link.name, answer.python)
  if (since === null) return null
  const [module = link.name] = link.name.split('.')
  return {
    adds: `${module} was part of Python until ${since}, and this is ${answer.python}`,
    cure: mend(
      `Update what imports ${module}, or let it run on an older Python`,
      target.platform.code(target),
    ),
  }
}

/**
 * What lets Python read text as ASCII (locale(7), and "UTF-8 Mode" of its manual): in the locale "C"
 * alone it has chosen UTF-8 since 3.7.
 */
const ofAscii: Readonly<Record<string, RegExp>> = {
  LC_ALL: /^(?:C|POSIX)$|ascii|ANSI_X3/i,
  LC_CTYPE: /^(?:C|POSIX)$|ascii|ANSI_X3/i,
  LANG: /^(?:C|POSIX)$|ascii|ANSI_X3/i,
  PYTHONUTF8: /^0$/,
  PYTHONCOERCECLOCALE: /^0$/,
  PYTHONIOENCODING: /ascii/i,
}

function localeIsAscii({target, link}: Raised): Advice | null {
  const {unit, environment, platform} = target
  if (!/^Unicode(?:De|En)codeError$/.test(link.type) || !link.message.startsWith("'ascii' codec"))
    return null
  const set = Object.entries(ofAscii)
    .filter(([name, values]) => values.test(environment.get(name) ?? ''))
    .map(([name]) => `${name}=${environment.get(name)}`)
  if (set.length === 0) return null
  return {
    adds: `the environment of ${unit.name} has ${set.join(' and ')}`,
    cure: mend('Let Python use UTF-8', platform.variable(target, 'PYTHONUTF8', '1')),
  }
}

function localeMissing({target, link}: Raised): Advice | null {
  if (link.type !== 'Error' || link.message !== 'unsupported locale setting') return null
  return {
    adds: 'the machine does not have the locale that is chosen there',
    cure: mend('Install the locale, or choose one that is there', target.platform.locales(), {
      first: [byHand('locale', '-a')],
    }),
  }
}

function zoneMissing({target, link}: Raised): Advice | null {
  const [, zone] = /^Incorrect timezone setting: (\S+)$/.exec(link.message) ?? []
  if (link.type !== 'ValueError' || zone === undefined) return null
  const {platform} = target
  const correct = mend('Correct TIME_ZONE', platform.code(target))
  const old = platform.oldTimeZones()
  return {
    adds: `/usr/share/zoneinfo has no ${zone}`,
    cure: old
      ? or(mend('Install the old names of time zones', old, {whole: true}), correct)
      : correct,
  }
}

function appsNotLoaded({target, link, stage}: Raised): Advice | null {
  if (link.type !== 'AppRegistryNotReady' || stage !== 'entry') return null
  const {entry} = target.server
  if (entry === null) return null
  const name = 'module' in entry ? entry.module : entry.file
  return {
    adds: `${name} leads there before it has let Django load the applications`,
    cure: mend(
      'Call get_asgi_application() or get_wsgi_application() before anything that imports models',
      target.platform.code(target),
    ),
  }
}

/** systemd sets HOME= from the user's entry, whether that directory is there or not. */
async function homeMissing({host, target, link}: Raised): Promise<Advice | null> {
  const {user, stateDirectory, platform} = target
  const {filename} = link
  if (user === null || !filename?.startsWith('/') || ![2, 13, 30].includes(link.errno ?? 0))
    return null
  const home = target.environment.get('HOME') ?? (await ifSeen(homeOf(host, user)))
  if (!home || !(filename === home || isBelow(filename, home))) return null
  if ((await ifSeen(host.stat(home))) !== null) return null
  return {
    adds: `${home} is the home of ${user} and does not exist`,
    cure: mend(
      `Give the service a home that it may write to`,
      platform.variable(target, 'HOME', stateDirectory),
    ),
  }
}

/** What is known of a page's exception beyond its words; null where they say all. */
export async function adviceOnPage(
  host: Host,
  target: Target,
  said: string,
): Promise<Advice | null> {
  const [, table] = /\brelation "([^"]+)" does not exist/.exec(said) ?? []
  const cache = table === undefined ? null : cacheIn(target, table)
  if (cache !== null) {
    const step = await manageStep(host, target, 'createcachetable', '--verbosity', '1')
    const steps = step ? [step] : [hand('manage.py createcachetable')]
    return {
      adds: `it is the table of the cache "${cache}", which no migration makes (createcachetable does)`,
      cure: remedy('Let Django make the table of the cache', 'manual', steps),
    }
  }
  if (!/\bSite matching query does not exist/.test(said)) return null
  const rows = 'select id, domain from django_site'
  const {database} = target
  return {
    adds: 'django_site has no row of the id that SITE_ID says',
    cure: remedy('Make the row of the site, or correct SITE_ID', 'manual', [
      psql(rows, database !== null && database !== 'unknown' ? database.name : undefined),
    ]),
  }
}

function cacheIn({django}: Target, table: string): string | null {
  const caches = Object.entries(django.answer?.caches ?? {})
  const found = caches.find(
    ([, {backend, location}]) => /\.DatabaseCache$/.test(backend) && location === table,
  )
  return found?.[0] ?? null
}
