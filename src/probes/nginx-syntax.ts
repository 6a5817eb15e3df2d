/** One directive of nginx's configuration, with its block where it has one. */
export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  readonly block: readonly Directive[] | null
}

interface Open {
  readonly words: readonly string[]
  readonly block: Directive[]
}

/** nginx's own grammar (src/core/ngx_conf_file.c): words, quotes, comments, ";" and blocks. */
export function parseNginx(text: string): readonly Directive[] {
  const top: Directive[] = []
  const open: Open[] = []
  let words: string[] = []
  const put = ([name, ...args]: readonly string[], block: readonly Directive[] | null): void => {
    if (name !== undefined) (open.at(-1)?.block ?? top).push({name, args, block})
  }
  const token = /\s+|#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([;{}])|((?:\\.|\$\{[^}]*\}|[^\s;{}\\])+)|\\/gsy
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [, double, single, mark, word] = match
    const value = double ?? single ?? word
    if (value !== undefined) words.push(value.replace(/\\(["'\\ ])/g, '$1'))
    else if (mark !== undefined) {
      if (mark === ';') put(words, null)
      else if (mark === '{') open.push({words, block: []})
      else {
        const ended = open.pop()
        if (ended) put(ended.words, ended.block)
      }
      words = []
    }
  }
  // A block that is never closed: nginx refuses it, and what stands in it is still read.
  for (let ended = open.pop(); ended; ended = open.pop()) put(ended.words, ended.block)
  return top
}
