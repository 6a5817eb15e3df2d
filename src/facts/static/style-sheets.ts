import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {SourceFile} from './static-files.ts'

/**
 * Style sheets and scripts that are not UTF-8 text: a manifest storage decodes them. Style sheets
 * come first.
 */
export async function notUtf8(
  host: Host,
  files: readonly SourceFile[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    [/\.css$/, /\.js$/]
      .flatMap(kind => files.filter(({name}) => kind.test(name)))
      .map(async ({name, path}) => ({name, answer: await ifSeen(host.readFile(path))})),
  )
  return found.filter(({answer}) => answer?.kind === 'file' && !answer.utf8).map(({name}) => name)
}

/** Style sheets each of which refers to the next, and the last to the first; else empty. */
export async function circleOfImports(
  host: Host,
  files: readonly SourceFile[],
): Promise<readonly string[]> {
  const sheets = files.filter(({name}) => name.endsWith('.css'))
  const texts = await Promise.all(sheets.map(({path}) => ifSeen(host.readFile(path))))
  const links = new Map(
    sheets.map(({name}, index) => {
      const answer = texts[index]
      return [name, answer?.kind === 'file' ? referencesOf(name, answer.text) : []]
    }),
  )
  const passed = new Set<string>()
  const follow = (name: string, way: readonly string[]): readonly string[] => {
    if (way.includes(name)) return way.slice(way.indexOf(name))
    if (passed.has(name)) return []
    passed.add(name)
    const circles = (links.get(name) ?? []).map(next => follow(next, [...way, name]))
    return circles.find(circle => circle.length > 0) ?? []
  }
  const circles = sheets.map(({name}) => follow(name, []))
  return circles.find(circle => circle.length > 0) ?? []
}

/**
 * `@import "b.css"` and `@import url(b.css)`, as HashedFilesMixin.patterns have them. Names are
 * relative to STATIC_ROOT.
 */
function referencesOf(name: string, text: string): readonly string[] {
  const references = text.matchAll(
    /@import\s*["']([^"'\n]+)["']|url\(\s*["']?([^"')\n]+)["']?\s*\)/gi,
  )
  return [...references].flatMap(([, imported, url]) => {
    const [path = ''] = (imported ?? url ?? '').split(/[?#]/)
    return path.endsWith('.css') && !/^(?:\/|[a-z]+:)/i.test(path)
      ? [posix.join(posix.dirname(name), path)]
      : []
  })
}
