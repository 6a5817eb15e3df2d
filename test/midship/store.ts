import {createHash} from 'node:crypto'
import {
  chmod,
  copyFile,
  lutimes,
  mkdir,
  readdir,
  readFile,
  symlink,
  writeFile,
} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'

/**
 * What an object of the store holds: text (in which @name@ stands for another object's path), a
 * copy or a link.
 */
export type Entry =
  | {text: string; executable?: boolean}
  | {copy: string; executable?: boolean}
  | {link: string}

/**
 * An imitation of /nix/store: objects at hashed paths, which refer to each other by those paths.
 */
export class Store {
  readonly #root: string
  readonly #seed: string
  readonly #names: Record<string, string>

  /**
   * Paths depend on `seed` alone, so that objects may be added in any order and refer to
   * themselves.
   */
  constructor(root: string, seed: string, names: Record<string, string>) {
    this.#root = root
    this.#seed = seed
    this.#names = names
  }

  path(key: string): string {
    const name = this.#names[key]
    if (name === undefined) throw new Error(`the store has no ${key}`)
    // Nix writes its hashes in this alphabet: no e, o, t, u.
    const alphabet = '0123456789abcdfghijklmnpqrsvwxyz'
    const digest = createHash('sha256').update(`${this.#seed}:${name}`).digest()
    const hash = [...digest].map(byte => alphabet[byte % 32]).join('')
    return `/nix/store/${hash}-${name}`
  }

  /** Replaces every @key@ by the path of that object. */
  fill(text: string): string {
    return text.replaceAll(/@([a-z][a-z-]*)@/g, (_, key: string) => this.path(key))
  }

  /** An object that is a directory. */
  async add(key: string, entries: Record<string, Entry>): Promise<string> {
    for (const [name, entry] of Object.entries(entries))
      await this.#write(join(this.path(key), name), entry)
    return this.path(key)
  }

  /** An object that is a single file. */
  async addFile(key: string, text: string): Promise<string> {
    await this.#write(this.path(key), {text})
    return this.path(key)
  }

  async #write(path: string, entry: Entry): Promise<void> {
    const file = this.#root + path
    await mkdir(dirname(file), {recursive: true})
    if ('link' in entry) return symlink(this.fill(entry.link), file)
    if ('copy' in entry) await copyFile(entry.copy, file)
    else await writeFile(file, this.fill(entry.text))
    await chmod(file, entry.executable ? 0o555 : 0o444)
  }

  /** Nix leaves nothing writable in its store, and everything at one second after the epoch. */
  async seal(): Promise<void> {
    await sealTree(`${this.#root}/nix/store`)
  }
}

async function sealTree(path: string): Promise<void> {
  for (const entry of await readdir(path, {withFileTypes: true})) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) await sealTree(child)
    else await lutimes(child, 1, 1)
  }
  if (basename(path) !== 'store') {
    await chmod(path, 0o555)
    await lutimes(path, 1, 1)
  }
}

/** A directory of the repository as entries, below `prefix`. */
export async function tree(directory: string, prefix: string): Promise<Record<string, Entry>> {
  const entries: Record<string, Entry> = {}
  for (const entry of await readdir(directory, {withFileTypes: true, recursive: true})) {
    if (!entry.isFile() || entry.parentPath.includes('__pycache__')) continue
    const file = join(entry.parentPath, entry.name)
    entries[join(prefix, file.slice(directory.length))] = {copy: file}
  }
  return entries
}

export const text = (file: string): Promise<string> => readFile(file, 'utf8')
