import {createHash, hash} from 'node:crypto'
import {brotliDecompressSync, createBrotliDecompress, createGunzip, gunzipSync} from 'node:zlib'
import type {Digest} from '../host.ts'
import {referencesIn} from '../references.ts'

/** Bytes that a compressed file may decode to: a few kilobytes may decode to gigabytes. */
const maxDecoded = 64 * 1024 * 1024

/** Bytes that are decoded at once; of more than that no whole is kept. */
const maxAtOnce = 1024 * 1024

/** What files are compared by. */
export interface Told {
  readonly digest: Digest
  /** Bytes that were decoded for it. */
  readonly decoded: number
  /** False where it decodes to more than is decoded: `decoded` is left out. */
  readonly complete: boolean
}

export type Kind = 'gz' | 'br' | 'css' | 'js'

/** What more than its MD5 a file is compared by; by the ending of its name. Null for most. */
export function kindOf(name: string): Kind | null {
  const ending = /\.(?:(gz|br|css)|m?js)$/.exec(name)
  return ending && ((ending[1] ?? 'js') as Kind)
}

/** What was told of files with the same content and kind: most lie there with and without a hash. */
const told = new Map<string, Told>()

const maxTold = 10_000

/** What a file is compared by: a promise where it decodes to more than is decoded at once. */
export function digestOf(kind: Kind | null, content: Buffer): Told | Promise<Told> {
  const md5 = hash('md5', content, 'hex')
  if (kind === null) return {digest: {md5: shortened(md5)}, decoded: 0, complete: true}
  const known = told.get(kind + md5)
  if (known) return {...known, decoded: 0}
  if (kind === 'gz' || kind === 'br') {
    const decoded = atOnce(kind, content)
    if (decoded !== 'too much') return keep(kind + md5, ofDecoded(md5, decoded))
    return inPieces(kind, content).then(each => keep(kind + md5, ofDecoded(md5, each)))
  }
  const digest = {md5: shortened(md5), unlinked: unlinked(content, kind) ?? shortened(md5)}
  return keep(kind + md5, {digest, decoded: 0, complete: true})
}

function keep(key: string, fresh: Told): Told {
  if (told.size >= maxTold) told.clear()
  told.set(key, fresh)
  return fresh
}

interface Decoded {
  /** Null where there is more than is decoded. */
  readonly md5: string | null
  readonly size: number
}

/** @param decoded Null where it does not decode. */
function ofDecoded(own: string, decoded: Decoded | null): Told {
  const md5 = shortened(own)
  if (decoded === null) return {digest: {md5, decoded: null}, decoded: 0, complete: true}
  if (decoded.md5 === null) return {digest: {md5}, decoded: decoded.size, complete: false}
  return {digest: {md5, decoded: shortened(decoded.md5)}, decoded: decoded.size, complete: true}
}

function atOnce(kind: 'gz' | 'br', content: Buffer): Decoded | null | 'too much' {
  const decode = kind === 'gz' ? gunzipSync : brotliDecompressSync
  try {
    const whole = decode(content, {maxOutputLength: maxAtOnce})
    return {md5: hash('md5', whole, 'hex'), size: whole.length}
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too much' : null
  }
}

async function inPieces(kind: 'gz' | 'br', content: Buffer): Promise<Decoded | null> {
  const decoder = kind === 'gz' ? createGunzip() : createBrotliDecompress()
  const md5 = createHash('md5')
  let size = 0
  decoder.end(content)
  try {
    for await (const piece of decoder as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > maxDecoded) return {md5: null, size}
      md5.update(piece)
    }
  } catch {
    return null
  }
  return {md5: md5.digest('hex'), size}
}

/** Without what collectstatic rewrites; null where there is no such thing. */
function unlinked(content: Buffer, kind: 'css' | 'js'): string | null {
  const text = content.toString('latin1')
  const md5 = createHash('md5')
  let kept = ''
  let from = 0
  for (const {start, end, rest} of referencesIn(text, kind)) {
    kept += text.slice(from, start) + rest
    from = end
    if (kept.length < 64 * 1024) continue
    md5.update(kept, 'latin1')
    kept = ''
  }
  if (from === 0) return null
  return shortened(md5.update(kept + text.slice(from), 'latin1').digest('hex'))
}

/** As Django writes it into names. */
export function shortened(md5: string): string {
  return md5.slice(0, 12)
}
