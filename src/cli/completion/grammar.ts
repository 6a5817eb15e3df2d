import {defaultDirectory} from '../../host/local/run-journal.ts'
import type {Manual, ManualFlag} from '../manual.ts'

/** What the scripts of all three shells complete. */
export interface Grammar {
  /** The default command first. */
  readonly commands: readonly CompletedCommand[]
  /** Our own checks. Other people's depend on a configuration, which a script does not read. */
  readonly checks: readonly {readonly id: string; readonly title: string}[]
  readonly groups: readonly string[]
  readonly formats: readonly string[]
}

export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly flags: readonly CompletedFlag[]
  /** What its words are; null for a command that takes none. */
  readonly takes: {readonly kind: Kind; readonly repeatable: boolean} | null
}

export type CompletedFlag = Pick<
  ManualFlag,
  'name' | 'char' | 'text' | 'repeatable' | 'excludes'
> & {
  /** Null for a flag without a value. */
  readonly kind: Kind | null
}

/** Where the words come from: a list, or a question that the script asks at that moment. */
export type Kind =
  | {readonly words: readonly string[]}
  | 'files'
  | 'formatted-files'
  | 'units'
  | 'checks'
  | 'checks-or-groups'
  | 'runs'
  | 'program'
  | 'nothing'

/** What help calls a value says what it is. */
const kinds: Readonly<Record<string, Kind>> = {
  FILE: 'files',
  '[FORMAT:]FILE': 'formatted-files',
  NAME: 'units',
  CHECK: 'checks',
  'CHECK|GROUP': 'checks-or-groups',
  RUN: 'runs',
  SECONDS: 'nothing',
  WHEN: 'nothing',
}

/** @throws Error for a value that is called by a name that is not known here. */
export function grammarOf(
  manuals: readonly Manual[],
  known: Pick<Grammar, 'checks' | 'groups' | 'formats'>,
): Grammar {
  const names = manuals.map(({name}) => name)
  return {...known, commands: manuals.map(manual => completed(manual, names))}
}

function completed({name, summary, flags, args}: Manual, names: readonly string[]) {
  const [arg] = args
  const command: Kind = name === 'help' ? {words: names} : 'program'
  return {
    name,
    summary,
    flags: flags.map(flag => ({
      ...flag,
      kind: flag.value === null ? null : kindOf(flag.value, flag.options),
    })),
    takes: arg
      ? {
          kind: arg.label === 'COMMAND' ? command : kindOf(arg.label, arg.options),
          repeatable: arg.repeatable,
        }
      : null,
  }
}

function kindOf(label: string, options: readonly string[]): Kind {
  if (options.length > 0) return {words: options}
  const kind = kinds[label]
  if (kind === undefined) throw new Error(`no script knows how to complete ${label}`)
  return kind
}

/** Lists the services that systemd has loaded, and gives up where systemd does not answer. */
export const listUnits =
  'timeout 2 systemctl list-units --type=service --all --full --plain --no-legend --no-pager'

/** The journals of --fix; nobody but root can list them. */
export const journals = `${defaultDirectory}/runs`
