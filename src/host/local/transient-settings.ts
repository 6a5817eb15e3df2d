import {type AsUnitOptions, CannotLook} from '../host.ts'
import type {Credential} from './credentials.ts'
import {environmentText} from './environment-text.ts'
import {type HandOver, handOverDirectory} from './hand-over.ts'
import {propertyOf, type Setting, type Shown} from './shown.ts'
import type {Translation} from './unit-properties.ts'

/** What nobody who only looks may exceed: bytes, and processes. */
export const ceilings = {MemoryMax: 1024 * 1024 * 1024, TasksMax: 1024} as const

/** How much a program may take; who only looks takes little. */
export interface Bounds {
  /** Milliseconds; null for as long as it takes. */
  readonly timeout: number | null
  /** As much memory and as many processes as the unit itself may have. */
  readonly unbounded: boolean
}

export interface Given {
  readonly translation: Translation
  readonly credentials: readonly Credential[]
  readonly options: AsUnitOptions
  readonly bounds: Bounds
}

/**
 * The settings that the caller wants, after what they need is written into files.
 * @throws CannotLook where it cannot be; nothing remains then.
 */
export function handedOver(handOver: HandOver, given: Given): readonly Setting[] {
  const without = new Set(given.options.without)
  try {
    return settingsOf(handOver, given).filter(({name}) => !without.has(name.replace(/Ex$/, '')))
  } catch (error) {
    handOver.forget()
    if (error instanceof CannotLook) throw error
    const {code, message} = error as NodeJS.ErrnoException
    throw new CannotLook(`${handOverDirectory} cannot be written: ${code ?? message}`)
  }
}

function settingsOf(
  handOver: HandOver,
  {translation, credentials, options, bounds}: Given,
): readonly Setting[] {
  const {settings, environmentFiles, environment} = translation
  const {directory, as} = options
  const written = (variables: Iterable<readonly [string, string]>): readonly string[] => {
    const text = environmentText(variables)
    // What runs for hours has its files removed once it has started, and ExecStopPost= has them
    // read again.
    return text === '' ? [] : [`${bounds.timeout === null ? '-' : ''}${handOver.write(text)}`]
  }
  // Read in this order, the later wins: the unit's own files overrule Environment=.
  const files = [
    ...written(environment),
    ...environmentFiles,
    ...written(Object.entries(options.environment ?? {})),
  ]
  return [
    ...settings.flatMap(setting => kept(setting, options)),
    ...(directory === undefined ? [] : [{name: 'WorkingDirectory', value: directory}]),
    ...(as ? [{name: 'User', value: as.user}] : []),
    ...(as?.group ? [{name: 'Group', value: as.group}] : []),
    ...files.map(value => ({name: 'EnvironmentFile', value})),
    ...credentials.map(({setting, id, path, content}) => {
      const from = content === undefined ? path : handOver.write(content)
      return {name: setting, value: from === undefined ? id : `${id}:${from}`}
    }),
  ]
}

/**
 * A setting as the caller wants it: what is added must not be taken away, and another directory
 * replaces the unit's.
 */
function kept(
  setting: Setting,
  {environment = {}, directory, as}: AsUnitOptions,
): readonly Setting[] {
  if (setting.name === 'WorkingDirectory' && directory !== undefined) return []
  if (as && (setting.name === 'User' || setting.name === 'Group')) return []
  if (setting.name !== 'UnsetEnvironment') return [setting]
  const names = setting.value
    .split(' ')
    .filter(word => !(word.replace(/^["$']*|=.*$/g, '') in environment))
  return names.length > 0 ? [{name: setting.name, value: names.join(' ')}] : []
}

/** Who looks must not take the machine's memory, and does not look for ever. */
export function limitsOf(
  unit: Shown,
  {timeout, unbounded}: Bounds,
  without: readonly string[] = [],
): readonly Setting[] {
  const lesser = (name: string, most: number): string => {
    const own = (!without.includes(name) && propertyOf(unit, name)) || 'infinity'
    if (unbounded) return /^(?:\d+|infinity)$/.test(own) ? own : 'infinity'
    return String(/^\d+$/.test(own) ? Math.min(Number(own), most) : most)
  }
  return [
    // What systemd says of a program that cannot be started is kept, and that one ended badly is
    // not.
    {name: 'LogLevelMax', value: 'err'},
    {name: 'MemoryMax', value: lesser('MemoryMax', ceilings.MemoryMax)},
    {name: 'TasksMax', value: lesser('TasksMax', ceilings.TasksMax)},
    {name: 'TimeoutStopSec', value: unbounded ? '10' : '1'},
    ...(timeout === null
      ? []
      : [{name: 'RuntimeMaxSec', value: String(Math.ceil(timeout / 1000) + 2)}]),
  ]
}
