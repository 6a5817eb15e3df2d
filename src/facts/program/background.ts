import type {Target} from '../target/target.ts'

/** Servers that never tell systemd that they are ready (sd_notify(3)). */
const silent: ReadonlySet<string> = new Set([
  'uvicorn',
  'daphne',
  'hypercorn',
  'granian',
  'manage.py',
])

/** How a server starts, as far as systemd has to know it (Type= of systemd.service(5)). */
export interface Manner {
  /** What tells it to go into the background: "--daemon", "daemon = True in …"; null for nothing. */
  readonly background: string | null
  /** The file that it writes its number into; null where it is told none. */
  readonly pidFile: string | null
  /** Whether it never says that it is ready, so that Type=notify waits in vain. */
  readonly neverNotifies: boolean
}

/** Null for a program that nobody knows. */
export function mannerOf({server, django}: Pick<Target, 'server' | 'django'>): Manner | null {
  const {kind, background, pidFile} = server
  if (kind === null) return null
  const said = django.answer?.server
  const configured = said?.daemon
    ? `daemon = True${server.config === null ? '' : ` in ${server.config}`}`
    : null
  return {
    background: background ?? configured,
    pidFile: said?.pidFile ?? pidFile,
    neverNotifies: silent.has(kind),
  }
}
