import {posix} from 'node:path'
import {assignment} from '../options.ts'
import {untold} from '../shell/start.ts'

/** One option as uwsgi takes it, from its command line or a file. */
export type Setting = readonly [name: string, value: string]

/**
 * The `name = value` lines of one section; `#` and `;` begin a comment only at the start of a line.
 */
export function iniSettings(text: string, asked: string): readonly Setting[] {
  const settings: Setting[] = []
  let section = ''
  for (const raw of text.split('\n')) {
    const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('[')) section = line.slice(1, -1)
    else if (section === asked) {
      const equals = line.indexOf('=')
      const name = (equals < 0 ? line : line.slice(0, equals)).trimEnd()
      settings.push([name, equals < 0 ? 'true' : line.slice(equals + 1).trim()])
    }
  }
  return settings
}

/** `%d` and its kin, of one file (core/uwsgi.c, uwsgi_setup_config). */
export function magicOf(
  path: string,
  asked: string,
  section: string,
  directory: string,
): ReadonlyMap<string, string> {
  const {dir, base, name, ext} = posix.parse(path)
  const components = dir.split('/').filter(part => part !== '')
  const own: Readonly<Record<string, string>> = {
    o: asked, p: path, s: base, d: dir, n: name, e: ext.slice(1), c: posix.basename(dir), x: section,
  } // biome-ignore format: a table
  return new Map([
    ...Object.entries(own).flatMap(([letter, value]) => [
      [letter, value] as const,
      [letter.toUpperCase(), value] as const,
    ]),
    ...components.map((component, index) => [String(index), component] as const),
    ['v', directory],
    ['%', '%'],
  ])
}

export function replaceMagic(value: string, magic: ReadonlyMap<string, string>): string {
  return value.replace(
    /%([A-Za-z0-9%])/g,
    (whole, letter: string) => magic.get(letter) ?? (/[a-zA-Z]/.test(letter) ? untold : whole),
  )
}

/** `%(name)` is an option that stands above, `$(NAME)` a variable. */
export function placed(
  value: string,
  settings: readonly Setting[],
  environment: ReadonlyMap<string, string>,
): string {
  return value
    .replace(/%\(([^)]+)\)/g, (_, name: string) => placeholder(name.trim(), settings) ?? untold)
    .replace(/\$\(([^)]+)\)/g, (whole, name: string) => environment.get(name) ?? whole)
    .replace(/@\([^)]*\)/g, untold)
}

function placeholder(name: string, settings: readonly Setting[]): string | undefined {
  const set = settings
    .filter(([option]) => /^set(?:-ph|-placeholder)?$/.test(option))
    .flatMap(([, value]) => assignment(value))
  return settings.findLast(([option]) => option === name)?.[1] ?? new Map(set).get(name)
}
