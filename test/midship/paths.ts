import {createHash} from 'node:crypto'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

export const here = import.meta.dirname
export const repository = join(here, '..', '..')
export const rootfs = join(here, 'rootfs')

/** Debian's release in the container. */
export const suite = process.env.MIDSHIP_SUITE ?? 'trixie'

/** Where what takes minutes to build is kept: outside the repository, one directory for each set of inputs. */
export const cache = process.env.MIDSHIP_CACHE ?? '/var/cache/prism-doctor-midship'

/** Where running instances live. */
export const running = '/run/prism-doctor-midship'

const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'iproute2',
  'procps',
  'curl',
  'sudo',
  'acl',
  'tzdata',
  'libjs-jquery',
  'postgresql',
  'nginx-light',
  'redis-server',
  'gunicorn',
  'python3-django',
  'python3-whitenoise',
  'python3-brotli',
  'python3-decouple',
  'python3-dj-database-url',
  'python3-psycopg2',
  'python3-uvicorn',
]

export const debianPackages = packages.join(',')

const digest = (...parts: string[]): string =>
  parts
    .reduce((hash, part) => hash.update(`${part.length}:${part}`), createHash('sha256'))
    .digest('hex')
    .slice(0, 12)

const files = (directory: string): string[] =>
  readdirSync(directory, {withFileTypes: true, recursive: true})
    .filter(entry => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()

const inputs = (): string[] =>
  [...files(rootfs), ...['build.ts', 'store.ts', 'deployment.ts'].map(name => join(here, name))].flatMap(file => [
    file.slice(here.length),
    readFileSync(file, 'latin1'),
  ])

/** Debian with the packages, nothing configured. */
export const debianRoot = join(cache, `debian-${suite}-${digest(debianPackages)}`)

/** What the deployment changes in Debian: the layer above it, as left by a clean shutdown. */
export const deploymentDigest = digest(suite, debianPackages, ...inputs())
export const deploymentLayer = join(cache, `${suite}-${deploymentDigest}`)
