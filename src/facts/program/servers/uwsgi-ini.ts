import {posix} from 'node:path'
import {assignment} from '../options.ts'
import {untold} from '../shell/start.ts'

/** Characters: no path is longer (PATH_MAX), and nothing else that is read here. */
export const longestPath = 4096

/** One option as uwsgi takes it, from its command line or a file. */
export type Setting = readonly [name: string, value: string]

/**
 * The `name = value` lines of one section; `#` and `;` begin a comment only at the start of a line.
 */
export function iniSettings(text: string, asked: string): readonly Setting[] {
  const settings: Setting[] = []
  let section = ''
  for (const raw of text.split('\n')) {
    const line = stripped(raw)
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

/** Without the blanks around it; a pattern for those at the end would begin at every one of them. */
function stripped(line: string): string {
  const isBlank = (at: number): boolean => ' \t\r'.includes(line[at] ?? '-')
  let [from, to] = [0, line.length]
  while (from < to && isBlank(from)) from += 1
  while (from < to && isBlank(to - 1)) to -= 1
  return line.slice(from, to)
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

/** What stands above a setting, the last of each name. */
export interface Above {
  readonly options: Map<string, string>
  readonly placeholders: Map<string, string>
}

export function addAbove({options, placeholders}: Above, [name, value]: Setting): void {
  options.set(name, value)
  if (/^set(?:-ph|-placeholder)?$/.test(name))
    for (const [key, text] of assignment(value)) placeholders.set(key, text)
}

/** One that is made of itself twice, over and over, has no end. */
function short(value: string): string {
  return value.length > longestPath ? untold : value
}

/** `%(name)` is an option that stands above, `$(NAME)` a variable. */
export function placed(
  value: string,
  {options, placeholders}: Above,
  environment: ReadonlyMap<string, string>,
): string {
  return value
    .replace(/%\(([^()]+)\)/g, (_, given: string) => {
      const name = given.trim()
      return short(options.get(name) ?? placeholders.get(name) ?? untold)
    })
    .replace(/\$\(([^()]+)\)/g, (whole, name: string) => short(environment.get(name) ?? whole))
    .replace(/@\([^()]*\)/g, untold)
}
