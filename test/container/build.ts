import {mkdir, readdir, readFile, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {execa} from 'execa'
import {end, type Image, prepare, shutDown, start, stop, waitForBoot} from './container.ts'
import {builder, claim} from './instances.ts'
import {cache} from './paths.ts'
import {until} from './processes.ts'

/** Says what is built, and how long that took. */
export async function timed(
  say: (line: string) => void,
  what: string,
  work: () => Promise<void>,
): Promise<void> {
  const begun = Date.now()
  say(`building ${what}`)
  await work()
  say(`built in ${((Date.now() - begun) / 1000).toFixed(1)} s`)
}

/** Does what only one process at a time may do to the cache. */
export async function asBuilder(work: () => Promise<void>): Promise<void> {
  await mkdir(cache, {recursive: true, mode: 0o755})
  await until('another build ends', 900, () => claim(builder))
  try {
    await work()
  } finally {
    await stop(builder)
  }
}

/**
 * Removes what earlier inputs left in the cache below these names, unless something runs from it.
 */
export async function removeOutdated(
  prefixes: readonly string[],
  current: readonly string[],
): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8')
  for (const name of await readdir(cache)) {
    const path = join(cache, name)
    const isOurs = prefixes.some(prefix => name.startsWith(prefix))
    if (!isOurs || current.includes(path) || mounts.includes(path)) continue
    await rm(path, {recursive: true, force: true})
  }
}

/** Where this machine's own apt installs from. */
interface AptSource {
  readonly mirror: string
  /** As environment variables of whoever downloads. */
  readonly proxy: Readonly<Record<string, string>>
}

export async function aptSource(): Promise<AptSource> {
  const targets = await execa('apt-get', [
    ...['indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Identifier: Packages'],
  ])
  const main = targets.stdout
    .split('\n')
    .map(line => line.split(' '))
    .find(([, release, component]) => component === 'main' && release && !release.includes('-'))
  if (!main?.[0]) throw new Error('apt has no source from which Debian could be installed')
  const config = await execa('apt-config', ['dump', '--format', '%v', 'Acquire::http::Proxy'])
  const proxy = config.stdout.trim()
  return {mirror: main[0], proxy: proxy === '' ? {} : {http_proxy: proxy}}
}

/** Removes of Debian what nobody on a host under test reads. */
export async function removeBallast(root: string): Promise<void> {
  for (const path of [
    'var/cache/apt',
    'var/lib/apt/lists',
    'usr/share/doc',
    'usr/share/man',
    'usr/share/locale',
  ]) {
    await rm(join(root, path), {recursive: true, force: true})
  }
  // What a download needed of the machine that it ran on.
  for (const path of ['etc/resolv.conf', 'etc/hostname']) await rm(join(root, path), {force: true})
}

/** How a layer is made of what lies below it. */
interface Making {
  /** Before anything boots. */
  readonly provision: (root: string) => Promise<void>
  /** On the running machine; without it nothing boots. */
  readonly setUp?: () => Promise<void>
  /** After it was shut down. */
  readonly tidy?: (root: string) => Promise<void>
}

/** Makes `layer` on the machine of whoever builds; it is there whole or not at all. */
export async function buildLayer(
  layer: string,
  below: Image,
  {provision, setUp, tidy}: Making,
): Promise<void> {
  const building = `${layer}.building`
  await rm(building, {recursive: true, force: true})
  await mkdir(building, {mode: 0o755})
  const root = await prepare(builder, below, building)
  try {
    await provision(root)
    if (setUp) {
      await start(builder, below)
      await waitForBoot(builder)
      await setUp()
      await shutDown(builder)
      // What only the first boot wrote.
      for (const path of ['var/tmp', 'tmp'])
        await execa('find', [join(root, path), '-mindepth', '1', '-delete'])
    }
    await tidy?.(root)
  } finally {
    await end(builder)
  }
  await rename(join(building, 'upper'), layer)
  await rm(building, {recursive: true, force: true})
}
