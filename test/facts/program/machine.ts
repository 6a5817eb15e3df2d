import {findServer, type Server} from '../../../src/facts/program/server.ts'
import {CannotLook, type Host, type Stat, type UnitProperties} from '../../../src/host/host.ts'
import {createSecrets} from '../../../src/host/redactor.ts'
import type {Secrets} from '../../../src/host/secrets.ts'
import {literalHost} from '../../literal.ts'
import {shown} from '../../shown.ts'

export interface Machine {
  readonly unit?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  /** What programs print, by the question that they are asked. */
  readonly exec?: Readonly<Record<string, string>>
  readonly units?: Readonly<Record<string, UnitProperties>>
  /** Symbolic links, by their path. */
  readonly links?: Readonly<Record<string, string>>
  readonly secrets?: Secrets
  /** The words as D-Bus has them, where `systemctl show` does not tell them apart. */
  readonly words?: readonly string[]
}

/** A machine with these files and units, and these answers of programs; it has no others. */
export function hostWith({
  files,
  exec,
  links,
  words,
  units,
  secrets = createSecrets(),
}: Machine): Host {
  const stats = new Map<string, Stat>()
  const common = {uid: 0, gid: 0, nlink: 1, size: 1, mtime: 0, dev: 1}
  for (const path of Object.keys(files ?? {}))
    stats.set(path, {type: 'file', mode: 0o644, ...common})
  for (const [path, link] of Object.entries(links ?? {}))
    stats.set(path, {type: 'symlink', mode: 0o777, ...common, link})
  return literalHost({
    secrets,
    units: async names => names.map(name => ({Id: name, LoadState: 'not-found', ...units?.[name]})),
    readFile: async path => {
      const text = files?.[path]
      return text === undefined ? {kind: 'missing'} : {kind: 'file', text, utf8: true}
    },
    stat: async path => stats.get(path) ?? null,
    list: async () => null,
    exec: async (argv, {question}) => {
      const known = exec?.[question]
      if (known !== undefined) return {exitCode: 0, stdout: known, stderr: ''}
      if (words && question === 'words of ExecStart= of web.service') {
        const data = [[words[0], words, false, 0, 0, 0, 0, 0, 0, 0]]
        return {exitCode: 0, stdout: JSON.stringify({type: 'a(sasbttttuii)', data}), stderr: ''}
      }
      throw new CannotLook(`${argv[0]} is not installed`)
    },
  })
}

/** What `systemctl show` prints of ExecStart=. */
export function execStart(command: string): string {
  const [path] = command.split(' ')
  return `{ path=${path} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`
}

/** The server of a unit with one ExecStart=. */
export async function server(command: string, machine: Machine = {}): Promise<Server> {
  const properties = {Id: 'web.service', ExecStart: execStart(command), ...machine.unit}
  const text = Object.entries(properties).map(([name, value]) => `${name}=${value}`)
  const environment = new Map(Object.entries(machine.environment ?? {}))
  return findServer(hostWith(machine), shown(text.join('\n')), environment)
}

/** As pip writes them, and Debian. */
export const consoleScript = (python: string): string =>
  `#!${python}\n# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom gunicorn.app.wsgiapp import run\nif __name__ == '__main__':\n    sys.exit(run())\n`
