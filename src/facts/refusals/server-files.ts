import {resolved} from '../program/locate.ts'
import type {Target} from '../target/target.ts'
import type {Named, Need} from './look.ts'

/** Options of gunicorn, uvicorn, hypercorn, daphne, granian and uWSGI that name a file, by what they need. */
const needs: readonly (readonly [RegExp, Need])[] = [
  [
    /(?:cert|key|ca|crl)(?:[-_]?(?:file|certs?|chain|path))?$|^(?:ssl|tls)[-_](?:cert|key|ca)/,
    'read',
  ],
  [
    /^(?:c|config|env[-_]files?|log[-_]?config\w*|paste\w*|ini|yaml|json|static[-_]path[-_]mount)$/,
    'read',
  ],
  [/^(?:chdir\d?|working[-_]dir|app[-_]dir|pythonpath)$/, 'pass'],
  [
    /^(?:access[-_]?log\w*|error[-_]?log\w*|log[-_]?(?:file|to\d?)|logto\d?|pid(?:file\d?)?|safe[-_]pidfile\d?)$/,
    'write',
  ],
  [/^(?:worker[-_]tmp[-_]dir|touch[-_]reload\w*)$/, 'write'],
]

/**
 * The files that the server's own words and configuration name, with what it needs of each: a
 * certificate that may not be read ends a start without naming it ("[SSL] PEM lib", "Permission
 * denied").
 */
export function serverFiles({
  server,
  workingDirectory,
  django,
}: Pick<Target, 'server' | 'workingDirectory' | 'django'>): readonly Named[] {
  // Root opens them, before it becomes who serves.
  if (server.runsAs) return []
  const directory = server.directory ?? workingDirectory ?? '/'
  const named = (option: string, value: string, need: Need, from: string): readonly Named[] =>
    value.startsWith('-') || value === '' || value.includes('…')
      ? []
      : [
          {
            path: resolved(directory, value.replace(/^(?:file|unix):/, '')),
            need,
            isRefused: false,
            at: null,
            said: `${option} ${value} (${from})`,
          },
        ]
  const words = optionsIn(server.argv).flatMap(([option, value]) => {
    const need = needs.find(([pattern]) => pattern.test(option.replace(/^-+/, '')))?.[1]
    return need ? named(option, value, need, 'ExecStart=') : []
  })
  const configured = (django.answer?.server?.files ?? []).flatMap(({setting, path, need}) =>
    named(setting, path, need, server.config ?? 'ExecStart='),
  )
  const seen = new Set<string>()
  return [...words, ...configured].filter(({path}) => {
    const isNew = path.startsWith('/') && !seen.has(path)
    seen.add(path)
    return isNew
  })
}

/** `--name value`, `--name=value`. */
function optionsIn(argv: readonly string[]): readonly (readonly [string, string])[] {
  return argv.slice(1).flatMap((word, index) => {
    if (!word.startsWith('-')) return []
    const equals = word.indexOf('=')
    if (equals > 0) return [[word.slice(0, equals), word.slice(equals + 1)] as const]
    const value = argv[index + 2]
    return value === undefined ? [] : [[word, value] as const]
  })
}
