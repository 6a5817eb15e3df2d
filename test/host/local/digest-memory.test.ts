import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {crc32} from 'node:zlib'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createDigests} from '../../../src/host/local/digests.ts'

let root: string
let cache: string

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'digests-'))
  cache = mkdtempSync(join(tmpdir(), 'digest-memory-'))
  mkdirSync(join(root, 'css'))
  writeFileSync(join(root, 'css/a.css'), 'a{}')
  writeFileSync(join(root, 'b.png'), 'b')
  // A file that was made in this very millisecond is not at rest.
  await setTimeout(20)
})

afterEach(() => {
  for (const directory of [root, cache]) rmSync(directory, {recursive: true})
})

/** One run. */
async function read(settled = 0, directory = cache): Promise<Readonly<Record<string, unknown>>> {
  const {digests, close} = createDigests({directory, settled})
  try {
    return (await digests(root)).files
  } finally {
    close()
  }
}

/** The file in which the tree is remembered. */
function remembered(): string {
  const [name = ''] = readdirSync(cache)
  return join(cache, name)
}

/** Changes what is remembered as only who may write there can. */
function forge(change: (body: string) => string): void {
  const body = change(readFileSync(remembered(), 'utf8').replace(/^.*\n/, ''))
  writeFileSync(remembered(), `${crc32(body)}\n${body}`)
}

const forged = (body: string): string => body.replace(/"md5":"\w+"/g, '"md5":"remembered"')
const isForged = {'b.png': {md5: 'remembered'}}
const isTrue = {'b.png': {md5: '92eb5ffee6ae'}, 'css/a.css': {md5: '307cc22fa776'}}

/** Nothing is remembered of what lies on an overlay, as in a container. */
const isTrusted = [0xef53, 0x58465342, 0x9123683e].includes(statfsSync(tmpdir()).type)

describe.skipIf(!isTrusted)('a file that is as it was', () => {
  test('is not read again', async () => {
    expect(await read()).toMatchObject(isTrue)
    expect(statSync(remembered()).mode & 0o777).toBe(0o600)
    forge(forged)
    expect(await read()).toMatchObject(isForged)
  })

  test('is read where nothing is to be remembered', async () => {
    await read()
    forge(forged)
    const {digests, close} = createDigests(null)
    expect((await digests(root)).files).toMatchObject(isTrue)
    close()
  })

  test('is remembered beside what is learned later', async () => {
    await read()
    forge(forged)
    writeFileSync(join(root, 'c.png'), 'b')
    await setTimeout(20)
    const all = {...isForged, 'c.png': {md5: '92eb5ffee6ae'}}
    expect(await read()).toMatchObject(all)
    forge(body => body.replaceAll('92eb5ffee6ae', 'remembered'))
    expect(await read()).toMatchObject({...isForged, 'c.png': {md5: 'remembered'}})
  })

  test('is read once a day, and after another boot', async () => {
    await read()
    const day = 24 * 60 * 60 * 1000
    forge(body => forged(body).replace(/^\d+/, since => String(Number(since) - day)))
    expect(await read()).toMatchObject(isTrue)
    forge(body => forged(body).replace(/"boot":"\w/, '"boot":"x'))
    expect(await read()).toMatchObject(isTrue)
    // It was made anew.
    forge(forged)
    expect(await read()).toMatchObject(isForged)
  })
})

describe.skipIf(!isTrusted)('a file is read again', () => {
  const path = (): string => join(root, 'b.png')
  const sameTimes = (change: () => void) => () => {
    const {atime, mtime} = statSync(path())
    change()
    utimesSync(path(), atime, mtime)
  }
  test.each([
    ['was written to, and has its old size and mtime', sameTimes(() => writeFileSync(path(), 'B'))],
    ['was touched', () => utimesSync(path(), 1, 1)],
    ['has another mode', () => chmodSync(path(), 0o600)],
    [
      'is another file with the same content and times',
      () => {
        const {atime, mtime} = statSync(path())
        writeFileSync(join(root, 'x'), 'b')
        utimesSync(join(root, 'x'), atime, mtime)
        renameSync(join(root, 'x'), path())
      },
    ],
  ])('that %s', async (_, change) => {
    await read()
    forge(forged)
    change()
    expect((await read())['b.png']).not.toMatchObject({md5: 'remembered'})
  })

  test('that had not been at rest when it was read', async () => {
    await read(60_000)
    expect(readdirSync(cache)).toEqual([])
  })
})

describe.skipIf(!isTrusted)('what is remembered is not taken', () => {
  test.each([
    [
      'is damaged',
      () => {
        const text = readFileSync(remembered(), 'utf8')
        writeFileSync(remembered(), text.replaceAll('remembered', 'recalled!!'))
      },
    ],
    ['is cut off', () => writeFileSync(remembered(), readFileSync(remembered()).subarray(0, -9))],
    ['is empty', () => writeFileSync(remembered(), '')],
    ['may be read by others', () => chmodSync(remembered(), 0o644)],
    ['lies where others may write', () => chmodSync(cache, 0o777)],
    [
      'is a link',
      () => {
        renameSync(remembered(), join(root, 'elsewhere'))
        symlinkSync(join(root, 'elsewhere'), join(cache, 'link'))
        renameSync(join(cache, 'link'), join(cache, readdirSync(cache)[0] ?? ''))
      },
    ],
  ])('where it %s', async (_, change) => {
    await read()
    forge(forged)
    change()
    expect(await read()).toMatchObject(isTrue)
  })

  test.skipIf(process.geteuid?.() !== 0)('where it is another user’s', async () => {
    await read()
    forge(forged)
    chownSync(remembered(), 1, 1)
    expect(await read()).toMatchObject(isTrue)
  })

  test('where it cannot be written, and nothing is said of that', async () => {
    writeFileSync(join(root, 'file'), '')
    expect(await read(0, join(root, 'file'))).toMatchObject(isTrue)
  })
})

test.skipIf(!existsSync('/dev/shm') || statfsSync('/dev/shm').type !== 0x01021994)(
  'a file system whose times say nothing is not remembered',
  async () => {
    const memory = mkdtempSync('/dev/shm/digests-')
    const {digests, close} = createDigests({directory: cache, settled: 0})
    writeFileSync(join(memory, 'a'), 'a')
    await setTimeout(20)
    expect((await digests(memory)).files).toHaveProperty('a')
    expect(readdirSync(cache)).toEqual([])
    close()
    rmSync(memory, {recursive: true})
  },
)
