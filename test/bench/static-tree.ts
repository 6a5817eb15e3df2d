import {createCipheriv} from 'node:crypto'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {brotliCompressSync, constants, gzipSync} from 'node:zlib'

/** Files as collectstatic leaves them: each beside its hashed copy. */
export interface StaticTree {
  readonly files: number
  /** Bytes of one file; on average, where they are spread. */
  readonly size: number
  /** From an eighth of the size to almost twice as much. */
  readonly spread: boolean
  /** With a .gz and a .br beside every style sheet and script, as WhiteNoise makes them. */
  readonly compressed: boolean
}

const perDirectory = 200

/** Of ten files: five pictures, three scripts and two style sheets with references. */
const endings = ['png', 'js', 'png', 'css', 'png', 'js', 'png', 'css', 'png', 'js'] as const

/** The same bytes in every run. */
function createRandom(): (size: number) => Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'seed'), Buffer.alloc(16))
  return size => cipher.update(Buffer.alloc(size))
}

/** Makes the tree. @returns how many bytes are in it. */
export function makeStaticTree(root: string, tree: StaticTree): number {
  const random = createRandom()
  let made = 0
  let total = 0
  const write = (directory: string, name: string, content: Buffer): void => {
    writeFileSync(join(directory, name), content)
    made += 1
    total += content.length
  }
  for (let at = 0; made < tree.files; at += 1) {
    const directory = join(root, `app${Math.floor(at / perDirectory)}`)
    if (at % perDirectory === 0) mkdirSync(directory, {recursive: true})
    const ending = endings[at % endings.length] ?? 'png'
    const factor = tree.spread ? 0.125 + (1.75 * random(1).readUInt8()) / 255 : 1
    const content = contentOf(ending, random(Math.round(tree.size * factor)))
    for (const hash of ['', `.${random(6).toString('hex')}`]) {
      const name = `file${at}${hash}.${ending}`
      write(directory, name, content)
      if (!tree.compressed || ending === 'png') continue
      write(directory, `${name}.gz`, gzipSync(content))
      write(directory, `${name}.br`, brotliCompressSync(content, {params: quality}))
    }
  }
  return total
}

const quality = {[constants.BROTLI_PARAM_QUALITY]: 5}

function contentOf(ending: string, bytes: Buffer): Buffer {
  if (ending === 'png') return bytes
  const text = bytes.subarray(0, bytes.length / 2).toString('hex')
  const line = (name: string): string =>
    ending === 'css' ? `.a${name}{background:url("../${name}.png")}\n` : `f("${name}");\n`
  const lines = text.replace(/.{1,48}/g, line)
  return Buffer.from(lines.slice(0, bytes.length).padEnd(bytes.length, '\n'))
}
