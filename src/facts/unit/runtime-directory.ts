import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {splitWords, timestampOf, type Unit, unitOf} from '../../host/unit.ts'

/** Another unit whose end removes a directory below /run. */
export interface Remover {
  readonly name: string
  /** Its RuntimeDirectory=, as a path. */
  readonly directory: string
  /** ISO 8601, when it ended since the unit was started; null where systemd does not know. */
  readonly ended: string | null
}

const properties = [
  'RuntimeDirectory',
  'RuntimeDirectoryPreserve',
  'InactiveEnterTimestamp',
] as const

/**
 * The other unit that has the directory of a path as its RuntimeDirectory=, too: systemd removes it
 * when that one ends (systemd.exec(5)). Null for none.
 */
export async function findRemover(host: Host, unit: Unit, path: string): Promise<Remover | null> {
  const names = (await serviceNames(host)).filter(name => name !== unit.name)
  const shown = (await ifSeen(host.units(names, properties))) ?? []
  const started = timestampOf(unit, 'ActiveEnterTimestamp') ?? ''
  const found = names.flatMap((name, at) => {
    const other = unitOf(name, shown[at] ?? {})
    if (/^(?:yes|restart)$/.test(other.get('RuntimeDirectoryPreserve'))) return []
    const directory = splitWords(other.get('RuntimeDirectory'))
      .map(each => `/run/${each.split(':')[0]}`)
      .find(each => path.replace(/^\/var\/run\//, '/run/').startsWith(`${each}/`))
    if (directory === undefined) return []
    const ended = timestampOf(other, 'InactiveEnterTimestamp')
    return [{name, directory, ended: ended !== null && ended >= started ? ended : null}]
  })
  return found.find(({ended}) => ended !== null) ?? found[0] ?? null
}

/** Those that are loaded, and those that only have a file: one that has ended is forgotten. */
async function serviceNames(host: Host): Promise<readonly string[]> {
  const plain = ['--type=service', '--no-legend', '--no-pager']
  const [loaded, installed] = await Promise.all([
    ifSeen(
      host.exec(['systemctl', 'list-units', '--all', '--plain', ...plain], {
        question: 'all services',
      }),
    ),
    ifSeen(host.exec(['systemctl', 'list-unit-files', ...plain], {question: 'files of services'})),
  ])
  const names = [loaded, installed].flatMap(answer =>
    (answer?.stdout ?? '').split('\n').map(line => line.trim().split(/\s+/)[0] ?? ''),
  )
  return [...new Set(names)].filter(name => /^[^@]+(?:@[^.]+)?\.service$/.test(name)).slice(0, 500)
}
