import * as v from 'valibot'
import type {Check, Context} from '../checks/check.ts'
import {discreetFact, factOf} from '../facts/picture/facts.ts'
import {isHarmless} from '../host/secrecy/names.ts'
import {type Seen, whole} from '../report/fact.ts'

/** Of one check: the picture of a machine has some thousand, and is read at each run. */
const most = 500

/** Milliseconds: nobody waits for a picture as long as for a verdict. */
const patience = 5000

/** Characters of a value: of a longer one its own digest says as much. */
const longest = 4000

const line = (characters: number) =>
  v.pipe(
    v.string(),
    v.maxLength(characters, `must not be longer than ${characters} characters`),
    v.check(text => !/\p{Cc}/u.test(text), 'must be one line, without control characters'),
  )

const named = (characters: number) =>
  v.pipe(
    line(characters),
    v.check(text => text.trim() === text && text !== '', 'must not be empty or end with a space'),
  )

const notMilliseconds = 'must be milliseconds since the epoch'

const foreignFact = v.strictObject({
  name: named(200),
  source: named(200),
  value: line(longest),
  secret: v.exactOptional(v.literal(true, 'must be true, or not be there')),
  at: v.exactOptional(
    v.pipe(v.number(), v.minValue(0, notMilliseconds), v.maxValue(8.64e15, notMilliseconds)),
  ),
})

const foreignWhole = v.strictObject({whole: line(200)})

const offered = v.pipe(
  v.array(v.lazy(formOf), 'must be a list'),
  v.maxLength(most, `must not be more than ${most}`),
)

/** The form that was meant: a choice of both would not say what is wrong with it. */
function formOf(input: unknown): typeof foreignFact | typeof foreignWhole {
  return typeof input === 'object' && input !== null && 'whole' in input
    ? foreignWhole
    : foreignFact
}

/** Where the facts of a check stand that is not ours: no fact of ours begins like this. */
export function prefixOf(id: string): string {
  return `check/${id}/`
}

/**
 * What a check of somebody else's offers to a picture, under a name that none of ours has.
 * @throws Error in one sentence, for what is no list of facts, is told twice, or takes too long.
 */
export async function foreignFacts(
  id: string,
  facts: NonNullable<Check['facts']>,
  context: Context,
): Promise<readonly Seen[]> {
  const read = v.safeParse(offered, await inTime(facts(context)))
  if (!read.success) {
    const [issue] = read.issues
    const where = v.getDotPath(issue) ?? ''
    throw new Error(`what it offers are no facts: ${where && `${where}: `}${issue.message}`)
  }
  const prefix = prefixOf(id)
  const {secrets} = context.host
  const seen = read.output.map(each => {
    if ('whole' in each) return whole(`${prefix}${each.whole}`)
    const {name, source, value, ...more} = each
    // It may stand in the report as well. A word may be a password, and stands in many answers.
    if (more.secret && isHarmless(value))
      return discreetFact(`${prefix}${name}`, source, value, more)
    if (more.secret) secrets.add(value)
    else secrets.learn(value)
    return factOf(`${prefix}${name}`, source, value, more)
  })
  const names = seen.flatMap(each => ('name' in each ? [each.name] : []))
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined)
    throw new Error(`what it offers are no facts: ${twice.slice(prefix.length)} is there twice`)
  return seen
}

async function inTime<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const sentence = `its facts were not there within ${patience / 1000} s`
    timer = setTimeout(() => reject(new Error(sentence)), patience)
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
