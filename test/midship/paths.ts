import {join} from 'node:path'
import type {Image} from '../container/container.ts'
import {cache, digest, inputs, suite} from '../container/paths.ts'

export const here = import.meta.dirname
export const rootfs = join(here, 'rootfs')

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

/** Debian with the packages, nothing configured. */
export const debianRoot = join(cache, `debian-${suite}-${digest(debianPackages)}`)

/** What the deployment changes in Debian: the layer above it, as left by a clean shutdown. */
export const deploymentDigest = digest(
  suite,
  debianPackages,
  ...inputs(
    rootfs,
    ['build.ts', 'store.ts', 'deployment.ts'].map(name => join(here, name)),
  ),
)
export const deploymentLayer = join(cache, `${suite}-${deploymentDigest}`)

export const midship: Image = {name: 'midship', layers: [deploymentLayer, debianRoot]}
