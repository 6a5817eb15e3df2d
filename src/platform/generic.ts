import type {Step} from '../report/finding.ts'
import {byHand, edit, run} from '../report/step.ts'
import {editedFronts} from './front-files.ts'
import {genericPostgres} from './generic-postgres.ts'
import {
  type AccountChanges,
  type CodeChanges,
  type Configured,
  type Means,
  nothing,
  type Platform,
  type SystemChanges,
  type UnitChanges,
  type UnitSettings,
  type VariableChanges,
} from './platform.ts'
import {variablesFile} from './secrets-files.ts'
import {unmask} from './unmask.ts'

/**
 * A system that nothing is known of but systemd: drop-ins, files below /etc, and the programs that
 * every one has.
 */
export function generic(release: Pick<Platform, 'id' | 'version'>): Platform {
  return {
    ...release,
    application: 'application',
    ...units,
    ...variables,
    ...code,
    ...accounts(name => run('groupadd', '--system', name), addUser),
    ...tmpfiles,
    ...editedFronts,
    ...genericPostgres,
    ...system,
  }
}

const units: UnitChanges = {
  unitSetting: (unit, settings, {force = false} = {}) => dropIn(unit, settings, force === true),
  unitChange: unit => ({...nothing, steps: [editUnit(unit), restart(unit)], next: again}),
  unitDefinition: unit => ({
    ...nothing,
    steps: [
      byHand('systemctl', 'list-unit-files', `${unit.replace(/[.@].*$/, '')}*`),
      run('systemctl', 'daemon-reload'),
    ],
    summary: 'Install the unit file and let systemd read it, or give the name that the unit has',
  }),
  unmask,
  enable: (unit, state) => {
    const steps = [run('systemctl', 'enable', unit)]
    if (state !== 'static') return {...nothing, steps, risk: 'safe'}
    return {
      ...nothing,
      steps: [editUnit(unit), ...steps],
      lasting: {file: overrideOf(unit), text: '[Install]\nWantedBy=multi-user.target'},
    }
  },
  // What was collected or migrated by hand lasts until the next deployment, which does it again.
  beforeStart: () => nothing,
  ownUser: (unit, user) => {
    const settings = dropIn(unit, {DynamicUser: false, User: user, Group: user}, false)
    return {...settings, steps: [addUser(user), ...settings.steps]}
  },
}

const variables: VariableChanges = {
  variable: (target, name, value, file = variablesFile(target, name) ?? undefined) => {
    if (file !== undefined) return inFile(target, file, `${name}=${value ?? '…'}`)
    const assignment = `${name}=${value ?? '…'}`
    const text = `[Service]\nEnvironment=${/[\s"'\\]/.test(assignment) ? JSON.stringify(assignment) : assignment}`
    return inOverride(target.unit.name, text.replaceAll('%', '%%'))
  },
  secret: (target, name, file = variablesFile(target, name) ?? undefined) => {
    if (file !== undefined) return inFile(target, file, name === null ? null : `${name}=…`)
    const unit = target.unit.name
    return {...nothing, steps: [editUnit(unit), restart(unit)], next: again}
  },
  secretsFile: ({unit}, path) => ({
    ...nothing,
    steps: [edit(path), restart(unit.name)],
    next: again,
  }),
  closeSecretsFile: (_, real) => ({...nothing, steps: [byHand('sudo', 'chmod', 'o-rwx', real)]}),
  secretsInstaller: null,
}

const code: CodeChanges = {
  code: ({unit}) => ({
    ...nothing,
    steps: [restart(unit.name)],
    next: 'deploy it again and restart the service',
  }),
  redeploy: ({unit}) => ({
    ...nothing,
    steps: [restart(unit.name)],
    summary: 'Deploy the application again, then restart the service',
  }),
  rollback: null,
  versions: null,
  generations: null,
}

/** How a user and a group are made, by the commands of this platform. */
export function accounts(
  addGroup: (name: string) => Step,
  addUser: (name: string, group: string) => Step,
): Pick<AccountChanges, 'user' | 'group'> {
  return {
    user: ({unit}, user, group) => ({
      ...nothing,
      steps: [
        ...(group === user ? [] : [addGroup(group)]),
        addUser(user, group),
        restart(unit.name),
      ],
      summary: 'Make the user, then restart the service',
    }),
    group: ({unit}, group) => ({
      ...nothing,
      steps: [addGroup(group), restart(unit.name)],
      summary: 'Make the group, then restart the service',
    }),
  }
}

const tmpfiles: Pick<AccountChanges, 'tmpfiles'> = {
  tmpfiles: (unit, rule) => ({
    ...nothing,
    // What is given to somebody, or is made outside of /run, stays so.
    lasting: rule.startsWith('d ')
      ? {file: `/etc/tmpfiles.d/${stemOf(unit)}.conf`, text: rule}
      : null,
  }),
}

const system: SystemChanges = {
  programFor: unit => units.unitChange(unit),
  locales: () => nothing,
  oldTimeZones: () => null,
}

const again = 'restart the service'

function restart(unit: string): Step {
  return run('systemctl', 'restart', unit)
}

function editUnit(unit: string): Step {
  return byHand('sudo', 'systemctl', 'edit', unit)
}

/** The file that `systemctl edit` writes. */
function overrideOf(unit: string): string {
  return `/etc/systemd/system/${unit}.d/override.conf`
}

function stemOf(unit: string): string {
  return unit.replace(/\.service$/, '')
}

function addUser(user: string, group?: string): Step {
  const own = group === undefined || group === user ? ['--user-group'] : ['--gid', group]
  return run('useradd', '--system', ...own, '--shell', '/usr/sbin/nologin', user)
}

function dropIn(unit: string, settings: UnitSettings, force: boolean): Means {
  const lines = Object.entries(settings).flatMap(([name, value]) => {
    if (typeof value === 'boolean') return [`${name}=${value ? 'yes' : 'no'}`]
    if (typeof value === 'string') return [`${name}=${value.replaceAll('%', '%%')}`]
    // An empty value forgets what the unit has.
    return [
      ...(force ? [`${name}=`] : []),
      `${name}=${value.map(word => word.replaceAll('%', '%%')).join(' ')}`,
    ]
  })
  return inOverride(unit, ['[Service]', ...lines].join('\n'))
}

function inOverride(unit: string, text: string): Means {
  return {
    ...nothing,
    steps: [editUnit(unit), restart(unit)],
    lasting: {file: overrideOf(unit), text},
    next: again,
  }
}

function inFile({unit}: Configured, file: string, text: string | null): Means {
  return {
    ...nothing,
    steps: [edit(file), restart(unit.name)],
    lasting: text === null ? null : {file, text},
    next: again,
  }
}
