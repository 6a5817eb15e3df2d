import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import {writtenSetting} from './unit-file.ts'

/**
 * The files of LoadCredential= without which systemd starts nothing. One for which SetCredential=
 * has a value may be missing.
 */
export async function findCredentialFiles(host: Host, unit: Unit): Promise<readonly string[]> {
  if (unit.get('LoadCredential') === '') return []
  const [loaded, set] = await Promise.all(
    ['LoadCredential', 'SetCredential'].map(key => writtenSetting(host, unit, key)),
  )
  const given = (set ?? []).map(value => value.split(':')[0])
  return (loaded ?? []).flatMap(value => {
    const [name, ...rest] = value.split(':')
    const path = rest.join(':')
    return path.startsWith('/') && !path.includes('%') && !given.includes(name) ? [path] : []
  })
}
