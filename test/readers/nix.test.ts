import {execFile, execFileSync} from 'node:child_process'
import {once} from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'

import {readdir} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {stringify} from 'smol-toml'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {keysIn, parseConfig} from '../../src/cli/config.ts'
import {installed} from '../programs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const nix = installed('nix-instantiate')
const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-nix-'))

/** A store of its own, where nothing is built as somebody else and nothing is downloaded. */
const environment = {
  ...process.env,
  NIX_STORE_DIR: join(directory, 'store'),
  NIX_STATE_DIR: join(directory, 'state'),
  NIX_LOG_DIR: join(directory, 'log'),
  NIX_LOCALSTATE_DIR: join(directory, 'local'),
  NIX_CONF_DIR: directory,
  NIX_USER_CONF_FILES: '',
  NIX_CONFIG: 'sandbox = false\nsubstitute = false\nbuild-users-group =\n',
  XDG_CACHE_HOME: join(directory, 'cache'),
}

afterAll(() => {
  execFileSync('chmod', ['-R', 'u+w', directory])
  rmSync(directory, {recursive: true})
})

const run = promisify(execFile)

/** The value of an expression, of which paths are relative to the repository. */
async function evaluate(expression: string): Promise<unknown> {
  const argv = ['--eval', '--strict', '--json', '--read-write-mode', '--expr', expression]
  const {stdout} = await run('nix-instantiate', argv, {cwd: root, env: environment})
  return JSON.parse(stdout)
}

/** Builds an expression; the path in the store. */
async function build(expression: string): Promise<string> {
  const argv = ['--no-out-link', '--expr', expression]
  const {stdout} = await run('nix-build', argv, {cwd: root, env: environment})
  return stdout.trim()
}

/** Ours, and a checkout of nixpkgs' lib where PRISM_DOCTOR_NIXPKGS_LIB names one. */
const ours = './test/readers/nix/lib.nix'
const nixpkgs = process.env.PRISM_DOCTOR_NIXPKGS_LIB
const libraries = [ours, ...(nixpkgs === undefined ? [] : [resolve(nixpkgs)])]

interface Evaluated {
  readonly failed: readonly string[]
  readonly warnings: readonly string[]
  readonly files: Readonly<Record<string, string>>
  readonly directories: readonly string[]
  readonly configuration: Record<string, unknown> | null
  readonly packages: readonly string[]
}

const nixos = async (library: string, configuration: string): Promise<Evaluated> =>
  (await evaluate(
    `(import ./test/readers/nix/nixos.nix { lib = import ${library}; } ${configuration}).data`,
  )) as Evaluated

/** Packages made of the programs of this machine. */
const packagesWith = (library: string): string => `(import ./test/readers/nix/packages.nix {
  lib = import ${library};
  node = "${dirname(dirname(process.execPath))}";
  nodeVersion = "${process.versions.node}";
})`

const service = (options: string): string => `{ services.prism-doctor = { ${options} }; }`

/** Settings of a unit, by section and name; yes is true. */
function settingsOf(unit: string): ReadonlyMap<string, string> {
  let section = ''
  const settings = new Map<string, string>()
  for (const line of unit.replace(/\\\n\s*/g, '').split('\n')) {
    section = /^\[(.*)\]$/.exec(line)?.[1] ?? section
    const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined)
      settings.set(`${section}.${name}`, value.replace(/^yes$/, 'true').replace(/^no$/, 'false'))
  }
  return settings
}

const packaged = (name: string): ReadonlyMap<string, string> =>
  settingsOf(readFileSync(join(root, 'packaging/systemd', name), 'utf8'))

const without = (
  settings: ReadonlyMap<string, string>,
  ...names: readonly string[]
): Record<string, string> =>
  Object.fromEntries([...settings].filter(([name]) => !names.includes(name)))

const whole = service(`
  enable = true;
  unit = "prism-django.service";
  interval = "hourly";
  textfileDirectory = "/var/lib/prometheus/node-exporter";
  html = "/var/www/doctor/index.html";
  onFailure = [ "prism-doctor-mail@%n.service" ];
  waivers = [ { check = "app/superuser"; reason = "accounts come from LDAP"; until = "2026-12-31"; } ];
  settings = {
    timeout = 600;
    skip = [ "http/tls" ];
    target = { package = /var/empty; hosts = [ "prism.midship.local" ]; };
    django.ask = true;
    history.keep = true;
    nixos.flake = "/etc/nixos#midship";
    waiver = [ { check = "service/restart"; finding = "never"; status = "warning"; reason = "r"; until = "2027-01-31"; } ];
  };
`)

describe.skipIf(nix === null)('Nix', () => {
  test('reads every file', async () => {
    const files = (await readdir(root, {recursive: true})).filter(
      file => file.endsWith('.nix') && !file.startsWith('node_modules'),
    )
    expect(files).toContain('nix/module.nix')
    for (const file of files) await run('nix-instantiate', ['--parse', join(root, file)])
  })

  describe.each(libraries)('NixOS with the module, by %s', library => {
    test.each([
      ['least', service('enable = true;')],
      ['whole', whole],
    ])('writes the units, the directories and the configuration (%s)', async (name, given) => {
      const {files, directories, configuration, failed, packages} = await nixos(library, given)
      expect({failed, packages}).toEqual({failed: [], packages: ['prism-doctor']})
      const text = stringify(configuration ?? {})
      const rules = directories.map(rule => `${rule}\n`).join('')
      const written = {...files, 'tmpfiles.conf': rules, 'config.toml': text}
      for (const [file, content] of Object.entries(written))
        await expect(content).toMatchFileSnapshot(`nix/golden/${name}/${file}`)
      await expect(parseConfig(text, 'config.toml')).resolves.toBeDefined()
    })

    test('takes the examples of docs/nixos.md', async () => {
      const text = readFileSync(join(root, 'docs/nixos.md'), 'utf8')
      const [midship, , , options] = [...text.matchAll(/^```nix\n([\s\S]*?)^```$/gm)].map(
        ([, code]) => code,
      )
      expect(midship?.trim().split('\n')).toHaveLength(8)
      const nothing = '{ prism-doctor.nixosModules.default = { }; }'
      for (const configuration of [`((inputs: ${midship}) ${nothing})`, `{ ${options} }`])
        expect((await nixos(library, configuration)).failed).toEqual([])
    })

    test('passes on what newer versions of the configuration may know', async () => {
      const given = service('enable = true; settings.django = { ask = false; newer = [ 1 ]; };')
      const {configuration} = await nixos(library, given)
      expect(configuration).toEqual({django: {ask: false, newer: [1]}})
    })

    test('makes the directories that systemd does not make', async () => {
      const given = service(
        'enable = true; html = "/var/lib/prism-doctor/report.html"; textfileDirectory = /var/lib/m;',
      )
      const {directories, files} = await nixos(library, given)
      expect(directories).toEqual(['d /var/lib/m :0755 :root :root - -'])
      expect(files['prism-doctor.service']).toContain(
        '--output prometheus:/var/lib/m/prism-doctor.prom --output html:/var/lib/prism-doctor/report.html\n',
      )
    })

    test('takes a package for its path', async () => {
      // Like every package it has itself in it.
      const shop = `(let shop = {
        name = "shop";
        outPath = "/nix/store/0-shop";
        out = shop;
      }; in shop)`
      const given = service(`enable = true; settings.target.package = ${shop};`)
      const {configuration} = await nixos(library, given)
      expect(configuration).toEqual({target: {package: '/nix/store/0-shop'}})
    })

    test('does nothing where it is not enabled', async () => {
      expect(await nixos(library, '{ }')).toEqual({
        failed: [],
        warnings: [],
        files: {},
        directories: [],
        configuration: null,
        packages: [],
      })
    })

    test('takes the sandbox and the timer of the units for other systems', async () => {
      const {files} = await nixos(library, service('enable = true;'))
      const own = ['Service.ExecStart', 'Service.ExecStartPre', 'Service.Environment']
      expect(without(settingsOf(files['prism-doctor.service'] ?? ''), ...own)).toEqual(
        without(packaged('prism-doctor.service'), ...own),
      )
      expect(without(settingsOf(files['prism-doctor.timer'] ?? ''), 'Unit.Description')).toEqual(
        without(packaged('prism-doctor.timer'), 'Unit.Description'),
      )
    })

    test.each([
      ['unit = "prism-django";', /"prism-django", and only a service can be diagnosed/],
      ['settings.unit = "nginx.socket";', /"nginx\.socket", and only a service can be diagnosed/],
      ['unit = "my shop.service";', /"my shop\.service", and only a service can be diagnosed/],
      ['unit = "a\\\\x2db:c@1.service";', null],
      ['unit = "shop@.service";', /the template shop@\.service, of which no service runs/],
      ['unit = "shop@1.service";', null],
      [`waivers = [ { check = "a/b"; until = "2026-12-31"; } ];`, /a\/b without a reason/],
      [
        `settings.waiver = [ { check = "a/b"; until = "2026-12-31"; reason = " "; } ];`,
        /a\/b without a reason/,
      ],
      ['onFailure = [ "mail" ];', /"mail", which is not the name of a unit/],
      ['html = "/var/www/my pages/index.html";', /"\/var\/www\/my pages\/index\.html"/],
      ['textfileDirectory = "/var/lib/100%";', /"\/var\/lib\/100%"/],
      [`html = "\${builtins.storeDir}/x/index.html";`, /nothing can be written/],
      [`settings.checks = [ "\${builtins.storeDir}/x.mjs" ];`, /mode = "0444"/],
      ['settings.checks = [ "/etc/prism-doctor/checks/x.mjs" ];', null],
    ])('says what is wrong with %s', async (options, message) => {
      const {failed} = await nixos(library, service(`enable = true; ${options}`))
      expect(failed).toEqual(message === null ? [] : [expect.stringMatching(message)])
    })

    test.each([
      ['settings.timeout = 0;', 'settings.timeout'],
      ['settings.timeout = 3601;', 'settings.timeout'],
      ['settings.skip = "http";', 'settings.skip'],
      ['settings.target.package = "relative";', 'settings.target.package'],
      ['settings.target.bind = "";', 'settings.target.bind'],
      ['settings.django.ask = "yes";', 'settings.django.ask'],
      ['settings.nixos.flake = "";', 'settings.nixos.flake'],
      [`waivers = [ { check = "a/b"; reason = "r"; until = "soon"; } ];`, 'until'],
      [
        `waivers = [ { check = "a/b"; reason = "r"; until = "2026-12-31"; status = "ok"; } ];`,
        'status',
      ],
      ['interval = "";', 'interval'],
      ['textfileDirectory = "here";', 'textfileDirectory'],
      ['onfailure = [ ];', 'onfailure'],
    ])('takes no %s', async (options, name) => {
      await expect(nixos(library, service(`enable = true; ${options}`))).rejects.toThrow(
        new RegExp(`option .*${name}.*(is not of type|does not exist)`),
      )
    })

    test('warns where nobody reads the metrics', async () => {
      const metrics = 'enable = true; textfileDirectory = "/var/lib/metrics";'
      const exporter = (options: string): Promise<Evaluated> =>
        nixos(
          library,
          `{
            services.prism-doctor = { ${metrics} };
            services.prometheus.exporters.node = { ${options} };
          }`,
        )
      const flag = 'extraFlags = [ "--collector.textfile.directory=/var/lib/metrics" ];'
      expect((await exporter(`enable = true; ${flag}`)).warnings).toEqual([])
      const warning = [expect.stringMatching(/the node exporter does not read it/)]
      expect((await exporter('')).warnings).toEqual(warning)
      expect((await exporter('enable = true;')).warnings).toEqual(warning)
      expect((await exporter(flag)).warnings).toEqual(warning)
      const disabled = 'disabledCollectors = [ "textfile" ];'
      expect((await exporter(`enable = true; ${flag} ${disabled}`)).warnings).toEqual(warning)
    })
  })

  test('declares the keys of the configuration, and no other', async () => {
    const waiver = '{ check = "a/b"; reason = "r"; until = "2026-12-31"; }'
    const settings = await evaluate(
      `(import ./test/readers/nix/nixos.nix { lib = import ${ours}; } ${service(
        `enable = true; waivers = [ ${waiver} ];`,
      )}).settings`,
    )
    const declared = (value: unknown): Readonly<Record<string, unknown>> =>
      typeof value === 'object' && value !== null ? {...value} : {}
    const compare = (value: unknown, at: readonly string[]): void => {
      const keys = Object.keys(declared(value))
      if (!Array.isArray(value)) expect(keys, at.join('.')).toEqual([...keysIn(at)].sort())
      for (const key of keys) compare(declared(value)[key], [...at, key])
    }
    compare(settings, [])
  })

  describe('the lock', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
    const completed = async (registry: string, packages: Lock['packages']): Promise<Lock> => {
      const file = join(directory, 'lock.json')
      writeFileSync(file, JSON.stringify({...lock, packages}))
      const read = `builtins.fromJSON (builtins.readFile ${file})`
      return (await evaluate(
        `(import ./nix/lock.nix { lock = ${read}; }).complete "${registry}"`,
      )) as Lock
    }

    test('gets an address for every package, and is otherwise the same', async () => {
      const {packages, ...others} = await completed('https://registry.example/npm/', lock.packages)
      expect(others).toEqual({...lock, packages: undefined})
      expect(Object.keys(packages)).toEqual(Object.keys(lock.packages).sort())
      for (const [path, {resolved, ...module}] of Object.entries(packages)) {
        expect(module).toEqual(lock.packages[path])
        if (path === '') expect(resolved).toBeUndefined()
        else {
          expect(module.integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/)
          const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
          const file = `${name.split('/').at(-1)}-${module.version}.tgz`
          expect(resolved).toBe(`https://registry.example/npm/${name}/-/${file}`)
        }
      }
    })

    test('knows scopes, aliases, and packages within others', async () => {
      const integrity = 'sha512-x'
      const {packages} = await completed('http://localhost:4873', {
        '': {version: '1.0.0'},
        'node_modules/a': {version: '1.2.3-beta.1', integrity},
        'node_modules/@s/a/node_modules/@t/b': {version: '2.0.0', integrity},
        'node_modules/other': {name: '@true/name', version: '3.0.0', integrity},
        'node_modules/linked': {link: true},
      })
      expect(Object.values(packages).map(({resolved}) => resolved)).toEqual([
        undefined,
        'http://localhost:4873/@t/b/-/b-2.0.0.tgz',
        'http://localhost:4873/a/-/a-1.2.3-beta.1.tgz',
        undefined,
        'http://localhost:4873/@true/name/-/name-3.0.0.tgz',
      ])
    })
  })

  describe.each(libraries.slice(-1))('the package, by %s', library => {
    const stubs = packagesWith(library)
    const packed = (tarball: string): string =>
      `${stubs}.callPackage ./nix/package.nix { tarball = ${tarball}; }`
    let tarball = ''
    let built = ''

    beforeAll(async () => {
      const cwd = join(directory, 'checkout')
      const absent = ['.git', 'dist', 'node_modules', 'test'].map(name => join(root, name))
      cpSync(root, cwd, {recursive: true, filter: path => !absent.includes(path)})
      symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
      await run(process.execPath, ['scripts/build.ts'], {cwd})
      const argv = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory]
      const [{filename}] = JSON.parse((await run('npm', argv, {cwd})).stdout)
      tarball = join(directory, filename)
      built = await build(packed(tarball))
    })

    test('made of a tarball of npm pack runs', async () => {
      const program = join(built, 'bin/prism-doctor')
      expect((await run(program, ['--version'])).stdout).toMatch(/^prism-doctor\/\d/)
      const fixture = join(root, 'fixtures/postgres-stopped.json')
      const refused = run(program, ['--replay', fixture], {env: {PATH: '/nonexistent'}})
      await expect(refused).rejects.toMatchObject({
        code: 2,
        stdout: expect.stringContaining('refuses connections'),
      })
    })

    test.skipIf(process.geteuid?.() !== 0)('brings its code compiled, for root', async () => {
      const {stderr, stdout} = await run(join(built, 'bin/prism-doctor'), ['--version'], {
        env: {NODE_DEBUG_NATIVE: 'COMPILE_CACHE'},
      })
      expect(`${stdout}${stderr}`).toMatch(/V8 code cache for CommonJS .*main\.cjs was accepted/)
    })

    test('brings the manual page, and completions for three shells', async () => {
      const page = readFileSync(join(built, 'share/man/man1/prism-doctor.1'), 'utf8')
      expect(page).toMatch(/^\.SH NAME\nprism\\?-doctor/m)
      for (const shell of ['bash', 'zsh', 'fish']) {
        const script = readFileSync(join(built, 'share/completion', `completion.${shell}`), 'utf8')
        expect(script).toMatch(/explain/)
      }
    })

    test('says it where the tarball is of another version', async () => {
      const other = join(directory, 'other')
      mkdirSync(join(other, 'package'), {recursive: true})
      execFileSync('tar', ['--extract', '--file', tarball, '--directory', other])
      const program = join(other, 'package/dist/main.cjs')
      const text = readFileSync(program, 'utf8')
      writeFileSync(program, text.replace(/name:"prism-doctor",version:"/, '$&9.'))
      execFileSync('tar', ['czf', 'other.tgz', 'package'], {cwd: other})
      await expect(build(packed(join(other, 'other.tgz')))).rejects.toThrow(/prism-doctor\/9\./)
    })

    test('is refused by a Node that is too old', async () => {
      const old = `${stubs}.callPackage ./nix/package.nix {
        tarball = ${tarball};
        nodejs = { outPath = "/x"; version = "22.12.0"; };
      }`
      await expect(build(old)).rejects.toThrow(/nodejs is 22\.12\.0; give a newer one/)
    })

    test.each([
      ['a check that does not exist', 'skip = ["app/superusr"]\n', /did you mean app\/superuser/],
      ['a key that does not exist', 'timout = 3\n', /unknown key "timout"; did you mean timeout/],
      ['a mistake nowhere', 'unit = "shop.service"\ntarget.bind = "[::1]:80"\n', null],
    ])('judges a configuration with %s while the system is built', async (_, toml, message) => {
      const file = join(directory, 'config.toml')
      writeFileSync(file, toml)
      const source = `(import ./test/readers/nix/nixos.nix {
        lib = import ${library};
        pkgs = ${stubs} // {
          prism-doctor = { type = "derivation"; name = "prism-doctor"; outPath = "${built}"; };
          formats.toml = _: {
            type = (import ${library}).types.attrsOf (import ${library}).types.anything;
            generate = _: _: ${file};
          };
        };
      } ${service('enable = true;')}).host.config.environment.etc."prism-doctor/config.toml".source`
      if (message === null) expect(readFileSync(await build(source), 'utf8')).toBe(toml)
      else await expect(build(source)).rejects.toThrow(message)
    })

    test('is built from the repository, of what it names and of nothing else', async () => {
      const made = `(${stubs}.callPackage ./nix/package.nix {
        registry = "https://registry.example";
      })`
      const {packages} = (await evaluate(`${made}.npmDeps.packageLock`)) as Lock
      const paths = Object.keys(packages).filter(path => path !== '')
      expect(paths).not.toContain('node_modules/vitest')
      for (const path of paths)
        expect(packages[path]?.resolved).toMatch(/^https:\/\/registry\.example\/.*\.tgz$/)
      const output = await build(made)
      const program = join(output, 'bin/prism-doctor')
      expect((await run(program, ['--version'])).stdout).toMatch(/^prism-doctor\//)
      const manifest = readFileSync(join(output, 'lib/prism-doctor/package.json'), 'utf8')
      expect(manifest).toBe(readFileSync(join(root, 'package.json'), 'utf8'))
    })

    test('asks npm for the registry where none is named, and compares what comes', async () => {
      const asked: (string | undefined)[] = []
      const server = createServer(({url}, response) => {
        asked.push(url)
        response.end('not a tarball')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const {port} = server.address() as AddressInfo
      const npm = join(directory, 'npm/bin/npm')
      mkdirSync(dirname(npm), {recursive: true})
      writeFileSync(npm, `#!/bin/sh\necho http://127.0.0.1:${port}/npm/\n`, {mode: 0o755})
      const source = `(${stubs}.callPackage ./nix/package.nix {
        runCommand = name: attributes: ${stubs}.runCommand name (attributes // {
          PATH = "${dirname(npm)}:${process.env.PATH}";
        });
      }).npmDeps.packageSourceOverrides."node_modules/@oclif/core"`
      try {
        await expect(build(source)).rejects.toThrow(/hash mismatch/)
      } finally {
        server.close()
      }
      expect(asked).toEqual([expect.stringMatching(/^\/npm\/@oclif\/core\/-\/core-[\d.]+\.tgz$/)])
    })
  })

  test('has what flakes and others ask for', async () => {
    const stubs = packagesWith(libraries.at(-1) ?? ours)
    const outputs = await evaluate(`
      let
        pkgs = ${stubs};
        outputs = import ./test/readers/nix/outputs.nix { inherit pkgs; inherit (pkgs) lib; };
        shell = outputs.devShells.x86_64-linux.default;
      in {
        names = builtins.attrNames outputs;
        module = toString outputs.nixosModules.default;
        overlay = (outputs.overlays.default pkgs { }).prism-doctor.name;
        packages = builtins.mapAttrs (_: system: system.default.name) outputs.packages;
        checks = builtins.attrNames outputs.checks.aarch64-linux;
        service = outputs.checks.x86_64-linux.service;
        formatter = outputs.formatter.x86_64-linux.name;
        shell = shell // { packages = map (package: package.name) shell.packages; };
        withoutFlakes = [
          (shell == import ./shell.nix { inherit pkgs; })
          (import ./default.nix { inherit pkgs; tarball = ./package.json; }).name
        ];
      }`)
    const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
    const name = `prism-doctor-${version}`
    expect(outputs).toEqual({
      names: ['checks', 'devShells', 'formatter', 'nixosModules', 'overlays', 'packages'],
      module: join(root, 'nix/module.nix'),
      overlay: name,
      packages: {'aarch64-linux': name, 'x86_64-linux': name},
      checks: ['configuration', 'package', 'service', 'timer'],
      service: expect.stringContaining('ExecStart=/nix/store/'),
      formatter: 'nixfmt',
      shell: {
        BIOME_BINARY: expect.stringMatching(/-biome\/bin\/biome$/),
        npm_config_ignore_scripts: 'true',
        packages: ['nodejs', 'postgresql', 'biome', 'python3', 'util-linux'],
      },
      withoutFlakes: [true, name],
    })
  })
})

interface Lock {
  readonly packages: Readonly<Record<string, Module>>
}

interface Module {
  readonly name?: string
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
}
