import {askAsService, identifier} from '../../facts/postgres/postgres.ts'
import {databaseOf} from '../../facts/target/target.ts'
import {CannotLook} from '../../host/host.ts'
import {psql} from '../../remedies/psql.ts'
import {remedy} from '../../remedies/remedy.ts'
import {finding, ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {explanation} from './exists.explanation.ts'
import {type Code, found, missing} from './exists.findings.ts'
import {databaseLogin} from './login.ts'

export const databaseExists: CheckOf<Code> = {
  id: 'database/exists',
  title: 'The database exists and is open',
  fix: 'creates the database while database/cluster is ok',
  explanation,
  findings: found,
  needs: [databaseLogin],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    const {name} = database
    const answer = await askAsService(host, target, database)
    if (answer.kind === 'unreachable') throw new CannotLook(`PostgreSQL did not answer this time: ${answer.message}`)
    if (answer.kind === 'rows' || answer.sqlstate === '42501') return ok(`database "${name}" exists`)
    const evidence = [`${answer.sqlstate} ${answer.message}`]
    if (answer.sqlstate === '3D000') return missing(host, target, database, evidence)
    if (answer.sqlstate === '55000') {
      const open = psql(`alter database ${identifier(name)} allow_connections true`)
      return finding(found.closed(name), remedy('Open the database', 'manual', [open]), {evidence})
    }
    throw new CannotLook(`PostgreSQL could not open database "${name}": ${answer.message}`)
  },
}
