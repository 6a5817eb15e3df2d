import {writeFileSync} from 'node:fs'
import manifest from '../package.json' with {type: 'json'}
import {checks} from '../src/checks/index.ts'
import type {ExitCodes} from '../src/cli/exit-codes.ts'
import {plainCodes} from '../src/cli/exit-codes.ts'
import {
  flagGroups,
  labelOf,
  lowered,
  type Manual,
  type ManualFlag,
  manualsOf,
  textOf,
  versionFlag,
} from '../src/cli/manual.ts'
import {commands, loadCommands} from '../src/commands/index.ts'
import {cacheDirectory} from '../src/host/local/digest-memory.ts'
import {defaultDirectory} from '../src/host/local/run-journal.ts'
import {defaultConfigPath} from '../src/report/config-path.ts'
import {capitalized} from '../src/report/reporters/words.ts'
import {changelog} from './changelog.ts'

type Entry = readonly [what: string, text: string]

const purpose =
  '`prism-doctor` looks at the unit, its secrets, its state directory, its static files, PostgreSQL, the application and the web server in front of it, as the service sees them. It names the root cause rather than a list of symptoms, since when it is so, what follows from it, and what to type.'

const files: readonly Entry[] = [
  [
    defaultConfigPath,
    'The configuration, in TOML. Everything in it is optional: the unit, the time for a run, checks to leave out, waivers, checks of your own, and what cannot be found on the machine. As root it is read only where nobody but root can change it.',
  ],
  [
    `${defaultDirectory}/runs/`,
    'The journals of --fix, one file a run, for root alone; undo reads them. The newest 50 are kept.',
  ],
  [
    `${defaultDirectory}/history/`,
    'What runs of root have found, and how the machine was when all was well, for root alone; history tells it. At most 90 days and 10 MiB are kept, of secrets only a keyed hash. `keep = false` below `[history]` of the configuration keeps nothing.',
  ],
  [
    `${cacheDirectory}/`,
    'What root has already read of unchanged static files; --no-cache reads them again.',
  ],
]

const environment: readonly Entry[] = [
  ['NO_COLOR', 'Anything but the empty text: no colours.'],
  [
    'FORCE_COLOR',
    '1, 2 or 3: colours, also in a pipe, whatever NO_COLOR says. 0: no colours at all.',
  ],
  ['TERM', 'dumb: no colours, no drawing, and nothing but ASCII.'],
  ['LC_ALL, LC_CTYPE, LANG', 'The first that is set says whether UTF-8 can be shown.'],
  ['DEBUG', 'Anything: an error is told with its stack.'],
]

const security = [
  'Only root sees everything. Another user is told what could not be looked at, and that is never called fine. A diagnosis changes nothing, and writes down what it found. It asks Django in a transient unit, as the user of the service, in its sandbox and with its environment, never as root.',
  'No secret is printed, recorded or kept: each is replaced by a name that is made anew for every run. As root, a configuration and checks of your own are read only from files that nobody else can change.',
]

/**
 * The manual page, in the macros of man(7), from what help says.
 * @param day YYYY-MM-DD, or what stands in its place.
 */
export async function manualPage(day: string): Promise<string> {
  const manuals = await allManuals()
  const [main, ...others] = manuals
  if (!main) throw new Error('there is no default command')
  const lines = [
    '.\\" Written by scripts/man.ts from the commands in src/commands/.',
    `.TH PRISM\\-DOCTOR 1 "${day}" "prism\\-doctor ${escaped(manifest.version)}"`,
    // No word is cut in two, and no line is stretched: what is typed can be copied.
    '.nh',
    '.ad l',
    ...section('Name', [`prism\\-doctor \\- ${escaped(lowered(manifest.description))}`]),
    ...section('Synopsis', synopsis(manuals)),
    ...section('Description', paragraphs([purpose, ...main.paragraphs])),
    ...section('Options', options([...main.flags, versionFlag])),
    ...section('Commands', others.flatMap(commandLines)),
    ...section('Checks', [
      'A check is named by its id, and several at once by the group before the slash.',
      ...entries(checks.map(({id, title}) => [id, `${title}.`])),
    ]),
    ...section('Exit status', exitStatus(main.exitCodes, others)),
    ...section('Files', entries(files)),
    ...section('Environment', entries(environment)),
    ...section('Examples', manuals.flatMap(examples)),
    ...section('Security', paragraphs(security)),
    ...section('See also', ['.BR systemctl (1),', '.BR journalctl (1),', '.BR systemd.exec (5)']),
  ]
  return `${lines.join('\n')}\n`
}

/** What is said of every command, the default one first. */
export async function allManuals(): Promise<readonly Manual[]> {
  await loadCommands('help')
  return manualsOf(Object.entries(commands).map(([id, command]) => Object.assign(command, {id})))
}

/** The day of a release; SOURCE_DATE_EPOCH (reproducible-builds.org) wins. */
export function dayOf(day: string | null, epoch: string | undefined): string {
  if (epoch !== undefined && /^\d+$/.test(epoch))
    return new Date(Number(epoch) * 1000).toISOString().slice(0, 10)
  return day ?? 'unreleased'
}

/** The manual page of this checkout. */
export async function ownManualPage(): Promise<string> {
  const [newest] = changelog()
  return manualPage(dayOf(newest?.day ?? null, process.env.SOURCE_DATE_EPOCH))
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH ${title.toUpperCase()}`, ...lines]
}

function synopsis(manuals: readonly Manual[]): readonly string[] {
  return manuals
    .flatMap(({usage}) => usage)
    .flatMap((line, at) => [...(at > 0 ? ['.br'] : []), typed(`prism-doctor ${line}`)])
}

function paragraphs(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text, at) => [...(at > 0 ? ['.PP'] : []), prose(text)])
}

function options(flags: readonly ManualFlag[]): readonly string[] {
  return Object.values(flagGroups).flatMap(title => [
    `.SS ${title}`,
    ...flagEntries(flags.filter(({group}) => group === title)),
  ])
}

function flagEntries(flags: readonly ManualFlag[]): readonly string[] {
  return flags.flatMap(flag => ['.TP', typed(labelOf(flag)), prose(sentence(textOf(flag)))])
}

function commandLines({usage, summary, paragraphs: more, flags}: Manual): readonly string[] {
  return [
    ...usage.map(line => `.SS ${typed(line)}`),
    prose(`${summary}.`),
    ...more.flatMap(text => ['.PP', prose(text)]),
    ...flagEntries(flags.filter(({name}) => name !== 'help')),
  ]
}

function exitStatus(main: ExitCodes, others: readonly Manual[]): readonly string[] {
  const own = others.filter(({exitCodes}) => exitCodes !== plainCodes)
  return [
    'Of a diagnosis, in every format:',
    ...codes(main),
    ...own.flatMap(({name, exitCodes}) => ['.PP', prose(`Of \`${name}\`:`), ...codes(exitCodes)]),
    '.PP',
    'Of the other commands:',
    ...codes(plainCodes),
  ]
}

function codes(table: ExitCodes): readonly string[] {
  return entries(table.map(([code, meaning]) => [code, sentence(meaning)]))
}

function entries(rows: readonly Entry[]): readonly string[] {
  return rows.flatMap(([what, text]) => ['.TP', `.B ${escaped(what)}`, prose(text)])
}

function examples({examples: some}: Manual): readonly string[] {
  return some.flatMap(({command, text}) => ['.TP', `.B ${escaped(command)}`, prose(sentence(text))])
}

/** A command line: what is typed as it stands is bold, what it stands for is italic. */
function typed(line: string): string {
  return line.replace(/[A-Z]{2,}|[a-z-][\w-]*|[^A-Za-z-]+/g, part => {
    if (/^[A-Z]/.test(part)) return `\\fI${part}\\fR`
    return /^[a-z-]/.test(part) ? `\\fB${escaped(part)}\\fR` : escaped(part)
  })
}

/** Running text, in which what stands between backticks is typed. */
function prose(text: string): string {
  const parts = text.split('`').map((part, at) => {
    const safe = escaped(part)
    return at % 2 === 1 ? `\\fB${safe}\\fR` : safe
  })
  return shielded(parts.join(''))
}

/** What roff would make typography of: a dash or a tilde is one that can be copied (man-pages(7)). */
const signs: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
}

function escaped(text: string): string {
  return text.replace(/[\\'`^~-]/g, sign => signs[sign] ?? sign)
}

/** A line that begins with these would be a request of roff. */
function shielded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line
}

function sentence(text: string): string {
  return `${capitalized(text)}.`
}

if (import.meta.main)
  writeFileSync(new URL('../dist/prism-doctor.1', import.meta.url), await ownManualPage())
