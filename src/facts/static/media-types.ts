import {mediaType} from '../fronts/page-words.ts'

/**
 * What browsers make of a file by the type that it comes as. A style sheet and a module have to
 * come as what they are (HTML Standard, "fetch a style resource", "fetch a single module script"),
 * a plain script only where nosniff is said (Fetch Standard, "should response be blocked due to
 * nosniff"), an SVG is never recognised by its content (MIME Sniffing), and fonts are.
 */
export type Verdict = 'refused' | 'unusual'

interface Family {
  readonly endings: readonly string[]
  readonly type: RegExp
  /** What comes of another type; null where nobody minds. */
  judge(came: Came): Verdict | null
}

/** The type in small letters without parameters, empty for none. */
export interface Came {
  readonly type: string
  /** X-Content-Type-Options: nosniff. */
  readonly nosniff: boolean
}

const script = /^(?:text|application)\/(?:x-)?(?:java|ecma)script$/

/** A file of bytes that comes as text or as a page shows as such, and media do not play. */
const asText = ({type}: Came): Verdict | null =>
  /^text\/|^application\/xhtml\+xml$/.test(type) ? 'unusual' : null

const families: readonly Family[] = [
  {
    endings: ['css'],
    type: /^text\/css$/,
    // Without any type a browser takes it for what the page says it is.
    judge: ({type, nosniff}) => (type === '' && !nosniff ? 'unusual' : 'refused'),
  },
  {
    endings: ['js'],
    type: script,
    judge: ({type, nosniff}) =>
      nosniff || /^(?:audio|image|video)\/|^text\/csv$/.test(type) ? 'refused' : 'unusual',
  },
  {endings: ['mjs'], type: script, judge: () => 'unusual'},
  {endings: ['svg'], type: /^image\/svg\+xml$/, judge: () => 'unusual'},
  {endings: ['png', 'jpg', 'jpeg', 'gif', 'webp', 'ico'], type: /^image\//, judge: asText},
  {endings: ['pdf'], type: /^application\/pdf$/, judge: asText},
  {endings: ['mp4', 'webm', 'mp3', 'ogg'], type: /^(?:audio|video|application)\//, judge: asText},
]

/** Endings of one family are alike: one of them is asked for. */
export const kinds: readonly (readonly string[])[] = families.map(({endings}) => endings)

/** What is written about every other file that uploads hold. */
export const uploaded: readonly (readonly string[])[] = kinds.slice(3)

/** The ending of a name, in small letters. */
export function endingOf(name: string): string {
  return /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
}

/** Null where the type is right, or nobody minds. @param own What Django gives to that ending. */
export function judgeType(name: string, came: Came, own: string | null): Verdict | null {
  const family = families.find(({endings}) => endings.includes(endingOf(name)))
  if (!family || family.type.test(came.type) || came.type === own) return null
  return family.judge(came)
}

/** `Text/Plain; charset=utf-8` as `text/plain`. */
export function cameAs(headers: Readonly<Record<string, string>>): Came {
  const type = mediaType(headers['content-type'])
  return {type, nosniff: /\bnosniff\b/i.test(headers['x-content-type-options'] ?? '')}
}
