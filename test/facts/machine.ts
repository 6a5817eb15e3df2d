import {findServer, type Server} from '../../src/facts/server.ts'
import type {Answer} from '../../src/host/recording.ts'
import {replayHost} from '../../src/host/replay.ts'
import {parseShow} from '../../src/probes/systemd.ts'
import {createSecrets} from '../../src/secrets.ts'

export interface Machine {
  readonly unit?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly exec?: Readonly<Record<string, string>>
  /** The words as D-Bus has them, where `systemctl show` does not tell them apart. */
  readonly words?: readonly string[]
}

/** A unit with one ExecStart=, on a machine with these files. */
export async function server(command: string, {unit, environment, files, exec, words}: Machine = {}): Promise<Server> {
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
  const [path] = command.split(' ')
  const shown = {
    Id: 'web.service',
    ExecStart: `{ path=${path} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`,
    ...unit,
  }
  const text = Object.entries(shown).map(([name, value]) => `${name}=${value}`)
  const recording = {recording: 1, tool: '', host: 'web', recordedAt: '2026-11-26T12:00:00Z', uid: 0, answers} as const
  const host = replayHost(recording, createSecrets())
  return findServer(host, parseShow(text.join('\n')), new Map(Object.entries(environment ?? {})))
}

/** As pip writes them, and Debian. */
export const consoleScript = (python: string): string =>
  `#!${python}\n# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom gunicorn.app.wsgiapp import run\nif __name__ == '__main__':\n    sys.exit(run())\n`
