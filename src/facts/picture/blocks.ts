import type {Directive} from '../fronts/nginx-syntax.ts'
import {discretionOf, listsSecrets, shownCondition} from './fronts-discretion.ts'

/** With more it is the configuration of many sites, of which one is the application's. */
export const mostDirectives = 3000

/** What is said in one block of a configuration by one word, wherever it stands in it. */
export interface Said {
  /** The block, from the outermost: "http/server prism.example/location /static//proxy_pass". */
  readonly name: string
  /** Its arguments; of several in the same block in their order. */
  readonly value: string
  readonly file: string
  /** Only that it has changed may be told. */
  readonly isSecret: boolean
}

/** A configuration by block and word, so that each change is one change. */
export function saidIn(directives: readonly Directive[], prefix = ''): readonly Said[] {
  const said = new Map<string, {values: string[]; file: string; isSecret: boolean}>()
  const blocks = new Map<string, number>()
  const inner: Said[] = []
  for (const directive of directives) {
    const {name, args, block, file} = directive
    if (block) {
      const called = blockName(name, args, block)
      const count = (blocks.get(called) ?? 0) + 1
      blocks.set(called, count)
      const path = `${prefix}${called}${count > 1 ? ` (${count})` : ''}`
      inner.push({name: path, value: 'there', file, isSecret: false})
      inner.push(...(listsSecrets(directive) ? entriesOf(block, path) : saidIn(block, `${path}/`)))
    } else {
      const {called, isSecret} = discretionOf(directive)
      const known = said.get(called)
      if (known) {
        known.values.push(args.join(' '))
        known.isSecret ||= isSecret
      } else said.set(called, {values: [args.join(' ')], file, isSecret})
    }
  }
  const own = [...said].map(([name, {values, ...more}]) => ({
    ...more,
    name: `${prefix}${name}`,
    value: values.join('; '),
  }))
  return [...own, ...inner]
}

/** All as one, since each begins with what is secret. */
function entriesOf(block: readonly Directive[], path: string): readonly Said[] {
  const [first] = block
  const value = block.map(({name, args}) => [name, ...args].join(' ')).join('; ')
  return first ? [{name: `${path}/entries`, value, file: first.file, isSecret: true}] : []
}

/** A server by its names, since it has nothing else by which people know it. */
function blockName(name: string, args: readonly string[], block: readonly Directive[]): string {
  const names = block
    .filter(each => /^(?:server_name|servername)$/.test(each.name))
    .flatMap(each => each.args)
  const condition = shownCondition(name, args)
  return [name, ...(condition === '' ? [] : [condition]), ...names].join(' ')
}
