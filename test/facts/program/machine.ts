import {findServer, type Server} from '../../../src/facts/program/server.ts'
import type {Host} from '../../../src/host/host.ts'
import type {Answer} from '../../../src/host/recording.ts'
import {createSecrets} from '../../../src/host/redactor.ts'
import {replayHost} from '../../../src/host/replay.ts'
import type {Secrets} from '../../../src/host/secrets.ts'
import {parseShow} from '../../../src/host/unit.ts'

export interface Machine {
  readonly unit?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly exec?: Readonly<Record<string, string>>
  /** Symbolic links, by their path. */
  readonly links?: Readonly<Record<string, string>>
  readonly secrets?: Secrets
  /** The words as D-Bus has them, where `systemctl show` does not tell them apart. */
  readonly words?: readonly string[]
}

/** A machine with these files, and these answers of programs. */
export function hostWith({files, exec, links, words, secrets = createSecrets()}: Machine): Host {
  const answers: Record<string, Record<string, Answer>> = {readFile: {}, stat: {}, exec: {}}
  const put = (kind: string, key: string, answer: unknown): void => {
    Object.assign(answers[kind] ?? {}, {[key]: {answer}})
  }
  for (const [path, text] of Object.entries(files ?? {})) {
    put('readFile', path, {kind: 'file', text, utf8: true})
    put('stat', path, {type: 'file', mode: 0o644, uid: 0, gid: 0, nlink: 1, size: 1, mtime: 0, dev: 1})
  }
  for (const [question, stdout] of Object.entries(exec ?? {})) put('exec', question, {exitCode: 0, stdout, stderr: ''})
  if (words) {
    const asked =
      'busctl --json=short get-property org.freedesktop.systemd1 /org/freedesktop/systemd1/unit/web_2eservice org.freedesktop.systemd1.Service ExecStart'
    const data = [[words[0], words, false, 0, 0, 0, 0, 0, 0, 0]]
    put('exec', asked, {exitCode: 0, stdout: JSON.stringify({type: 'a(sasbttttuii)', data}), stderr: ''})
  }
  for (const [path, link] of Object.entries(links ?? {}))
    put('stat', path, {type: 'symlink', mode: 0o777, uid: 0, gid: 0, nlink: 1, size: 1, mtime: 0, dev: 1, link})
  const recording = {recording: 1, tool: '', host: 'web', recordedAt: '2026-11-26T12:00:00Z', uid: 0, answers} as const
  return replayHost(recording, secrets)
}

/** What `systemctl show` prints of ExecStart=. */
export function execStart(command: string): string {
  const [path] = command.split(' ')
  return `{ path=${path} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`
}

/** The server of a unit with one ExecStart=. */
export async function server(command: string, machine: Machine = {}): Promise<Server> {
  const shown = {Id: 'web.service', ExecStart: execStart(command), ...machine.unit}
  const text = Object.entries(shown).map(([name, value]) => `${name}=${value}`)
  const environment = new Map(Object.entries(machine.environment ?? {}))
  return findServer(hostWith(machine), parseShow(text.join('\n')), environment)
}

/** As pip writes them, and Debian. */
export const consoleScript = (python: string): string =>
  `#!${python}\n# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom gunicorn.app.wsgiapp import run\nif __name__ == '__main__':\n    sys.exit(run())\n`
