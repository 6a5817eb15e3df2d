import type {Host} from '../../../host/host.ts'
import {ifSeen} from '../../../host/if-seen.ts'
import {resolved} from '../locate.ts'
import {maxScript} from '../script.ts'
import {type Start, untold} from '../shell/start.ts'
import {
  type Above,
  addAbove,
  iniSettings,
  longestPath,
  magicOf,
  placed,
  replaceMagic,
  type Setting,
} from './uwsgi-ini.ts'
import {commandLine} from './uwsgi-words.ts'

/** More files than any configuration includes. */
const maxFiles = 16

/**
 * The options of a command line and of the ini files that it names, in the order in which uwsgi
 * takes them.
 */
export interface Settings {
  readonly settings: readonly Setting[]
  readonly files: readonly string[]
  /** False where a file or an option may say more than was read. */
  readonly isWhole: boolean
}

interface Reading {
  readonly host: Host
  readonly start: Start
  readonly settings: Setting[]
  readonly above: Above
  readonly files: string[]
  isWhole: boolean
  reads: number
}

export async function readSettings(host: Host, start: Start): Promise<Settings> {
  const above = {options: new Map(), placeholders: new Map()}
  const reading: Reading = {host, start, settings: [], above, files: [], isWhole: true, reads: 0}
  for (const [name, value] of commandLine(start.argv.slice(1)))
    await add(reading, name, placed(value, above, start.environment), null)
  return reading
}

/** @param from The file that the option stands in; null for the command line. */
async function add(
  reading: Reading,
  name: string,
  value: string,
  from: string | null,
): Promise<void> {
  if (/^(?:ini|include|inherit)$/.test(name) || (name === 'config' && /\.ini(?::|$)/.test(value)))
    return readIni(reading, from !== null && value.startsWith(':') ? `${from}${value}` : value)
  if (/^(?:yaml|yml|json|xml|sqlite3|ldap|config|for.*|if-.*|inherit-.*)$/.test(name))
    reading.isWhole = false
  reading.settings.push([name, value])
  addAbove(reading.above, [name, value])
}

/** `FILE`, `FILE:SECTION` */
async function readIni(reading: Reading, text: string): Promise<void> {
  const {host, start, above, files} = reading
  const colon = text.lastIndexOf(':')
  const [file, section] =
    colon > 0 ? [text.slice(0, colon), text.slice(colon + 1) || 'uwsgi'] : [text, 'uwsgi']
  const path = resolved(start.directory, file)
  reading.reads += 1
  // One that includes itself has no end, nor has a name that is made of itself.
  const isTooMuch = path.includes(untold) || path.length > longestPath || reading.reads > maxFiles
  const answer = isTooMuch ? null : await ifSeen(host.readFile(path, {limit: maxScript}))
  if (answer?.kind !== 'file') {
    reading.isWhole = false
    return
  }
  if (!files.includes(path)) files.push(path)
  const magic = magicOf(path, file, section, start.directory)
  for (const [name, value] of iniSettings(answer.text, section))
    await add(reading, name, placed(replaceMagic(value, magic), above, start.environment), path)
}
