import type {Deployment} from './deployment.ts'

/** A way to break the demo's deployment, and what the diagnosis must say of it. */
export interface DemoFault {
  readonly title: string
  /**
   * The fixture whose systemd, journal and processes answer: the same fault, recorded on
   * test/midship.
   */
  readonly recording: string
  readonly rootCauses: readonly string[]
  /** Why --fix cannot mend it here, although it would on the machine. */
  readonly notFixedHere?: string
  readonly break: (deployment: Deployment) => Promise<void>
}

export const defaultFault = 'two-at-once'

export const faults: Readonly<Record<string, DemoFault>> = {
  [defaultFault]: {
    title: 'the database is gone, and the manifest is cut off',
    recording: 'database-missing-and-manifest-truncated',
    rootCauses: ['database/exists', 'static/manifest'],
    async break(deployment) {
      await dropDatabase(deployment)
      deployment.truncateManifest(4000)
    },
  },
  'database-missing': {
    title: 'the database is gone',
    recording: 'database-missing',
    rootCauses: ['database/exists'],
    break: dropDatabase,
  },
  'postgres-stopped': {
    title: 'PostgreSQL is stopped',
    recording: 'postgres-stopped',
    rootCauses: ['database/server'],
    notFixedHere: 'systemd, which would start PostgreSQL, is a recording',
    break: deployment => deployment.postgres.stop(),
  },
  'wrong-password': {
    title: "the role's password is not the one in the secrets",
    recording: 'wrong-password',
    rootCauses: ['database/login'],
    async break({postgres, role}) {
      await postgres.sql(`alter role ${role} password 'another'`)
    },
  },
  'role-missing': {
    title: 'the role is missing, which PostgreSQL calls a wrong password',
    recording: 'role-missing',
    rootCauses: ['database/login'],
    async break({postgres, role, database}) {
      await postgres.sql(`alter database ${database} owner to ${postgres.superuser}`)
      await postgres.sql(`drop owned by ${role}`, database)
      await postgres.sql(`drop role ${role}`)
    },
  },
  'manifest-truncated': {
    title: 'the static manifest is cut off',
    recording: 'manifest-truncated',
    rootCauses: ['static/manifest'],
    break: async deployment => deployment.truncateManifest(4000),
  },
  'hashed-file-gone': {
    title: 'a static file that the manifest names is gone',
    recording: 'hashed-file-gone',
    rootCauses: ['static/manifest'],
    break: async deployment => deployment.removeHashed('css/site.css'),
  },
  'secret-key-missing': {
    title: 'SECRET_KEY is not in the secrets file',
    recording: 'secret-key-missing',
    rootCauses: ['secrets/keys'],
    // Unless all was well before, the file that is laid out has none.
    break: async deployment => deployment.forget('SECRET_KEY'),
  },
  none: {title: 'nothing', recording: 'healthy', rootCauses: [], break: async () => undefined},
}

async function dropDatabase({postgres, database}: Deployment): Promise<void> {
  await postgres.sql(`drop database ${database} with (force)`)
}
