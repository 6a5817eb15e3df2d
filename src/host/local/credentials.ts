import {existsSync, readFileSync} from 'node:fs'
import {CannotLook} from '../host.ts'
import {unitPath} from '../unit-path.ts'
import {exec} from './exec.ts'
import {propertyOf, type Shown} from './shown.ts'

/** A credential of a unit, as a transient unit is given it. */
export interface Credential {
  readonly setting: 'LoadCredential' | 'LoadCredentialEncrypted' | 'ImportCredential'
  /** For ImportCredential= the pattern. */
  readonly id: string
  /** Where systemd reads it. */
  readonly path?: string
  /** What it holds, where the unit itself states it. */
  readonly content?: Buffer
}

/** What D-Bus says of a unit's credentials, as busctl writes it in JSON. */
interface Properties {
  readonly [property: string]: {readonly data?: unknown} | undefined
}

/**
 * The credentials of a unit. `systemctl show` cannot print them, so busctl is asked, where the
 * unit's files speak of one.
 * @throws CannotLook where they do and nobody can say what they are: a program would be run without
 *   them.
 */
export async function findCredentials(unit: string, shown: Shown): Promise<readonly Credential[]> {
  const files = [propertyOf(shown, 'FragmentPath'), ...propertyOf(shown, 'DropInPaths').split(' ')]
  const names = files.filter(path => path !== '')
  if (names.length > 0 && !names.some(speaksOfCredentials)) return []
  const properties = await askProperties(unit)
  const loaded = [
    ...loadedBy(properties, 'LoadCredential'),
    ...loadedBy(properties, 'LoadCredentialEncrypted'),
  ]
  // What the unit states itself counts where nothing can be loaded.
  const isThere = (id: string): boolean =>
    loaded.some(each => each.id === id && (!each.path?.startsWith('/') || existsSync(each.path)))
  const stated = [
    ...statedBy(properties, 'SetCredential', 'LoadCredential'),
    ...statedBy(properties, 'SetCredentialEncrypted', 'LoadCredentialEncrypted'),
  ].filter(({id}) => !isThere(id))
  return [
    ...loaded.filter(({id}) => !stated.some(each => each.id === id)),
    ...stated,
    ...importedBy(properties).map(id => ({setting: 'ImportCredential' as const, id})),
  ]
}

async function askProperties(unit: string): Promise<Properties> {
  const call = [
    'org.freedesktop.DBus.Properties',
    'GetAll',
    's',
    'org.freedesktop.systemd1.Service',
  ]
  const answer = await exec([
    'busctl',
    '--json=short',
    'call',
    'org.freedesktop.systemd1',
    unitPath(unit),
    ...call,
  ])
  const parsed = answer.exitCode === 0 ? parsedProperties(answer.stdout) : null
  if (parsed) return parsed
  throw new CannotLook(
    `the credentials of ${unit} cannot be asked for: ${answer.stderr.trim().split('\n').at(-1)}`,
  )
}

type Loading = 'LoadCredential' | 'LoadCredentialEncrypted'

function loadedBy(properties: Properties, setting: Loading): readonly Credential[] {
  return pairsOf(properties, setting).map(([id, path]) => ({setting, id, path: String(path)}))
}

/** What the unit holds itself is handed over as what it loads. */
function statedBy(
  properties: Properties,
  property: string,
  setting: Loading,
): readonly Credential[] {
  return pairsOf(properties, property).map(([id, bytes]) => ({
    setting,
    id,
    content: Buffer.from(bytes as readonly number[]),
  }))
}

/** Patterns; from systemd 257 each with the name that it is given. */
function importedBy(properties: Properties): readonly string[] {
  const named = pairsOf(properties, 'ImportCredentialEx').map(([glob, name]) =>
    name ? `${glob}:${name}` : glob,
  )
  return named.length > 0 ? named : ((properties.ImportCredential?.data ?? []) as readonly string[])
}

function pairsOf(properties: Properties, name: string): readonly (readonly [string, unknown])[] {
  return (properties[name]?.data ?? []) as readonly (readonly [string, unknown])[]
}

function speaksOfCredentials(file: string): boolean {
  try {
    return /^[^\S\n]*\w*Credential\w*[^\S\n]*=/m.test(readFileSync(file, 'utf8'))
  } catch {
    return true
  }
}

function parsedProperties(text: string): Properties | null {
  try {
    const {data} = JSON.parse(text) as {readonly data?: readonly [Properties]}
    return data?.[0] ?? null
  } catch {
    return null
  }
}
