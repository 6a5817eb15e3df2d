import {createHash} from 'node:crypto'
import {brotliDecompressSync, gunzipSync} from 'node:zlib'
import type {Digest} from '../host.ts'

/** Bytes of one file, also of what it decodes to. */
export const maxFile = 32 * 1024 * 1024

/** What two files are compared by, beside links to hashed names; by the ending of their name. */
export function digestOf(name: string, content: Buffer): Digest {
  const [kind] = /\.(?:gz|br|css|m?js)$/.exec(name) ?? []
  if (kind === undefined) return {md5: md5(content)}
  if (kind === '.gz' || kind === '.br') return {md5: md5(content), decoded: decoded(content, kind)}
  return {md5: md5(content), unlinked: md5(unlinked(content, kind))}
}

function decoded(content: Buffer, packed: string): string | null {
  try {
    // A few kilobytes may decode to gigabytes.
    const options = {maxOutputLength: maxFile}
    return md5(
      packed === '.gz' ? gunzipSync(content, options) : brotliDecompressSync(content, options),
    )
  } catch {
    return null
  }
}

/**
 * Without what HashedFilesMixin.patterns (django/contrib/staticfiles/storage.py) match; `@import
 * "…"` becomes `@import url("…")` there. Lengths are bounded, since the file may have been written
 * to keep us busy.
 */
function unlinked(content: Buffer, kind: string): Buffer {
  const text = content
    .toString('latin1')
    .replace(/(\/[/*]#)[ \t]sourceMappingURL=[^\n*]{0,2000}/g, '$1')
  if (kind !== '.css') return Buffer.from(text, 'latin1')
  const rest = text
    .replace(/@import\s{0,9}["'][^"'\n]{0,2000}["']/gi, '@import url()')
    .replace(/url\((?!["']?data:)[^)\n]{0,2000}\)/gi, 'url()')
  return Buffer.from(rest, 'latin1')
}

function md5(content: Buffer): string {
  return createHash('md5').update(content).digest('hex').slice(0, 12)
}
