import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {type EnvironmentFileSetting, environmentFiles, type Unit} from '../../host/unit.ts'

/** Whether a path is a pattern of glob(7), as EnvironmentFile= takes one. */
export const isPattern = (path: string): boolean => /[*?[]/.test(path)

/**
 * The files of EnvironmentFile= in the order in which systemd reads them. A pattern that matches
 * nothing, that stands for directories, or whose directory may not be listed is left as it is.
 */
export async function findEnvironmentFiles(
  host: Host,
  unit: Unit,
): Promise<readonly EnvironmentFileSetting[]> {
  const found = await Promise.all(environmentFiles(unit).map(setting => expanded(host, setting)))
  return found.flat()
}

async function expanded(
  host: Host,
  setting: EnvironmentFileSetting,
): Promise<readonly EnvironmentFileSetting[]> {
  const slash = setting.path.lastIndexOf('/')
  const [directory, pattern] = [setting.path.slice(0, slash), setting.path.slice(slash + 1)]
  if (!isPattern(pattern) || isPattern(directory)) return [setting]
  const matches = matcher(pattern)
  const names = ((await ifSeen(host.list(directory))) ?? []).filter(name => matches.test(name))
  return names.length > 0
    ? names.toSorted().map(name => ({...setting, path: `${directory}/${name}`}))
    : [setting]
}

/** glob(7): a leading dot must be written out. */
function matcher(pattern: string): RegExp {
  const body = pattern.replace(
    /\[!([^\]]+)\]|\[([^\]]+)\]|\*|\?|[\\^$.|+(){}[\]]/g,
    (text, none?: string, some?: string) => {
      if (none !== undefined) return `[^${none.replace(/[\\^]/g, '\\$&')}]`
      if (some !== undefined) return `[${some.replace(/[\\^]/g, '\\$&')}]`
      return text === '*' ? '.*' : text === '?' ? '.' : `\\${text}`
    },
  )
  return new RegExp(`^${pattern.startsWith('.') ? '' : '(?!\\.)'}${body}$`, 's')
}
