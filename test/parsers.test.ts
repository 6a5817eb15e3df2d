import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {CannotLook} from '../src/host/host.ts'
import {UsageError} from '../src/report/usage-error.ts'
import {nearly} from './mutation.ts'
import {type Parser, parsers} from './parsers.ts'

/** The same texts in every run: who looks for new ones fuzzes by hand. */
const always = {seed: 20_261_126, endOnFailure: true} as const

/** What was read, or why nobody could look. */
async function answerOf({read}: Parser, text: string): Promise<unknown> {
  try {
    return await read(text)
  } catch (error) {
    if (error instanceof CannotLook || error instanceof UsageError) return error.message
    throw error
  }
}

/** As JSON; what stands for a secret is another in every run. */
function plain(value: unknown): string {
  const json = JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Map || inner instanceof Set ? [...inner] : inner,
  )
  return json?.replace(/redacted-[0-9a-f]{8}/g, 'redacted') ?? 'undefined'
}

describe.each(Object.entries(parsers))('%s', (_, parser) => {
  test('what is read as it comes is read', async () => {
    for (const sample of parser.samples) expect(await parser.read(sample)).toBeDefined()
  })

  test('nothing that stands there brings it down, and it says the same again', async () => {
    const holds = fc.asyncProperty(nearly(parser.samples), async text => {
      expect(plain(await answerOf(parser, text))).toBe(plain(await answerOf(parser, text)))
    })
    await fc.assert(holds, {...always, numRuns: 60})
  })

  test('what is four times as long does not take sixteen times as long', async () => {
    for (const text of pumped(parser.samples)) await assertLinear(parser, text)
  })
})

/** Characters of the longest text. */
const longest = 32_000

/** Texts that repeat what a pattern may try to read again from everywhere. */
function pumped(samples: readonly string[]): readonly ((length: number) => string)[] {
  const signs = ['a', '0', '.', ' ', '\t', '\n', ...'"\'`\\$/:;=@#%,(){}[]<>']
  const within = samples.flatMap(sample => [sample, ...sample.split('\n').slice(0, 6)])
  const whole = [
    ...signs,
    ...signs.map(sign => `${sign}${sign}a`),
    ...within.map(each => `${each}\n`),
  ]
  return [
    ...whole.map(piece => (length: number) => repeated(piece, length)),
    ...samples.flatMap(sample =>
      [' ', '\t', '/', '"', '('].map(
        sign => (length: number) => sample.replace(/(?<=[=: ])/, repeated(sign, length)),
      ),
    ),
  ]
}

function repeated(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / Math.max(1, piece.length)))
}

/** Milliseconds of this process's own time, which others on the machine do not take. */
async function cost(parser: Parser, text: string): Promise<number> {
  const before = process.cpuUsage()
  await answerOf(parser, text)
  const {user, system} = process.cpuUsage(before)
  return (user + system) / 1000
}

/**
 * What is done at once is fine, however the time grows. Else the least of several tries counts, and
 * only what is told again and again: a collector of garbage comes when it wants.
 */
async function assertLinear(parser: Parser, text: (length: number) => string): Promise<void> {
  let grown = ''
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const long = await cost(parser, text(longest))
    if (long < 150) return
    const short = Math.min(
      await cost(parser, text(longest / 4)),
      await cost(parser, text(longest / 4)),
    )
    if (long < 9 * short) return
    grown = `${Math.round(short)} ms became ${Math.round(long)} ms: ${JSON.stringify(text(60))}`
  }
  expect(grown).toBe('')
}
