import {beside, indented, type Painted, wrap} from '../report/reporters/layout.ts'
import {type Style, styleFor} from '../report/reporters/style.ts'
import type {Terminal} from '../report/terminal.ts'
import {flagGroups, labelOf, lowered, type Manual, textOf, versionFlag} from './manual.ts'

/** Lines are no longer than this, however wide the terminal is. */
const widest = 100

const bin = 'prism-doctor'

interface Page {
  readonly style: Style
  readonly width: number
}

/** The help of one command. */
export async function renderHelp(manual: Manual, terminal: Terminal): Promise<string> {
  const page = await pageFor(terminal)
  return joined([
    wrapped(`${bin} ${manual.name}: ${lowered(manual.summary)}.`, page.width),
    section(page, 'Usage', usageLines(manual.usage, page)),
    ...manual.paragraphs.map(text => wrapped(text, page.width)),
    ...argumentsAndFlags(manual, page),
    ...examplesAndCodes(manual, page),
  ])
}

/**
 * The help of the program: all of the default command, and what the others are for.
 * @param manuals of every command, the default one first.
 */
export async function renderRootHelp(
  manuals: readonly Manual[],
  purpose: string,
  terminal: Terminal,
): Promise<string> {
  const page = await pageFor(terminal)
  const [main, ...others] = manuals
  if (!main) throw new Error('there is no default command')
  const root = {...main, flags: [...main.flags, versionFlag]}
  const rows = others.map(({name, summary}): Row => [name, lowered(summary)])
  return joined([
    wrapped(`${bin} ${lowered(purpose)}.`, page.width),
    section(page, 'Usage', usageLines([...main.usage, 'COMMAND [ARG ...] [FLAGS]'], page)),
    ...argumentsAndFlags(root, page),
    section(page, 'Commands', table(rows, page)),
    ...examplesAndCodes(main, page),
    wrapped(`\`${bin} help COMMAND\` shows what a command takes.`, page.width),
  ])
}

async function pageFor(terminal: Terminal): Promise<Page> {
  return {style: await styleFor(terminal), width: Math.min(widest, terminal.width)}
}

function argumentsAndFlags({args, flags}: Manual, page: Page): readonly (readonly string[])[] {
  const argRows = args.map(
    (arg): Row => [
      arg.repeatable ? `${arg.label} ...` : arg.label,
      textOf({...arg, repeatable: false}),
    ],
  )
  const groups = Object.values(flagGroups)
    .map(title => ({title, of: flags.filter(({group}) => group === title)}))
    .filter(({of}) => of.length > 0)
  // One group alone needs no name.
  const titled = groups.length > 1 ? groups : groups.map(({of}) => ({title: 'Flags', of}))
  // One column for all of the sections.
  const column = columnOf([...argRows, ...flags.map((flag): Row => [labelOf(flag), ''])])
  return [
    section(page, 'Arguments', table(argRows, page, column)),
    ...titled.map(({title, of}) =>
      section(
        page,
        title,
        table(
          of.map((flag): Row => [labelOf(flag), textOf(flag)]),
          page,
          column,
        ),
      ),
    ),
  ]
}

function examplesAndCodes({examples, exitCodes}: Manual, page: Page) {
  const {style, width} = page
  const lines = examples.flatMap(({command, text}) => [
    // To be copied: never in two lines.
    style.command(command),
    ...indented(wrapped(text, width - 4), 2),
  ])
  return [section(page, 'Examples', lines), section(page, 'Exit codes', table(exitCodes, page))]
}

type Row = readonly [label: string, text: string]

function table(rows: readonly Row[], {style, width}: Page, column = columnOf(rows)) {
  return rows.flatMap(([label, text]) =>
    beside({text: label, paint: style.command}, column, [kept(text)], width - 2).map(released),
  )
}

function columnOf(rows: readonly Row[]): number {
  return Math.max(0, ...rows.map(([label]) => label.length)) + 2
}

function usageLines(usage: readonly string[], {width}: Page): readonly string[] {
  return usage.flatMap(line => {
    const [first = '', ...rest] = wrap(bracketed(`${bin} ${line}`), width - 6)
    return [first, ...indented(rest, 4)].map(released)
  })
}

function section({style}: Page, title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [style.strong(title.toUpperCase()), ...indented(lines, 2)]
}

function joined(blocks: readonly (readonly string[])[]): string {
  const filled = blocks.filter(lines => lines.length > 0)
  return `${filled.map(lines => lines.join('\n')).join('\n\n')}\n`
}

/** Stands for a space at which no line may end. */
const glue = '\u0001'

/** What is typed as one is read as one: `--json` between backticks. */
function wrapped(text: string, width: number): readonly string[] {
  return wrap(kept(text).text, width).map(released)
}

function kept(text: string): Painted {
  return {text: text.replace(/`[^`]+`/g, typed => typed.replaceAll(' ', glue))}
}

/** A flag and its value, and what stands between brackets, is one word. */
function bracketed(line: string): string {
  let depth = 0
  return line
    .replace(/./g, letter => {
      if (letter === '[') depth += 1
      if (letter === ']') depth -= 1
      return letter === ' ' && depth > 0 ? glue : letter
    })
    .replace(/(--\w[\w-]*) (?=[A-Z])/g, `$1${glue}`)
}

function released(line: string): string {
  return line.replaceAll(glue, ' ')
}
