import type {Target} from '../target/target.ts'
import {type ExceptionLink, type Place, shownPlace} from './django.ts'

/** Exceptions that tell of the code or its libraries, whatever else is wrong with the machine. */
const ofCode = new Set([
  'SyntaxError',
  'IndentationError',
  'TabError',
  'ImportError',
  'ModuleNotFoundError',
  'NameError',
  'AttributeError',
  'TypeError',
  'AppRegistryNotReady',
  'TemplateSyntaxError',
  'TemplateDoesNotExist',
  'NoReverseMatch',
])

/**
 * The exception that tells why: the first of the chain, but for modules that are tried one after
 * the other, as Django tries psycopg and then psycopg2. Of those it is the last that is there and
 * fails, else the last.
 */
export function tellingOf(chain: readonly ExceptionLink[]): ExceptionLink | undefined {
  const [first] = chain
  if (first === undefined || !isImport(first)) return first
  // Python sets the name; an ImportError that is made of another one by hand has none.
  const others = chain.slice(1).findIndex(each => !isImport(each) || each.name === null)
  const tried = others < 0 ? chain : chain.slice(0, others + 1)
  return tried.findLast(each => each.type !== 'ModuleNotFoundError') ?? tried.at(-1)
}

function isImport({type}: ExceptionLink): boolean {
  return type === 'ImportError' || type === 'ModuleNotFoundError'
}

/** Whether the chain begins with a mistake in the package itself: then nothing else explains it. */
export function isOfPackage(chain: readonly ExceptionLink[]): boolean {
  const [first] = chain
  return first !== undefined && ofCode.has(first.type)
}

/**
 * A chain in one line: what tells why, where the application did it, and what was made of it.
 * "ModuleNotFoundError: No module named 'foo' (config/settings/base.py:3)"
 */
export function wordsOf(
  chain: readonly ExceptionLink[],
  {workingDirectory}: Pick<Target, 'workingDirectory'>,
): string {
  const first = tellingOf(chain)
  const last = chain.at(-1)
  if (!first || !last) return 'no exception was named'
  const place = [...chain].reverse().find(({own}) => own)?.place ?? first.place
  const where = shownWhere(first, place, workingDirectory)
  const said = firstLine(first)
  // What was caught on the way is worth a word where it means something else to a reader.
  const outcome =
    last !== first && !firstLine(last).includes(first.message) ? `; ${firstLine(last)}` : ''
  const linked =
    first.filename && !said.includes(first.filename) ? `, a link to ${first.filename}` : ''
  return `${said}${linked}${where ? ` (${where})` : ''}${outcome}`
}

/**
 * An import may fail in a library: then the application's own file, which led there, is said too.
 */
function shownWhere(
  {template, last, name}: ExceptionLink,
  place: Place | null,
  below: string | null,
): string | null {
  if (template) return shownPlace(template, below)
  const isTelling = (at: Place): boolean => !/\/importlib\//.test(at.file)
  const by = place && isTelling(place) ? place : null
  if (name === null || !last || !isTelling(last) || last.file === by?.file)
    return by && shownPlace(by, below)
  return `${shownPlace(last, below)}${by ? `, imported by way of ${shownPlace(by, below)}` : ''}`
}

function firstLine({type, message}: ExceptionLink): string {
  const [line = ''] = message.split('\n')
  return line === '' ? type : `${type}: ${line}`
}

/** The chain as evidence, its first cause first. */
export function chainEvidence(chain: readonly ExceptionLink[]): readonly string[] {
  return chain
    .slice(0, 4)
    .map(each => `${firstLine(each)}${each.place ? ` (${shownPlace(each.place)})` : ''}`)
}
