import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Image} from '../container/container.ts'
import {cache, digest, inputs, suite} from '../container/paths.ts'
import {debianPackages, debianRoot} from '../midship/paths.ts'

const here = import.meta.dirname
export const rootfs = join(here, 'rootfs')

/** The text of a script beside this file. */
export const script = (name: string): Promise<string> => readFile(join(here, name), 'utf8')

/** What these deployments need beside midship's Debian. */
export const packages = [
  'graphite-web',
  'wims-lti',
  'apache2',
  'caddy',
  'nftables',
  'uvicorn',
  'uwsgi-core',
  'uwsgi-plugin-python3',
  'python3-django-environ',
  'python3-redis',
]

/** The packages in a layer above midship's Debian. */
export const packagesLayer = join(
  cache,
  `hosts-debian-${suite}-${digest(debianPackages, packages.join())}`,
)

/** The deployments, each healthy when it was built. */
export const deploymentsLayer = join(
  cache,
  `hosts-${suite}-${digest(
    packagesLayer,
    ...inputs(
      rootfs,
      ['build.ts', 'deployments.ts', 'provision.sh', 'setup.sh'].map(name => join(here, name)),
    ),
  )}`,
)

export const harbour: Image = {
  name: 'harbour',
  layers: [deploymentsLayer, packagesLayer, debianRoot],
}
