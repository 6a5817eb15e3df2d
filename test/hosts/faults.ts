import {type Fault, fault} from '../container/fault.ts'
import type {Deployment} from './deployments.ts'

/** A fault of one deployment. */
export interface Case extends Fault {
  readonly deployment: Deployment
}

type Expectation = Case['expect']

/** A case of one deployment. */
export const caseOf = (
  deployment: Deployment,
  name: string,
  title: string,
  rest: Pick<Case, 'inject' | 'broken' | 'expect'>,
): Case => ({...fault(`${deployment.name}-${name}`, title, rest), deployment})

/** One check is the root, it is critical, and one of its findings says all of these. */
export const critical = (check: string, ...words: readonly string[]): Expectation => ({
  exit: 2,
  rootCauses: [check],
  message: new RegExp(
    words.map(word => `(?=.*${word.replaceAll(/[.\\[\]()*+?^$|{}]/g, '\\$&')})`).join(''),
    's',
  ),
})

const fileOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export const healthy = (deployment: Deployment): Case =>
  caseOf(deployment, 'healthy', 'Nothing is wrong', {
    inject: '',
    broken: 'answers 200 && ! unserved',
    expect: {exit: 0, rootCauses: []},
  })

export const postgresStopped = (deployment: Deployment): Case =>
  caseOf(deployment, 'postgres-stopped', 'PostgreSQL was stopped', {
    inject: 'systemctl stop postgresql@17-main.service',
    broken: 'broken_page',
    expect: critical('database/server', 'postgresql@17-main.service'),
  })

export const roleRotated = (deployment: Deployment): Case =>
  caseOf(deployment, 'wrong-password', 'The role was given another password', {
    inject: `sql "ALTER ROLE $role PASSWORD 'rotated'"`,
    broken: 'broken_page',
    expect: critical('database/login', deployment.role, 'password'),
  })

/** `inject` edits the place where the password stands. */
export const wrongPassword = (deployment: Deployment, inject: string): Case =>
  caseOf(deployment, 'wrong-password', "The password that the application has is not the role's", {
    inject: `${inject}; restart_app`,
    broken: 'broken_page',
    expect: critical('database/login', deployment.role, 'password'),
  })

/** `inject` edits the settings that should hold it. */
export const literalKeyMissing = (deployment: Deployment, inject: string): Case =>
  caseOf(deployment, 'secret-key-missing', 'The settings hold no SECRET_KEY', {
    inject: `${inject}; crash_or_broken_app`,
    broken: 'broken_app',
    expect: critical('secrets/keys', 'SECRET_KEY'),
  })

/** The settings cannot be imported without the variable. */
export const variableMissing = (deployment: Deployment, variable: string, file: string): Case =>
  caseOf(
    deployment,
    `${variable.toLowerCase().replaceAll('_', '-')}-missing`,
    `${file} lacks ${variable}`,
    {
      inject: `edit ${file} '/^${variable}=/d'; crash_app`,
      broken: `waits_for_retry && logged ${variable}`,
      expect: critical('secrets/keys', variable),
    },
  )

/**
 * The new version's model has a field that the database lacks; it stands before the field `before`.
 */
export const migrationPending = (deployment: Deployment, model: string, before: string): Case =>
  caseOf(deployment, 'migration-pending', 'A new version has a migration that nobody applied', {
    inject: `
      add_migration 0009_note "migrations.AddField('${model}', 'note', models.TextField(default=''))"
      edit $application/models.py '/^class ${model}(/,/    ${before} =/ s/^    ${before} =/    note = models.TextField(default="")\\n&/'
      restart_app`,
    broken: 'pending && broken_page',
    expect: critical('database/migrations', `${deployment.label}.0009_note`),
  })

/** A table that no page asks yet. */
export const tablePending = (deployment: Deployment): Case =>
  caseOf(
    deployment,
    'migration-pending',
    'An upgrade of the package brought a migration that nobody applied',
    {
      inject: `
      add_migration 0009_note "migrations.CreateModel('Note', [('id', models.AutoField(primary_key=True))])"
      restart_app`,
      broken: 'pending && answers 200',
      expect: critical('database/migrations', `${deployment.label}.0009_note`),
    },
  )

export const staticGone = (deployment: Deployment): Case =>
  caseOf(deployment, 'static-file-gone', 'A collected file was removed', {
    inject: 'rm "$static_root/$static_file"',
    broken: 'answers 200 && unserved',
    expect: critical('static/collected', deployment.staticFile),
  })

/** Where names have a hash, the page asks for the file that is named with it. */
export const hashedFileGone = (deployment: Deployment): Case => {
  const hashed = deployment.staticFile.replace('.css', '.????????????.css')
  return caseOf(deployment, 'static-file-gone', 'A file that the manifest names is gone', {
    inject: `rm "$static_root"/${hashed}*`,
    broken: `answers 200 && ! answers 200 "$(style_sheet)"`,
    expect: critical('static/manifest', deployment.staticFile.replace('.css', '.')),
  })
}

export const neverCollected = (deployment: Deployment, broken: string): Case =>
  caseOf(deployment, 'never-collected', 'Nobody collected the static files', {
    inject: 'find "$static_root" -mindepth 1 -delete; restart_app',
    broken,
    expect: critical('static/collected', deployment.staticRoot),
  })

/** Something that the service must write belongs to root. */
export const ownedByRoot = (deployment: Deployment, path: string): Case =>
  caseOf(deployment, 'owned-by-root', 'Uploads cannot be stored: their directory belongs to root', {
    inject: `install -d -o root -g root -m 0755 ${path}; chown root:root ${path}`,
    broken: `! may_write ${path}`,
    expect: critical('state/ownership', path),
  })

/** Collected under a tight umask: the front may not read it. */
export const staticClosed = (deployment: Deployment): Case =>
  caseOf(deployment, 'static-file-closed', 'A collected file can only be read by its owner', {
    inject: 'chmod 0600 "$static_root/$static_file"',
    broken: 'answers 403 "$static_url"',
    expect: critical('state/modes', deployment.staticFile),
  })

export const settingsImport = (deployment: Deployment, file = deployment.settings): Case =>
  caseOf(deployment, 'settings-import', 'The settings import a module that is not there', {
    inject: `edit ${file} '$ a import paperboy'; crash_app`,
    broken: 'waits_for_retry && logged paperboy',
    expect: critical('app/settings', fileOf(file), 'paperboy'),
  })

export const settingsSyntax = (deployment: Deployment): Case =>
  caseOf(deployment, 'settings-syntax', 'The settings were left half written', {
    inject: `edit $settings '$ a LAST = ['; crash_app`,
    broken: 'waits_for_retry && logged SyntaxError',
    expect: critical('app/settings', fileOf(deployment.settings)),
  })

export const viewImport = (deployment: Deployment): Case =>
  caseOf(deployment, 'view-import', 'A view imports a module that is not there', {
    inject: `edit $views '1 i import paperboy'; crash_or_broken_app`,
    broken: 'broken_app',
    expect: critical('app/settings', fileOf(deployment.views), 'paperboy'),
  })

export const portTaken = (deployment: Deployment, port: number): Case =>
  caseOf(deployment, 'port-taken', `Another program listens on port ${port}`, {
    inject: `take_port ${port}; crash_app`,
    broken: 'waits_for_retry && is ActiveState active squatter.service',
    expect: critical('service/active', String(port)),
  })

/** `said` is where the front forwards to in place of `right`. */
export const wrongUpstream = (deployment: Deployment, right: string, said: string): Case =>
  caseOf(deployment, 'wrong-upstream', `The front forwards to ${said}, where nothing listens`, {
    inject: `edit_front 's,${right},${said},'; until_true 10 unreachable`,
    broken: 'unreachable && is ActiveState active',
    expect: critical('http/proxy', said),
  })

export const frontStopped = (deployment: Deployment): Case =>
  caseOf(deployment, 'front-stopped', 'The front was stopped', {
    inject: 'systemctl stop $front',
    broken: 'answers 000 && is ActiveState active',
    expect: critical('http/proxy', deployment.front),
  })
