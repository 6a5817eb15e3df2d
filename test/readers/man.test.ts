import {spawnSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {allManuals, dayOf, manualPage} from '../../scripts/man.ts'
import {checks} from '../../src/checks/index.ts'
import {labelOf} from '../../src/cli/manual.ts'
import {installed} from '../programs.ts'

const page = await manualPage('2026-11-26')

test('every line is ASCII and none has blanks at its end', () => {
  expect(page).toMatch(/^[\x20-\x7e\n]+$/)
  expect(page).not.toMatch(/ $/m)
})

test('what is typed has no sign that roff makes another one of', () => {
  expect(page).toContain('fish > \\(ti/.config/fish/completions/prism\\-doctor.fish\n')
  const bare = page
    .replace(/^\.\\".*$/gm, '')
    .replace(/^\.TH .*$/m, '')
    .replaceAll(/\\[-e]|\\\(\w\w/g, '')
  expect(bare).not.toMatch(/[`^~'-]/)
})

test('the same day makes the same page', async () => {
  expect(await manualPage('2026-11-26')).toBe(page)
  expect(page).toContain('.TH PRISM\\-DOCTOR 1 "2026-11-26" ')
})

test.each([
  ['2026-11-26', undefined, '2026-11-26'],
  [null, undefined, 'unreleased'],
  ['2026-11-26', '1767225600', '2026-01-01'],
  [null, '1767225600', '2026-01-01'],
  ['2026-11-26', '', '2026-11-26'],
])('a release of %s with SOURCE_DATE_EPOCH=%s is of %s', (released, epoch, day) => {
  expect(dayOf(released, epoch)).toBe(day)
})

const mandoc = installed('mandoc')

describe.skipIf(mandoc === null)('mandoc', () => {
  const read = (...args: readonly string[]) =>
    spawnSync(mandoc ?? '', args, {input: page, encoding: 'utf8'})

  test('has nothing to complain of', () => {
    const {status, stdout, stderr} = read('-T', 'lint', '-W', 'warning')
    expect({status, stdout, stderr}).toEqual({status: 0, stdout: '', stderr: ''})
  })

  test('complains of a page that is broken', () => {
    const input = page.replace(/^\.TH .*$/m, '.TH PRISM\\-DOCTOR')
    const {status} = spawnSync(mandoc ?? '', ['-T', 'lint', '-W', 'warning'], {input})
    expect(status).not.toBe(0)
  })

  test('shows every command, flag, check, example and exit code', async () => {
    const {stdout} = read('-T', 'ascii', '-O', 'width=80')
    // Overstriking makes bold and underlined letters.
    const shown = stdout.replace(/.\x08/g, '').replace(/\s+/g, ' ')
    for (const {flags, usage, examples, exitCodes, paragraphs} of await allManuals()) {
      for (const line of usage) expect(shown).toContain(`prism-doctor ${line} `)
      for (const flag of flags) expect(shown).toContain(` ${labelOf(flag)} `)
      for (const {command} of examples) expect(shown).toContain(` ${command} `)
      for (const text of paragraphs) expect(shown).toContain(text.replaceAll('`', ''))
      for (const [code, meaning] of exitCodes)
        expect(shown.toLowerCase()).toContain(` ${code} ${meaning}.`.toLowerCase())
    }
    for (const {id, title} of checks) expect(shown).toContain(` ${id} ${title}.`)
    for (const heading of ['NAME', 'SYNOPSIS', 'EXIT STATUS', 'FILES', 'ENVIRONMENT', 'SEE ALSO'])
      expect(stdout.replace(/.\x08/g, '')).toContain(`\n${heading}\n`)
  })
})
