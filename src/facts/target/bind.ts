import {hostPort} from '../../host/address.ts'

/** Where the application listens. An abstract socket's path begins with "@". */
export type Bind = (
  | {readonly host: string; readonly port: number}
  | {readonly socketPath: string}
) & {
  /** What is spoken there where that is not HTTP: uWSGI's `socket` is for nginx's uwsgi_pass. */
  readonly protocol?: 'uwsgi'
}

/** `127.0.0.1:8000`, `[::1]:8000`, `:8000`, `unix:/run/x.sock`; gunicorn's default port is 8000. */
export function parseBind(text: string): Bind | null {
  if (text.startsWith('unix:')) return {socketPath: text.slice(5).replace(/^\/\/(?=\/)/, '')}
  if (text.startsWith('/')) return {socketPath: text}
  const match =
    /^(?:tcp:\/\/|http:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]*))(?::(\d{1,5}))?\/?$/.exec(text)
  if (!match) return null
  const address = match[1] ?? match[2] ?? ''
  return {host: address === '' ? '0.0.0.0' : address, port: match[3] ? Number(match[3]) : 8000}
}

/** `127.0.0.1:8000`, `[::1]:8000`, or the path of the socket: as a message says it. */
export function shownBind(bind: Bind): string {
  return 'socketPath' in bind ? bind.socketPath : hostPort(bind)
}

/** The same as a configuration has it: a socket as `unix:/run/x.sock`. */
export function writtenBind(bind: Bind): string {
  return 'socketPath' in bind ? `unix:${bind.socketPath}` : hostPort(bind)
}
