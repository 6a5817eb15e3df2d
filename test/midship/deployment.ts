import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {rootfs} from './paths.ts'
import {type Entry, Store, text, tree} from './store.ts'

/**
 * Writes the store of midship: the application, what runs it, its units, and a system that holds
 * them.
 */
export async function writeStore(root: string, seed: string): Promise<Store> {
  const pythonName = (await readdir(`${root}/usr/bin`)).find(name => /^python3\.\d+$/.test(name))
  const [postgresMajor] = await readdir(`${root}/usr/lib/postgresql`)
  if (!pythonName || !postgresMajor) throw new Error(`${root} lacks Python or PostgreSQL`)
  const store = new Store(root, seed, {
    bash: 'bash-5.3p3',
    coreutils: 'coreutils-9.7',
    findutils: 'findutils-4.10.0',
    gnugrep: 'gnugrep-3.11',
    gnused: 'gnused-4.9',
    systemd: 'systemd-257.9',
    'glibc-locales': 'glibc-locales-2.40-66',
    tzdata: 'tzdata-2025b',
    nginx: 'nginx-1.28.0',
    'nginx-conf': 'nginx.conf',
    postgresql: `postgresql-${postgresMajor}.6`,
    'postgresql-conf': 'postgresql.conf',
    'pg-hba': 'pg_hba.conf',
    python: `${pythonName.replace('python', 'python3-')}-env`,
    sops: 'sops-install-secrets-0.0.1',
    prism: 'prism-django-unstable',
    'pre-start': 'unit-script-prism-django-pre-start',
    'unit-prism': 'unit-prism-django.service',
    'unit-postgresql': 'unit-postgresql.service',
    'unit-nginx': 'unit-nginx.service',
    'unit-sops': 'unit-sops-install-secrets.service',
    'unit-store': 'unit-nix-store.mount',
    system: 'nixos-system-midship-25.11.20251116.50a96ed',
  })
  await addTools(store, postgresMajor)
  await addPython(store, root, pythonName)
  await addApplication(store)
  await addSystem(store, postgresMajor)
  return store
}

const source = (name: string): Promise<string> => text(join(rootfs, name))

async function addTools(store: Store, postgresMajor: string): Promise<void> {
  await store.add('bash', {'bin/bash': {link: '/usr/bin/bash'}, 'bin/sh': {link: '/usr/bin/bash'}})
  for (const key of ['coreutils', 'findutils', 'gnugrep', 'gnused', 'systemd']) {
    await store.add(key, {bin: {link: '/usr/bin'}, sbin: {link: '/usr/sbin'}})
  }
  await store.add('glibc-locales', {'lib/locale/locale-archive': {text: ''}})
  await store.add('tzdata', {'share/zoneinfo': {link: '/usr/share/zoneinfo'}})
  await store.add('nginx', {'bin/nginx': {link: '/usr/sbin/nginx'}, conf: {link: '/etc/nginx'}})
  await store.addFile('nginx-conf', await source('store/nginx.conf'))
  await store.add('postgresql', {bin: {link: `/usr/lib/postgresql/${postgresMajor}/bin`}})
  await store.addFile('pg-hba', await source('store/pg_hba.conf'))
  await store.add('postgresql-conf', {
    'postgresql.conf': {text: await source('store/postgresql.conf')},
  })
  await store.add('sops', {
    'bin/sops-install-secrets': {
      text: await source('store/sops-install-secrets'),
      executable: true,
    },
  })
}

/**
 * An environment that sees its own modules only, as Nix makes them: a module can be missing from
 * it. There is no brotli in it, since nothing depends on it; compressing with it would also take
 * most of a start's time.
 */
async function addPython(store: Store, root: string, pythonName: string): Promise<void> {
  const modules = await readdir(`${root}/usr/lib/python3/dist-packages`)
  const gunicorn = (await source('store/gunicorn')).replace('@pythonName@', pythonName)
  await store.add('python', {
    [`bin/${pythonName}`]: {copy: `${root}/usr/bin/${pythonName}`, executable: true},
    'bin/python3': {link: pythonName},
    'bin/python': {link: pythonName},
    'bin/gunicorn': {text: gunicorn, executable: true},
    'pyvenv.cfg': {text: 'home = /usr/bin\ninclude-system-site-packages = false\n'},
    ...Object.fromEntries(
      modules
        .filter(name => name !== '__pycache__' && !/brotli/i.test(name))
        .map(name => [
          `lib/${pythonName}/site-packages/${name}`,
          {link: `/usr/lib/python3/dist-packages/${name}`},
        ]),
    ),
  })
}

async function addApplication(store: Store): Promise<void> {
  const wrappers = await readdir(join(rootfs, 'store/wrappers'))
  const bin: Record<string, Entry> = {}
  for (const name of wrappers)
    bin[`bin/${name}`] = {text: await source(`store/wrappers/${name}`), executable: true}
  await store.add('prism', {...bin, ...(await tree(join(rootfs, 'project'), 'share/prism-django'))})
  await store.add('pre-start', {
    'bin/prism-django-pre-start': {
      text: await source('store/prism-django-pre-start'),
      executable: true,
    },
  })
}

/** Units by their key in the store, with the target that wants each. */
export const units = {
  'unit-prism': ['prism-django.service', 'multi-user.target'],
  'unit-postgresql': ['postgresql.service', 'multi-user.target'],
  'unit-nginx': ['nginx.service', 'multi-user.target'],
  'unit-sops': ['sops-install-secrets.service', 'sysinit.target'],
  'unit-store': ['nix-store.mount', 'local-fs.target'],
} as const

async function addSystem(store: Store, postgresMajor: string): Promise<void> {
  for (const [key, [name]] of Object.entries(units)) {
    const unit = (await source(`units/${name}`)).replaceAll('@postgresMajor@', postgresMajor)
    await store.add(key, {[name]: {text: unit}})
  }
  const commands = ['psql', 'createdb', 'createuser', 'pg_isready']
  await store.add('system', {
    'nixos-version': {text: '25.11.20251116.50a96ed'},
    ...Object.fromEntries(
      commands.map(name => [
        `sw/bin/${name}`,
        {link: `/usr/lib/postgresql/${postgresMajor}/bin/${name}`},
      ]),
    ),
  })
}
