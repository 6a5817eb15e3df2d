import type {FileAnswer, Host} from '../../host/host.ts'
import {
  declaredEnvironment,
  environmentFiles,
  execCommands,
  splitWords,
  statedDirectory,
  type Unit,
} from '../../host/unit.ts'

/** Where drop-ins lie, the strongest first (systemd.unit(5), "Unit File Load Path"). */
const dropInRoots = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
]

/**
 * How the unit's files differ from what systemd has loaded; null when they agree. NeedDaemonReload=
 * compares times, and so misses a link that was switched to another unit of the store (mtime 1)
 * and, in older versions, a first drop-in.
 */
export async function changeOnDisk(host: Host, unit: Unit): Promise<string | null> {
  const fragment = unit.get('FragmentPath')
  if (fragment === '' || unit.get('Transient') === 'yes') return null
  const loaded = splitWords(unit.get('DropInPaths'))
  const names = new Set(loaded.map(path => path.slice(path.lastIndexOf('/') + 1)))
  const onDisk = (
    await Promise.all(dropInRoots.map(root => dropIns(host, `${root}/${unit.name}.d`)))
  ).flat()
  const added = onDisk.find(path => !names.has(path.slice(path.lastIndexOf('/') + 1)))
  if (added) return `${added} was added`
  const files = await filesOf(host, unit)
  const gone = files.findIndex(({kind}) => kind === 'missing' || kind === 'dangling')
  if (gone >= 0) return `${[fragment, ...loaded][gone]} is gone`
  const settings = parseSection(textsOf(files).join('\n'), 'Service')
  const differing = difference(settings, unit)
  return differing ? `${differing} differs in ${loaded.length > 0 ? 'its files' : fragment}` : null
}

/**
 * A setting of [Service] as the unit's files have it: systemd shows some, such as LoadCredential=,
 * as "[unprintable]".
 */
export async function writtenSetting(
  host: Host,
  unit: Unit,
  key: string,
): Promise<readonly string[]> {
  const texts = textsOf(await filesOf(host, unit))
  return parseSection(texts.join('\n'), 'Service').get(key) ?? []
}

/** What systemd shows as "[unprintable]", and what it mixes with what it adds by itself. */
const onlyWritten =
  /^(?:Condition\w+|Assert\w+|(?:Requires|Wants)MountsFor|(?:Load|Set)Credential(?:Encrypted)?|ImportCredential|OpenFile)$/

/**
 * Settings of which only the unit's files tell, each with all its values; null where one of them
 * cannot be read.
 */
export async function onlyInFiles(
  host: Host,
  unit: Unit,
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const answers = await filesOf(host, unit)
  const texts = textsOf(answers)
  if (texts.length === 0 || texts.length < answers.length) return null
  const all = ['Unit', 'Service'].flatMap(section => [...parseSection(texts.join('\n'), section)])
  return new Map(all.filter(([key, values]) => onlyWritten.test(key) && values.length > 0))
}

/** What systemd has loaded the unit from, in the order in which it counts. */
async function filesOf(host: Host, unit: Unit): Promise<readonly FileAnswer[]> {
  const paths = [unit.get('FragmentPath'), ...splitWords(unit.get('DropInPaths'))]
  return Promise.all(paths.filter(path => path !== '').map(path => host.readFile(path)))
}

function textsOf(answers: readonly FileAnswer[]): readonly string[] {
  return answers.flatMap(answer => (answer.kind === 'file' ? [answer.text] : []))
}

async function dropIns(host: Host, directory: string): Promise<readonly string[]> {
  const names = (await host.list(directory)) ?? []
  return names.filter(name => name.endsWith('.conf')).map(name => `${directory}/${name}`)
}

/** The settings of a section in their order; an empty value resets a list (systemd.syntax(7)). */
function parseSection(text: string, wanted: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>()
  let section = ''
  for (const line of text.replace(/\\\n\s*/g, ' ').split('\n')) {
    const header = /^\s*\[([^\]]+)\]/.exec(line)?.[1]
    if (header !== undefined) section = header
    const match = /^([A-Za-z]+)\s*=(.*)$/.exec(line.trim())
    if (!match || section !== wanted) continue
    const [, key = '', written = ''] = match
    const value = written.trim()
    // One that is empty clears conditions, or assertions, of every kind (systemd.unit(5)).
    const kind = value === '' ? /^(?:Condition|Assert)/.exec(key)?.[0] : undefined
    if (kind) for (const each of settings.keys()) if (each.startsWith(kind)) settings.set(each, [])
    const known = settings.get(key)
    if (value === '' || !known) settings.set(key, value === '' ? [] : [value])
    else known.push(value)
  }
  return settings
}

/**
 * The first setting that differs beyond doubt: what holds specifiers or unusual quoting is not
 * compared.
 */
function difference(settings: ReadonlyMap<string, readonly string[]>, unit: Unit): string | null {
  const values = (key: string): readonly string[] => settings.get(key) ?? []
  const plain = (text: string): boolean => !/[%'$\\]/.test(text)
  for (const key of ['User', 'Group'] as const) {
    const written = values(key).at(-1)
    if (written !== undefined && plain(written) && written !== unit.get(key)) return `${key}=`
  }
  const directory = values('WorkingDirectory').at(-1)?.replace(/^-/, '')
  if (directory?.startsWith('/') && plain(directory) && directory !== statedDirectory(unit))
    return 'WorkingDirectory='
  for (const key of ['ExecStartPre', 'ExecStart'] as const) {
    const written = values(key).map(
      line =>
        line
          .replace(/^[-@:+!|]*/, '')
          .split(/\s/)[0]
          ?.replace(/^"|"$/g, '') ?? '',
    )
    const paths = execCommands(unit, key).map(({path}) => path)
    const comparable = written.every(path => path.startsWith('/') && plain(path))
    if (comparable && written.join('\n') !== paths.join('\n')) return `${key}=`
  }
  const files = values('EnvironmentFile').map(path => path.replace(/^-/, ''))
  const loadedFiles = environmentFiles(unit).map(({path}) => path)
  if (files.every(plain) && files.join('\n') !== loadedFiles.join('\n')) return 'EnvironmentFile='
  const variable = differingVariable(values('Environment'), unit)
  return variable === undefined ? null : `${variable} in Environment=`
}

/** The name alone: the value may be a secret. */
function differingVariable(lines: readonly string[], unit: Unit): string | undefined {
  const quotedInside = /[^\s"=]"|="/
  if (lines.some(line => /[%'\\]/.test(line) || quotedInside.test(line.replace(/"(\s|$)/g, '$1'))))
    return undefined
  const written = new Map(
    lines
      .flatMap(line => splitWords(line))
      .map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  )
  const loaded = declaredEnvironment(unit)
  return [...new Set([...written.keys(), ...loaded.keys()])].find(
    name => loaded.get(name) !== written.get(name),
  )
}
