import {readFileSync} from 'node:fs'
import type {CheckId} from '../src/report/finding.ts'

const src = new URL('../src/', import.meta.url)

/** A check's own file, its explanation left out, and the files of src/findings that it reaches. */
export interface Sources {
  readonly own: string
  readonly findings: readonly URL[]
}

export function sourcesOf(id: CheckId): Sources {
  const file = new URL(`checks/${id}.ts`, src)
  const found = new Set<string>()
  reach(file, found)
  return {own: withoutExplanation(readFileSync(file, 'utf8')), findings: [...found].map(href => new URL(href))}
}

function reach(file: URL, found: Set<string>): void {
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+\.ts)'/g)) {
    const {href} = new URL(path, file)
    if (!href.startsWith(new URL('findings/', src).href) || found.has(href)) continue
    found.add(href)
    reach(new URL(href), found)
  }
}

/** Formatted as everything here is: the block ends with the first brace that stands where it began. */
export function withoutExplanation(source: string): string {
  return source.replace(/^( *)explanation: \{\n[\s\S]*?\n\1\},\n/m, '')
}

/** The codes that stand as literals in calls of warning() and critical(), whatever decides between them. */
export function codesIn(source: string): readonly string[] {
  const calls = source.matchAll(/\b(?:warning|critical)\(\s*((?:'[^']*'|\([^()]*\)|[^,()'`])+),/g)
  // What is given to another function on the way is no code.
  const firsts = [...calls].map(([, first = '']) => first.replace(/\w\([^()]*\)/g, ''))
  const literals = firsts.flatMap(first => [...first.matchAll(/(=== )?'([a-z][a-z0-9-]*)'/g)])
  return [...new Set(literals.filter(([, compared]) => compared === undefined).map(([, , code = '']) => code))]
}
