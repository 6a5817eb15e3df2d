import {byHand, edit, hand, run} from '../report/step.ts'
import {nixGenerations} from './generations.ts'
import {localeParts} from './generic-postgres.ts'
import {nixText, nixValue} from './nix.ts'
import {
  type AccountChanges,
  type CodeChanges,
  type FrontChanges,
  type FrontSetting,
  nothing,
  type Platform,
  type PostgresChanges,
  plainPostgres,
  type SystemChanges,
  type UnitChanges,
  type UnitSettings,
  type VariableChanges,
} from './platform.ts'
import {nixExtension} from './postgres-extensions.ts'
import {variablesFile} from './secrets-files.ts'
import {type Configure, isInstalled, optionOf, sops} from './sops.ts'

/** `[nixos]` of the configuration. */
export interface NixosSettings {
  /** How it is rebuilt: the flake and the host in it. */
  readonly flake?: string | undefined
  /** The encrypted file of its secrets, as an editor is given it. */
  readonly secrets?: string | undefined
}

/** NixOS: a change is a line of its configuration and a rebuild; secrets come from sops-nix. */
export function nixos(
  release: Pick<Platform, 'id' | 'version'>,
  {flake, secrets = 'secrets/secrets.yaml'}: NixosSettings,
): Platform {
  const rebuild = run('nixos-rebuild', 'switch', ...(flake ? ['--flake', flake] : []))
  const configured: Configure = (nix, ...before) => ({
    steps: [...before, rebuild],
    nix,
    lasting: nix === null ? null : {file: null, text: nix},
    next: 'rebuild',
  })
  return {
    ...release,
    application: 'package',
    ...units(configured),
    ...variables(configured, secrets),
    ...code(configured),
    ...accounts(configured),
    ...fronts(configured),
    ...postgres(configured),
    ...system(configured),
  }
}

function isList(value: UnitSettings[string]): boolean {
  return typeof value === 'object'
}

function units(configured: Configure): UnitChanges {
  return {
    unitSetting(unit, settings, {force = false} = {}) {
      const lines = Object.entries(settings).map(
        ([name, value]) =>
          `${nixService(unit)}.serviceConfig.${name} = ${force === true || (force && !isList(value)) ? 'lib.mkForce ' : ''}${nixValue(value)};`,
      )
      return configured(lines.join('\n'))
    },
    unitChange: () => configured(null),
    unitDefinition: () => ({
      ...configured(null),
      summary: 'Import the module that defines the unit, then rebuild',
    }),
    unmask: unit => ({
      ...configured(`${nixService(unit)}.enable = true;`),
      summary: 'Enable the unit in the configuration, then rebuild',
    }),
    enable: unit => configured(`${nixService(unit)}.wantedBy = [ "multi-user.target" ];`),
    beforeStart: (unit, command) =>
      configured(`${nixService(unit)}.preStart = "$\{package}/bin/${command}";`),
    ownUser: (unit, user) =>
      configured(
        `${nixService(unit)}.serviceConfig.DynamicUser = lib.mkForce false; users.users.${user} = { isSystemUser = true; group = "${user}"; };`,
      ),
  }
}

function variables(configured: Configure, secrets: string): VariableChanges {
  return {
    variable: ({unit}, name, value) =>
      configured(
        value === null ? null : `${nixService(unit.name)}.environment.${name} = ${nixText(value)};`,
      ),
    secret(target, name) {
      const file = variablesFile(target, name)
      if (file === null) return configured(null)
      return configured(null, isInstalled(file) ? byHand('sops', secrets) : edit(file))
    },
    secretsFile: () => configured(null),
    closeSecretsFile: (path, real) =>
      isInstalled(path)
        ? {
            ...configured(`${optionOf(path)}.mode = "0400";`),
            summary: 'Give the secret mode 0400, then rebuild',
          }
        : {...nothing, steps: [byHand('sudo', 'chmod', 'o-rwx', real)]},
    secretsInstaller: sops(configured, secrets),
  }
}

function code(configured: Configure): CodeChanges {
  return {
    code: (_, patch) =>
      configured(
        patch
          ? `postPatch = ''substituteInPlace ${patch.file} --replace-fail "${patch.from}" "${patch.to}"'';`
          : null,
      ),
    redeploy: () => ({
      ...configured(null),
      summary: 'Rebuild, so that it is fetched or built again',
    }),
    rollback: hand('sudo nixos-rebuild switch --rollback'),
    versions: hand('sudo nixos-rebuild list-generations'),
    generations: nixGenerations,
  }
}

function accounts(configured: Configure): AccountChanges {
  return {
    user: (_, user, group) =>
      configured(
        [
          `users.users.${user} = { isSystemUser = true; group = "${group}"; };`,
          `users.groups.${group} = { };`,
        ].join('\n'),
      ),
    group: (_, group) => configured(`users.groups.${group} = { };`),
    tmpfiles: (_, rule) => configured(`systemd.tmpfiles.rules = [ "${rule}" ];`),
  }
}

function fronts(configured: Configure): FrontChanges {
  return {
    front: (server, setting) =>
      configured(server.kind === 'nginx' && setting ? nginxOption(setting) : null),
    writesFronts: true,
    apacheUser: 'wwwrun',
    frontGroup: (_, user, group) => configured(`users.users.${user}.extraGroups = [ "${group}" ];`),
    sites: () => null,
  }
}

function postgres(configured: Configure): PostgresChanges {
  return {
    findPostgres: async () => plainPostgres,
    postgres: () => ({
      ...configured('services.postgresql.enable = true;'),
      summary: 'Enable PostgreSQL in the configuration, then rebuild',
    }),
    postgresEnabled: () => configured('services.postgresql.enable = true;'),
    postgresSetting: (_, name, value) =>
      configured(
        `services.postgresql.settings.${name} = ${typeof value === 'string' ? nixText(value) : value};`,
      ),
    postgresAdmission: (_, lines) => configured(authentication(lines)),
    // The whole file is in the store: the line is written where the others come from.
    postgresHbaLine: (_, _file, line) => configured(authentication(line)),
    postgresExtensions: (_, names) => {
      const known = names.map(nixExtension).filter(name => name !== null)
      const search = names
        .filter(name => nixExtension(name) === null)
        .map(name => byHand('nix', 'search', 'nixpkgs', `postgresqlPackages.*${name}`))
      const list = [...new Set(known)].map(name => `ps.${name}`).join(' ')
      const line = list === '' ? null : `services.postgresql.extensions = ps: [ ${list} ];`
      return configured(line, ...search)
    },
    postgresLocale: (_, locale) => {
      const {charset, full} = localeParts(locale)
      return configured(`i18n.extraLocales = [ "${full}/${charset}" ];`)
    },
    postgresVersion: version =>
      configured(`services.postgresql.package = pkgs.postgresql_${version};`),
    database: name => configured(`services.postgresql.ensureDatabases = [ "${name}" ];`),
    role: name =>
      configured(
        `services.postgresql.ensureUsers = [ { name = "${name}"; ensureDBOwnership = true; } ];`,
      ),
  }
}

function system(configured: Configure): SystemChanges {
  return {
    programFor: (unit, program) => configured(`${nixService(unit)}.path = [ pkgs.${program} ];`),
    locales: () => configured('i18n.extraLocales = "all";'),
    oldTimeZones: () => null,
  }
}

/** Lines of pg_hba.conf; the module puts those of its own below. */
function authentication(lines: string): string {
  return `services.postgresql.authentication = ''\n  ${lines.replaceAll('\n', '\n  ')}\n'';`
}

/** Where the configuration of NixOS has a unit: `systemd.services.prism-django`. */
function nixService(unit: string): string {
  return `systemd.services.${unit.replace(/\.service$/, '')}`
}

function nginxOption(setting: FrontSetting): string {
  if (setting.kind === 'proxy-headers') return 'services.nginx.recommendedProxySettings = true;'
  if (setting.kind === 'directive') {
    const {in: block, text} = setting
    const option =
      typeof block === 'object'
        ? `virtualHosts."${block.name}".extraConfig`
        : {http: 'commonHttpConfig', events: 'eventsConfig', main: 'appendConfig'}[block]
    return `services.nginx.${option} = ${nixText(text)};`
  }
  return `services.nginx.virtualHosts."${setting.name}".locations."/".proxyPass = ${nixText(setting.url)};`
}
