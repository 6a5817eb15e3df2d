import type {Directive} from '../fronts/nginx-syntax.ts'

/** What is said in one block of a configuration by one word, wherever it stands in it. */
export interface Said {
  /** The block, from the outermost: "http/server prism.example/location /static//proxy_pass". */
  readonly name: string
  /** Its arguments; of several in the same block in their order. */
  readonly value: string
  readonly file: string
}

/** A configuration by block and word, so that each change is one change. */
export function saidIn(directives: readonly Directive[], prefix = ''): readonly Said[] {
  const said = new Map<string, {values: string[]; file: string}>()
  const blocks = new Map<string, number>()
  const inner: Said[] = []
  for (const {name, args, block, file} of directives) {
    if (block) {
      const called = blockName(name, args, block)
      const count = (blocks.get(called) ?? 0) + 1
      blocks.set(called, count)
      const path = `${prefix}${called}${count > 1 ? ` (${count})` : ''}`
      inner.push({name: path, value: 'there', file}, ...saidIn(block, `${path}/`))
    } else {
      const known = said.get(name)
      if (known) known.values.push(args.join(' '))
      else said.set(name, {values: [args.join(' ')], file})
    }
  }
  const own = [...said].map(([name, {values, file}]) => ({
    name: `${prefix}${name}`,
    value: values.join('; '),
    file,
  }))
  return [...own, ...inner]
}

/** A server by its names, since it has nothing else by which people know it. */
function blockName(name: string, args: readonly string[], block: readonly Directive[]): string {
  const names = block
    .filter(each => /^(?:server_name|servername)$/.test(each.name))
    .flatMap(each => each.args)
  return [name, ...args, ...names].join(' ')
}
