import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {type ScriptWorld, type Start, untold} from './shell/start.ts'

/** Where systemd looks for a bare name, and what PATH= it gives (systemd.exec(5)). */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The absolute path of a program; null where PATH= has none of that name. */
export async function located(
  host: Host,
  program: string,
  {environment, directory}: Start,
): Promise<string | null> {
  if (program.includes(untold)) return null
  if (program.includes('/'))
    return program.startsWith('/') || directory !== untold ? resolved(directory, program) : null
  for (const place of (environment.get('PATH') || defaultPath).split(':')) {
    if (!place.startsWith('/') || place.includes(untold)) continue
    if ((await ifSeen(host.stat(`${place}/${program}`))) !== null) return `${place}/${program}`
  }
  return null
}

/** A path as it is found in a directory; `untold` is in it where that is not known. */
export function resolved(directory: string, path: string): string {
  if (path.startsWith('/') || path.includes(untold)) return path
  if (directory === untold) return `${untold}/${path}`
  return posix.join(directory, path).replace(/(.)\/$/, '$1')
}

/** A script's text; null where the file is not text, or nobody can read it. */
export async function textOf(host: Host, path: string): Promise<string | null> {
  if (path.includes(untold)) return null
  const answer = await ifSeen(host.readFile(path))
  return answer?.kind === 'file' && answer.utf8 && !answer.text.includes('\0') ? answer.text : null
}

/** `#!/usr/bin/env python3`: the program, and all that follows it. */
export function shebangOf(text: string): readonly [string | null, string] {
  const [, program, option = ''] = /^#![ \t]*(\S+)[ \t]*([^\n]*)/.exec(text) ?? []
  return [program ?? null, option.trim()]
}

/** The words of `env -S "…"`. */
export function envWords(text: string): readonly string[] {
  return text.replace(/^-S\s*/, '').split(/\s+/)
}

/** What a script may ask of this machine. */
export function worldOf(host: Host): ScriptWorld {
  return {
    read: async path => {
      // What is sourced may well be a file of secrets.
      const answer = await ifSeen(host.readFile(path, {holds: 'assignments'}))
      return answer?.kind === 'file' && answer.utf8 ? answer.text : null
    },
    typeOf: async path => {
      const stat = await ifSeen(host.stat(path).then(found => found ?? ('missing' as const)))
      if (stat === null || stat === 'missing') return stat
      return stat.type === 'file' || stat.type === 'directory'
        ? stat.type
        : stat.type === 'symlink'
          ? null
          : 'other'
    },
  }
}
