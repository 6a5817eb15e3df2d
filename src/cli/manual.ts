import type {Command} from '@oclif/core/command'
import type {ExitCodes} from './exit-codes.ts'

/** What help, the manual page and the completion scripts say of one command. */
export interface Manual {
  readonly name: string
  /** One sentence, without a full stop. */
  readonly summary: string
  readonly paragraphs: readonly string[]
  /** Command lines without the program's name. */
  readonly usage: readonly string[]
  readonly args: readonly ManualArg[]
  readonly flags: readonly ManualFlag[]
  readonly examples: readonly {readonly command: string; readonly text: string}[]
  readonly exitCodes: ExitCodes
}

export interface ManualArg {
  /** `CHECK|GROUP` */
  readonly label: string
  readonly text: string
  readonly repeatable: boolean
  /** All that it may be; empty where that is not a fixed list. */
  readonly options: readonly string[]
}

export interface ManualFlag {
  readonly name: string
  readonly char: string | null
  /** `FILE`; null for a flag without a value. */
  readonly value: string | null
  readonly text: string
  readonly group: string
  readonly repeatable: boolean
  readonly options: readonly string[]
  /** Names of flags that it cannot be given with. */
  readonly excludes: readonly string[]
}

/** A command as oclif has it: the class, or what its configuration keeps of one. */
type Described = Command.Class | Command.Loadable

/** The groups of flags, in the order in which they are shown. */
export const flagGroups = {
  look: 'What to look at',
  answer: 'How to answer',
  repair: 'Repair',
  general: 'General',
} as const

const helpFlag: ManualFlag = {
  name: 'help',
  char: 'h',
  value: null,
  text: 'show this help',
  group: flagGroups.general,
  repeatable: false,
  options: [],
  excludes: [],
}

/** Of the program itself. */
export const versionFlag: ManualFlag = {
  ...helpFlag,
  name: 'version',
  char: null,
  text: 'show the version',
}

/** The commands of the program, the default one first. */
export function manualsOf(commands: readonly Described[]): readonly Manual[] {
  const manuals = commands.map(manualOf).toSorted((a, b) => a.name.localeCompare(b.name))
  const isDefault = ({name}: Manual): boolean => name === 'diagnose'
  return [...manuals.filter(isDefault), ...manuals.filter(each => !isDefault(each))]
}

function manualOf(command: Described): Manual {
  const {id, summary = '', description = '', usage = [], examples = []} = command
  // A class that has none holds nothing at all.
  const {args = {}, flags = {}} = command
  const many = command.strict === false
  return {
    name: id,
    summary: summary.replace(/\.$/, ''),
    paragraphs: description.split(/\n{2,}/).filter(text => text !== ''),
    usage: [usage].flat(),
    args: Object.entries(args).map(([word, arg]) => ({
      label: word.toUpperCase(),
      text: arg.description ?? '',
      repeatable: many,
      options: arg.options ?? [],
    })),
    flags: inGroups([...mutual(Object.entries(flags).map(manualFlag)), helpFlag]),
    examples: examples.map(example =>
      typeof example === 'string'
        ? {command: example, text: ''}
        : {command: example.command, text: example.description},
    ),
    exitCodes: (command as {exitCodes?: ExitCodes}).exitCodes ?? [],
  }
}

function manualFlag([name, flag]: [string, Command.Flag.Any]): ManualFlag {
  const options = flag.type === 'option' ? (flag.options ?? []) : []
  return {
    name,
    char: flag.char ?? null,
    value: flag.type === 'option' ? (flag.helpValue?.toString() ?? name.toUpperCase()) : null,
    text: flag.description ?? '',
    group: flag.helpGroup ?? flagGroups.general,
    repeatable: flag.type === 'option' && flag.multiple === true,
    options,
    excludes: (flag.exclusive ?? []).flatMap(other => (typeof other === 'string' ? [other] : [])),
  }
}

/** oclif lets either of two flags name the other. */
function mutual(flags: readonly ManualFlag[]): readonly ManualFlag[] {
  return flags.map(flag => {
    const others = flags.filter(({excludes}) => excludes.includes(flag.name))
    return {...flag, excludes: [...new Set([...flag.excludes, ...others.map(({name}) => name)])]}
  })
}

function inGroups(flags: readonly ManualFlag[]): readonly ManualFlag[] {
  const order: readonly string[] = Object.values(flagGroups)
  return flags.toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
}

/** `--format FORMAT`, `-h, --help` */
export function labelOf({char, name, value}: ManualFlag): string {
  return `${char === null ? '' : `-${char}, `}--${name}${value === null ? '' : ` ${value}`}`
}

/** A sentence as it goes on behind a name. */
export function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

/** What a flag does, with all that its value may be. */
export function textOf({
  text,
  options = [],
  repeatable,
}: Pick<ManualFlag, 'text' | 'repeatable'> & Partial<Pick<ManualFlag, 'options'>>): string {
  const listed = options.length > 0 ? `${text}: ${options.join(', ')}` : text
  return repeatable ? `${listed}; may be repeated` : listed
}
