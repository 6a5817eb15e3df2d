import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {wrappedByBinary} from './binary-wrapper.ts'
import {isPython, kindOf, shells} from './kinds.ts'
import {envWords, located, shebangOf, textOf, worldOf} from './locate.ts'
import {environmentPython, inCommon, type Program, unknownProgram} from './program.ts'
import {pythonProgram} from './python-program.ts'
import {launchesOf} from './shell/launches.ts'
import {type Start, untold} from './shell/start.ts'
import {type Budget, newBudget} from './shell/state.ts'
import {scriptOfShell} from './shell-program.ts'
import {isWrapper, wrappedBy} from './wrappers.ts'

/** More wrappers than any deployment has. */
const maxDepth = 8

/** More than any deployment goes through. */
const maxPrograms = 1000

/** How far one command line is followed. */
interface Way {
  readonly depth: number
  /** What may still be looked at; this and the next are the same for all that it leads to. */
  readonly programs: {left: number}
  /**
   * For the scripts: those that run one another would be read as often as their lines to the power
   * of `maxDepth`.
   */
  readonly budget: Budget
}

/** What a command line comes to, wrappers taken off. */
export function unwrap(host: Host, start: Start): Promise<Program> {
  return unwrapAt(host, start, {depth: 0, programs: {left: maxPrograms}, budget: newBudget()})
}

async function unwrapAt(host: Host, start: Start, way: Way): Promise<Program> {
  const [first = ''] = start.argv
  way.programs.left -= 1
  if (way.depth > maxDepth || way.programs.left < 0) return unknownProgram(start)
  if (first === '' || first.includes(untold)) return unknownProgram(start)
  const name = posix.basename(first)
  if (isPython(name)) return pythonProgram(start, await located(host, first, start))
  if (shells.has(name)) {
    const script = await scriptOfShell(host, start)
    const fallback = unknownProgram(start)
    return script
      ? unwrapScript(host, script.text, {...start, argv: script.argv}, fallback, way)
      : fallback
  }
  return isWrapper(name) ? unwrapPassing(host, start, way) : unwrapFile(host, start, way)
}

function further(way: Way): Way {
  return {...way, depth: way.depth + 1}
}

/**
 * A program that is neither an interpreter nor a known wrapper: a script by its first line, or a
 * binary.
 */
async function unwrapFile(host: Host, start: Start, way: Way): Promise<Program> {
  const [first = '', ...rest] = start.argv
  const path = await located(host, first, start)
  const kind = kindOf(posix.basename(first), rest)
  const unread: Program = {...unknownProgram(start), kind, understood: kind !== null}
  if (kind === 'uwsgi' || path === null) return unread
  const found = {...start, argv: [path, ...rest]}
  const script = await textOf(host, path)
  if (script === null) {
    const wrapped = await wrappedByBinary(host, found)
    return wrapped ? unwrapAt(host, wrapped, further(way)) : unread
  }
  const interpreter = interpreterOf(script)
  if (interpreter === null) return unread
  if (isPython(posix.basename(interpreter))) {
    const python = environmentPython(start) ?? (await located(host, interpreter, start))
    return {...found, kind, interpreter: python, understood: true}
  }
  if (!shells.has(posix.basename(interpreter))) return unread
  // pip's launcher where Python's path is too long for the first line: the second is shell, the
  // rest is Python.
  const launcher = /^[^\n]*\n('''exec' [^\n]*)\n/.exec(script)?.[1]
  return unwrapScript(host, launcher ?? script, found, unread, way)
}

/** The interpreter of a script's first line; null where it names none. */
function interpreterOf(script: string): string | null {
  const [shebang, option] = shebangOf(script)
  if (shebang === null || posix.basename(shebang) !== 'env') return shebang
  return envWords(option).find(word => !/^-|=/.test(word)) ?? ''
}

/**
 * `env NAME=value PROGRAM`, `poetry run PROGRAM`: the first word that is a program which is known.
 */
async function unwrapPassing(host: Host, start: Start, way: Way): Promise<Program> {
  for (const {isChosen, becomesAnother, ...wrapped} of wrappedBy(start)) {
    if (way.programs.left <= 0) break
    const program = await unwrapAt(host, wrapped, further(way))
    const name = posix.basename(wrapped.argv[0] ?? '')
    if (program.kind === null && !isPython(name) && !shells.has(name)) continue
    return {
      ...program,
      ...(isChosen && {interpreter: null}),
      ...(becomesAnother && {becomesAnother}),
    }
  }
  return unknownProgram(start)
}

/** What a shell script comes to: the one server that it runs, or the last program. */
async function unwrapScript(
  host: Host,
  text: string,
  start: Start,
  fallback: Program,
  way: Way,
): Promise<Program> {
  const launches = await launchesOf(text, start, worldOf(host), way.budget)
  if (!launches) return {...fallback, understood: false}
  const found = await Promise.all(
    launches.map(async ({certain, ...launch}) => ({
      certain,
      program: await unwrapAt(host, launch, further(way)),
    })),
  )
  const serving = found.filter(({program}) => program.kind !== null)
  // What runs for certain is never followed by another: it does not come back.
  const upTo = serving.findIndex(({certain}) => certain)
  const possible = upTo < 0 ? serving : serving.slice(0, upTo + 1)
  const [first, ...others] = possible
  const last = found.at(-1)?.program
  // A Python program that nobody knows is still one.
  if (!first)
    return {...(last?.interpreter ? last : fallback), kind: fallback.kind, understood: false}
  const common = others.reduce((one, {program}) => inCommon(one, program), first.program)
  if (common.kind !== null) return common
  const {interpreter, becomesAnother} = common
  return {
    ...fallback,
    kind: null,
    interpreter,
    understood: false,
    ...(becomesAnother && {becomesAnother}),
  }
}
