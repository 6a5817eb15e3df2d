import type {Step} from '../report/finding.ts'
import {byHand, edit, hand, run} from '../report/step.ts'
import {
  type Means,
  nothing,
  type Postgres,
  type PostgresChanges,
  plainPostgres,
} from './platform.ts'
import {unmask} from './unmask.ts'

/** PostgreSQL where nothing is known of how it is packaged. */
export const genericPostgres: PostgresChanges = {
  findPostgres: async () => plainPostgres,
  postgres: (unit, state) =>
    state === 'masked'
      ? unmask(unit)
      : {
          ...nothing,
          steps: [
            hand("systemctl list-unit-files 'postgresql*'"),
            run('systemctl', 'enable', '--now', 'postgresql.service'),
          ],
          summary: 'Install PostgreSQL and start it, or correct where the service asks',
        },
  postgresEnabled: () => nothing,
  postgresSetting: (server, name, value) => {
    const text = `${name} = ${typeof value === 'boolean' ? (value ? 'on' : 'off') : value}`
    const restart = run('systemctl', 'restart', server.unit)
    return inConfiguration(
      server,
      {name: 'postgresql.conf', asked: 'config_file', text},
      restart,
      'restart PostgreSQL',
    )
  },
  postgresAdmission: (server, text) => {
    const reload = run('systemctl', 'reload', server.unit)
    return inConfiguration(
      server,
      {name: 'pg_hba.conf', asked: 'hba_file', text},
      reload,
      'reload PostgreSQL',
    )
  },
  postgresHbaLine: (server, file, line) => ({
    ...nothing,
    steps: [edit(file), run('systemctl', 'reload', server.unit)],
    lasting: {file, text: line},
    next: 'reload PostgreSQL',
  }),
  postgresExtensions: () => ({
    ...nothing,
    steps: [byHand('pg_config', '--version'), byHand('pg_config', '--sharedir')],
    next: null,
  }),
  postgresLocale: (server, locale) => {
    const {name, charset, full} = localeParts(locale)
    const make = byHand('sudo', 'localedef', '-i', name, '-f', charset, full)
    return {...nothing, steps: [make, run('systemctl', 'restart', server.unit)]}
  },
  postgresVersion: () => nothing,
  database: () => nothing,
  role: () => nothing,
}

/** @param change `asked` is the setting that tells where the file is. */
function inConfiguration(
  {configuration}: Postgres,
  {name, asked, text}: {readonly name: string; readonly asked: string; readonly text: string},
  apply: Step,
  next: string,
): Means {
  const file = configuration === null ? null : `${configuration}/${name}`
  const change =
    file === null ? byHand('sudo', '-u', 'postgres', 'psql', '-c', `show ${asked}`) : edit(file)
  return {...nothing, steps: [change, apply], lasting: {file, text}, next}
}

/** How whoever makes a locale writes "ca_ES.utf8@valencia". */
export function localeParts(locale: string): {
  /** "ca_ES@valencia" */
  readonly name: string
  /** "UTF-8" */
  readonly charset: string
  /** "ca_ES.UTF-8@valencia" */
  readonly full: string
} {
  const [, language = locale, said = 'UTF-8', modifier = ''] =
    /^([^.@]+)(?:\.([^@]+))?(@.+)?$/.exec(locale) ?? []
  const charset = /^utf-?8$/i.test(said) ? 'UTF-8' : said
  return {name: `${language}${modifier}`, charset, full: `${language}.${charset}${modifier}`}
}
