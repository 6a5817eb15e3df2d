import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {execCommands, type Unit} from '../../host/unit.ts'
import {oncePerHost} from '../once-per-host.ts'
import {type ApacheSettings, askApache, parseApacheSettings} from './apache-settings.ts'
import {parseApache} from './apache-syntax.ts'
import {filesOf, maxFiles, type Reading, textOf} from './configuration-files.ts'
import type {Directive} from './nginx-syntax.ts'

/** What Apache of this machine is told to do. */
export interface Apache {
  readonly unit: Unit
  readonly file: string
  /** All of it, with includes, conditions and variables resolved, and names in lower case. */
  readonly directives: readonly Directive[]
  readonly unread: readonly string[]
  /** As Apache itself tells them: null where it was not asked, or refuses its configuration. */
  readonly said: ApacheSettings | null
  /** What it says on the way (AH…), a line each. */
  readonly complaints: readonly string[]
}

/** Apache's configuration as its unit would load it; null where no unit of it is loaded. */
export const readApache = oncePerHost(
  async (host: Host, unit: Unit): Promise<Apache> => {
    const [command] = execCommands(unit, 'ExecStart')
    const argv = command?.argv ?? []
    const option = (name: string): string | null =>
      argv.includes(name) ? (argv[argv.indexOf(name) + 1] ?? null) : null
    const root = option('-d')
    const usual = unit.name.startsWith('httpd')
      ? '/etc/httpd/conf/httpd.conf'
      : '/etc/apache2/apache2.conf'
    const file = option('-f') ?? usual
    const stated: Stated = {
      modules: new Set(builtIn),
      defines: new Map(),
      serverRoot: root ?? rootOf(file),
    }
    const reading = {host, texts: null, left: maxFiles, unread: []}
    const [directives, answer] = await Promise.all([
      read(reading, stated, file),
      askApache(host, unit),
    ])
    const complaints = host.secrets
      .conceal(answer?.stderr ?? '')
      .split('\n')
      .filter(line => line !== '')
    return {
      unit,
      file,
      directives,
      unread: reading.unread,
      said: answer?.exitCode === 0 ? parseApacheSettings(answer.stdout) : null,
      complaints,
    }
  },
  ({name}) => name,
)

function rootOf(file: string): string {
  return file.replace(/\/conf\/[^/]+$|\/[^/]+$/, '')
}

/** Modules that are part of the program itself, as distributions build it. */
const builtIn = ['core', 'so', 'watchdog', 'http', 'log_config', 'logio', 'version', 'unixd'].map(
  name => `${name}_module`,
)

/** What has been said so far, in the order of the files. */
interface Stated {
  readonly modules: Set<string>
  readonly defines: Map<string, string>
  serverRoot: string
}

type Source = Omit<Reading, 'directory'>

async function read(source: Source, stated: Stated, file: string): Promise<readonly Directive[]> {
  // One count and one list of what could not be read for all files.
  const text = await textOf(source as Reading, file)
  return text === null ? [] : expanded(source, stated, parseApache(text, file))
}

/** In order, since a module or a variable counts from where it stands. */
async function expanded(
  source: Source,
  stated: Stated,
  directives: readonly Directive[],
): Promise<readonly Directive[]> {
  const all: Directive[] = []
  for (const directive of directives) {
    const args = directive.args.map(word =>
      word.replace(/\$\{(\w+)\}/g, (whole, name) => stated.defines.get(name) ?? whole),
    )
    const [first = '', second = ''] = args
    const {name, block} = directive
    if (name === 'loadmodule') stated.modules.add(first)
    else if (name === 'define') stated.defines.set(first, second)
    else if (name === 'undefine') stated.defines.delete(first)
    else if (name === 'serverroot' && first.startsWith('/'))
      stated.serverRoot = first.replace(/(?<=.)\/$/, '')
    else if (name === 'include' || name === 'includeoptional')
      all.push(...(await included(source, stated, name, first)))
    else if (block !== null && isCondition(name)) {
      if (holds(stated, name, first)) all.push(...(await expanded(source, stated, block)))
    } else all.push({...directive, args, block: block && (await expanded(source, stated, block))})
  }
  return all
}

async function included(
  source: Source,
  stated: Stated,
  name: string,
  pattern: string,
): Promise<readonly Directive[]> {
  const reading: Reading = {
    host: source.host,
    texts: null,
    left: source.left,
    directory: stated.serverRoot,
    unread: name === 'include' ? source.unread : [],
  }
  const all: Directive[] = []
  for (const file of await filesOf(reading, pattern)) {
    if (name === 'includeoptional' && (await ifSeen(source.host.stat(file))) === null) continue
    all.push(...(await read(source, stated, file)))
  }
  return all
}

function isCondition(name: string): boolean {
  return ['ifmodule', 'ifdefine', 'ifversion', 'iffile', 'ifdirective', 'ifsection'].includes(name)
}

/** What is not asked here, as a version or a file, is taken to hold. */
function holds({modules, defines}: Stated, name: string, test: string): boolean {
  const isNot = test.startsWith('!')
  const what = test.replace(/^!/, '')
  if (name === 'ifdefine') return defines.has(what) !== isNot
  // By the module's name, or by that of its source: mod_ssl.c.
  if (name === 'ifmodule') return modules.has(what.replace(/^mod_(\w+)\.c$/, '$1_module')) !== isNot
  return true
}
