import {type Bind, parseBind} from '../../target/bind.ts'
import {resolved} from '../locate.ts'
import {untold} from '../shell/start.ts'

/** The descriptors that are named, or all that are handed over. */
export function inheritedOf(binds: readonly string[]): readonly number[] {
  return binds.flatMap(bind => (bind.startsWith('fd://') ? [Number(bind.slice(5))] : []))
}

/** Null where one of them is not understood; descriptors are left out. */
export function bindsOf(texts: readonly string[], directory: string): readonly Bind[] | null {
  const binds = texts
    .filter(text => !text.startsWith('fd://'))
    .map(text => bindOf(text.trim(), directory))
  return binds.includes(null) ? null : binds.filter(bind => bind !== null)
}

/** One address; null where it is not understood. */
export function bindOf(text: string, directory: string): Bind | null {
  if (text.includes(untold)) return null
  const path = text.startsWith('unix:')
    ? text.slice(5).replace(/^\/\/(?=\/)/, '')
    : text.startsWith('/')
      ? text
      : null
  if (path === null) return parseBind(text)
  if (path === '') return null
  const socketPath = path.startsWith('@') ? path : resolved(directory, path)
  return socketPath.includes(untold) ? null : {socketPath}
}
