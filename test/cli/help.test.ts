import {parse} from '@oclif/core/parser'
import {describe, expect, test} from 'vitest'
import manifest from '../../package.json' with {type: 'json'}
import {allManuals} from '../../scripts/man.ts'
import {renderHelp, renderRootHelp} from '../../src/cli/help.ts'
import {flagGroups, labelOf, type Manual} from '../../src/cli/manual.ts'
import {splitRun} from '../../src/cli/run-words.ts'
import {commands, isCommand} from '../../src/commands/index.ts'
import {commandNames} from '../../src/commands/names.ts'
import {plainTerminal} from '../../src/report/terminal.ts'

const manuals = await allManuals()

test('there is something to say of every command and all that it takes', () => {
  expect(manuals.map(({name}) => name).toSorted()).toEqual([...commandNames])
  expect(manuals[0]?.name).toBe('diagnose')
  for (const {name, summary, usage, examples, exitCodes, flags, args} of manuals) {
    expect.soft({name, summary}).not.toEqual({name, summary: ''})
    expect.soft({name, usage: usage.length}).not.toEqual({name, usage: 0})
    expect.soft({name, examples: examples.length}).not.toEqual({name, examples: 0})
    expect.soft({name, codes: exitCodes.at(-1)?.[0]}).toEqual({name, codes: '3'})
    const texts = [...flags, ...args, ...examples].map(({text}) => text)
    expect.soft({name, texts: texts.filter(text => !/^[^A-Z\s].*[^.]$/.test(text))}).toEqual({
      name,
      texts: [],
    })
    const groups: readonly string[] = Object.values(flagGroups)
    expect.soft(flags.filter(({group}) => !groups.includes(group))).toEqual([])
  }
})

/** What may be typed in the place of what a usage line calls it. */
const instead: readonly (readonly [RegExp, string])[] = [
  [/ *\.\.\./g, ''],
  [/FLAGS/g, ''],
  [/CHECK\|GROUP/g, 'database'],
  [/CHECK/g, 'database/login'],
  [/NAME/g, 'shop.service'],
  [/FILE/g, '/tmp/machine.json'],
  [/SECONDS/g, '5'],
  [/WHEN/g, '2h'],
  [/RUN/g, '20261123T080000Z-4f1c'],
  [/COMMAND/g, 'record'],
  [/ARG/g, 'check'],
  [/bash\|zsh\|fish/g, 'zsh'],
]

function typed(usage: string): readonly string[] {
  const line = instead.reduce((text, [name, word]) => text.replace(name, word), usage)
  return line.split(/[\s[\]]+/).filter(word => word !== '')
}

/** Without anything that stands between brackets. */
function shortest(usage: string): string {
  const shorter = usage.replace(/\[[^[\]]*\]/g, '')
  return shorter === usage ? usage : shortest(shorter)
}

describe('a usage line can be typed', () => {
  const lines = manuals.flatMap(({name, usage}) => usage.map(line => [name, line] as const))
  test.each(lines)('%s: %s', async (name, line) => {
    for (const words of [typed(line), typed(shortest(line))]) {
      const own = words[0] === name ? words.slice(1) : words
      expect(own.join(' ')).not.toMatch(/[A-Z|]{3}/)
      const argv = name === 'run' ? splitRun(own)[0] : own
      const {args = {}, flags = {}, strict = true} = (isCommand(name) && commands[name]) || {}
      const parsed = await parse([...argv], {args, flags, strict})
      expect(parsed.nonExistentFlags).toEqual([])
    }
  })
})

/** The words of a text, however its lines are broken. */
function words(text: string): string {
  return text.replace(/\s+/g, ' ')
}

describe.each([60, 80, 120])('at %d columns', width => {
  const terminal = {...plainTerminal, width}

  function expectToFit(help: string): void {
    expect(help.split('\n').filter(line => line.length > Math.min(width, 100))).toEqual(
      // What is to be copied is never broken.
      help.split('\n').filter(line => line.length > width && / prism-doctor /.test(line)),
    )
    expect(help).not.toMatch(/ \n|\n\n\n|\x01/)
  }

  function expectAll(help: string, {flags, usage, examples, exitCodes}: Manual): void {
    const said = words(help)
    for (const flag of flags) expect(said).toContain(` ${labelOf(flag)} ${flag.text}`)
    for (const line of usage) expect(said).toContain(` prism-doctor ${line} `)
    for (const {command, text} of examples) {
      expect(help).toContain(`\n  ${command}\n`)
      expect(said).toContain(` ${command} ${text}`)
    }
    for (const [code, meaning] of exitCodes) expect(said).toContain(` ${code} ${meaning} `)
  }

  test.each(manuals.map(manual => [manual.name, manual] as const))('%s', async (_, manual) => {
    const help = await renderHelp(manual, terminal)
    expectToFit(help)
    expectAll(help, manual)
    for (const text of manual.paragraphs) expect(words(help)).toContain(text)
  })

  test('the program', async () => {
    const help = await renderRootHelp(manuals, manifest.description, terminal)
    expectToFit(help)
    const [main, ...others] = manuals
    if (main) expectAll(help, main)
    expect(words(help)).toContain(' --version show the version ')
    for (const {name} of others) expect(help).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
  })
})

test('at 80 columns every line fits, also the examples', async () => {
  const pages = await Promise.all(manuals.map(manual => renderHelp(manual, plainTerminal)))
  expect(pages.flatMap(page => page.split('\n')).filter(line => line.length > 80)).toEqual([])
})

test.each([40, 60, 80])('at %d columns no usage line is broken within brackets', async width => {
  for (const manual of manuals) {
    const page = await renderHelp(manual, {...plainTerminal, width})
    const [, usage = ''] = /\nUSAGE\n([\s\S]*?)\n\n/.exec(page) ?? []
    for (const line of usage.split('\n'))
      expect(line.split('[').length).toBe(line.split(']').length)
  }
})
