import type {ExecAnswer, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {execCommands, type Unit} from '../../host/unit.ts'
import {type Directive, flattened} from './nginx-syntax.ts'

/**
 * `nginx -T`, null where it is not asked. It opens what it would write to and makes what is missing
 * of that, gives its temporary directories to its user, takes its ports for a moment, and writes
 * nothing (ngx_init_cycle): it is asked only while it runs, as root where its unit starts it so,
 * and when all that the configuration names is there. As another user it could not take its ports.
 */
export async function printedBy(
  host: Host,
  unit: Unit,
  file: string | null,
  read: readonly Directive[],
): Promise<ExecAnswer | null> {
  const program = execCommands(unit, 'ExecStart')[0]?.path ?? ''
  const asRoot = host.uid === 0 && /^(?:root)?$/.test(unit.get('User'))
  if (!asRoot || unit.get('ActiveState') !== 'active' || !/\/nginx$/.test(program)) return null
  const written = flattened(read)
    .filter(({name}) =>
      /^(?:pid|lock_file|error_log|access_log|\w+_temp_path|\w+_cache_path)$/.test(name),
    )
    .flatMap(({args: [path = '']}) =>
      /^(?:off|stderr|syslog:.*|memory:.*)$/.test(path) ? [] : [path],
    )
  if (written.some(path => !path.startsWith('/'))) return null
  const there = await Promise.all(
    // A variable in a log's name: it is opened when somebody asks, not before.
    [...new Set(written)].map(
      path => path.includes('$') || ifSeen(host.stat(path)).then(stat => stat !== null),
    ),
  )
  if (there.includes(false)) return null
  const argv = [program, ...(file === null ? [] : ['-c', file]), '-T']
  return ifSeen(host.exec(argv, {question: `nginx -T of ${unit.name}`}))
}

/** `# configuration file /etc/nginx/nginx.conf:`, the file's text, an empty line. */
export function printedTexts(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^# configuration file (\/.*):\n/m)
  return new Map(
    parts.flatMap((file, index) =>
      index % 2 === 1 ? [[file, parts[index + 1] ?? ''] as const] : [],
    ),
  )
}
