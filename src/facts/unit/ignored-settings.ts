import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {splitWords, type Unit} from '../../host/unit.ts'
import {distance} from '../../report/nearest.ts'
import {findJournal} from '../journal/journal.ts'

/** A line of the unit's files that systemd has read and left out. */
export interface IgnoredSetting {
  readonly path: string
  readonly line: number
  /** "RestartSecs": the name alone, since a value may be a secret. */
  readonly name: string
  readonly why: 'unknown' | 'value' | 'section'
  /** What the name may have been meant to be; null where nothing is like it. */
  readonly meant: string | null
}

/**
 * What systemd said that it ignores when it loaded the unit, as far as it still stands there. A
 * setting that only newer versions know is no fault, so an unknown one counts where it is nearly
 * one that decides how the service runs, or one of another section.
 */
export async function ignoredSettings(host: Host, unit: Unit): Promise<readonly IgnoredSetting[]> {
  const paths = [unit.get('FragmentPath'), ...splitWords(unit.get('DropInPaths'))]
  const complaints = ((await ifSeen(findJournal(host, unit))) ?? []).flatMap(({by, text}) => {
    const [, path = '', line, words = ''] = /^(\/[^:]+):(\d+): (.*)$/.exec(text) ?? []
    const isOurs = by === 'systemd' && paths.includes(path) && /\bignoring\b/i.test(words)
    return isOurs ? [{path, line: Number(line), words}] : []
  })
  const found = new Map<string, IgnoredSetting>()
  for (const {path, line, words} of complaints) {
    const answer = await ifSeen(host.readFile(path))
    const written = answer?.kind === 'file' ? answer.text.split('\n')[line - 1] : undefined
    const ignored = written === undefined ? null : stillIgnored(words, written)
    if (ignored) found.set(`${path}:${line}`, {path, line, ...ignored})
  }
  return [...found.values()]
}

/** Null where the line has been changed since, or does not matter. */
function stillIgnored(
  words: string,
  written: string,
): Omit<IgnoredSetting, 'path' | 'line'> | null {
  const [, section] = /^\s*\[([^\]]+)\]/.exec(written) ?? []
  if (section !== undefined)
    return /^Unknown section\b/.test(words) && words.includes(section)
      ? {name: `[${section}]`, why: 'section', meant: nearestOf(section, sections)}
      : null
  const [, name, value] = /^\s*([A-Za-z]\w*)\s*=(.*)$/.exec(written) ?? []
  if (name === undefined || value === undefined) return null
  // 252: "Unknown key name 'X' in section 'Service', ignoring."; 257: "Unknown key 'X' in section
  // [Service], ignoring."
  const [, unknown] = /^Unknown key (?:name )?'([^']+)' in section /.exec(words) ?? []
  if (unknown !== undefined) {
    if (unknown !== name) return null
    const meant = deciding.includes(name) ? name : nearestOf(name, deciding)
    return meant === null ? null : {name, why: 'unknown', meant}
  }
  // 252: "Failed to parse RestartSec= value, ignoring: 10 lamps", "Failed to parse service restart
  // specifier, ignoring: x"; 257: "Failed to parse RestartSec=10 lamps, ignoring: Invalid argument".
  const [, key, said] = /^Failed to parse (\w+)=(.+), ignoring: /.exec(words) ?? []
  const isNew = key === name && said !== undefined && said !== ' value'
  const refused = isNew ? said : /, ignoring: (.+)$/.exec(words)?.[1]
  return refused !== undefined && value.includes(refused) ? {name, why: 'value', meant: null} : null
}

function nearestOf(name: string, names: readonly string[]): string | null {
  const far = (each: string): number => distance(name.toUpperCase(), each.toUpperCase())
  const [nearest] = names.toSorted((a, b) => far(a) - far(b))
  const most = name.length > 8 ? 2 : name.length > 3 ? 1 : 0
  return nearest !== undefined && far(nearest) <= most ? nearest : null
}

const sections = ['Unit', 'Service', 'Install']

/** What decides whether the service runs, as whom, with what, and what it may write. */
const deciding: readonly string[] = splitWords(`
  After Before BindsTo Requires Wants WantedBy RequiredBy PartOf
  Type User Group SupplementaryGroups DynamicUser UMask WorkingDirectory
  Environment EnvironmentFile PassEnvironment LoadCredential
  ExecStart ExecStartPre ExecStartPost ExecReload ExecStop
  Restart RestartSec TimeoutStartSec TimeoutStopSec WatchdogSec NotifyAccess KillMode PIDFile
  RuntimeDirectory StateDirectory CacheDirectory LogsDirectory ConfigurationDirectory
  RuntimeDirectoryMode StateDirectoryMode ReadWritePaths BindPaths LimitNOFILE MemoryMax TasksMax
  StandardOutput StandardError StartLimitBurst StartLimitIntervalSec
`)
