import {escaped} from '../escape.ts'

/** Typography that has a plain spelling. */
const plain: Readonly<Record<string, string>> = {
  '…': '...',
  '→': '->',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  ' ': ' ',
}

/** The same in ASCII: what has no plain spelling is shown as an escape. */
export function ascii(text: string): string {
  return text.replace(/[^\x00-\x7f]/g, character => plain[character] ?? escaped(character))
}
