import {posix} from 'node:path'
import type {FileAnswer, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {referencesIn} from '../../host/references.ts'
import type {SourceFile} from './static-files.ts'

/** Characters of all files together: what is read stays in memory, and it is only evidence. */
const maxRead = 64 * 1024 * 1024

type Text = Extract<FileAnswer, {kind: 'file'}>

/** The texts of files, one after the other, as long as they are not too much. */
async function* textsOf(
  host: Host,
  files: readonly SourceFile[],
): AsyncGenerator<{readonly name: string; readonly file: Text}> {
  let read = 0
  for (const {name, path} of files) {
    if (read > maxRead) return
    const file = await ifSeen(host.readFile(path))
    if (file?.kind !== 'file') continue
    read += file.text.length
    yield {name, file}
  }
}

/**
 * Style sheets and scripts that are not UTF-8 text: a manifest storage decodes them. Style sheets
 * come first.
 */
export async function notUtf8(
  host: Host,
  files: readonly SourceFile[],
): Promise<readonly string[]> {
  const found: string[] = []
  const decoded = [/\.css$/, /\.js$/].flatMap(kind => files.filter(({name}) => kind.test(name)))
  for await (const {name, file} of textsOf(host, decoded)) if (!file.utf8) found.push(name)
  return found
}

/** Style sheets each of which refers to the next, and the last to the first; else empty. */
export async function circleOfImports(
  host: Host,
  files: readonly SourceFile[],
): Promise<readonly string[]> {
  const sheets = files.filter(({name}) => name.endsWith('.css'))
  const links = new Map<string, readonly string[]>()
  for await (const {name, file} of textsOf(host, sheets)) links.set(name, sheetsIn(name, file.text))
  const passed = new Set<string>()
  for (const name of links.keys()) {
    const circle = passed.has(name) ? [] : circleFrom(name, links, passed)
    if (circle.length > 0) return circle
  }
  return []
}

/** A style sheet on the way, and how many of those that it refers to have been followed. */
interface Step {
  readonly name: string
  followed: number
}

/** The first circle that the references lead into; adds what is passed on the way. */
function circleFrom(
  first: string,
  links: ReadonlyMap<string, readonly string[]>,
  passed: Set<string>,
): readonly string[] {
  const way: Step[] = [{name: first, followed: 0}]
  const onWay = new Set([first])
  for (let here = way.at(-1); here; here = way.at(-1)) {
    passed.add(here.name)
    const next = links.get(here.name)?.[here.followed]
    here.followed += 1
    if (next === undefined) {
      way.pop()
      onWay.delete(here.name)
    } else if (onWay.has(next)) {
      const names = way.map(({name}) => name)
      return names.slice(names.indexOf(next))
    } else if (!passed.has(next)) {
      way.push({name: next, followed: 0})
      onWay.add(next)
    }
  }
  return []
}

/** The style sheets that one refers to, relative to STATIC_ROOT as it is. */
function sheetsIn(name: string, text: string): readonly string[] {
  const found = new Set<string>()
  for (const {target} of referencesIn(text, 'css')) {
    const [path = ''] = target
      .trim()
      .replace(/^["']|["']$/g, '')
      .split(/[?#]/, 1)
    if (path.endsWith('.css') && !/^(?:\/|[a-z]+:)/i.test(path))
      found.add(posix.join(posix.dirname(name), path))
  }
  return [...found]
}
