import {chainEvidence, wordsOf} from '../../facts/django/exception.ts'
import type {Obstacle} from '../../facts/django/migrations.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import {psql} from '../../remedies/psql.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {manage, restart} from '../../remedies/service.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found} from './migrations.findings.ts'

/**
 * A migration that cannot be imported; null where there is none. migrate stops at it, and the
 * service may run on for a while.
 */
export function brokenMigration(target: Target): Verdict<Code> | null {
  const {django, platform} = target
  const failure = django.answer?.failures.find(({stage}) => stage === 'migrations')
  if (!failure?.chain.some(({own}) => own)) return null
  const said = found.broken(platform.application, wordsOf(failure.chain, target), 'import')
  return finding(said, mend('Fix the migration', platform.code(target)), {
    evidence: chainEvidence(failure.chain),
    because: ['app/settings'],
  })
}

/** migrate refuses to begin: no restart will apply what is pending. */
export function cannotMigrate(
  target: Target,
  database: DatabaseTarget,
  obstacle: Obstacle,
): Verdict<Code> {
  if (obstacle.kind === 'inconsistent') return inconsistent(target, database, obstacle)
  const {platform} = target
  const code = platform.code(target)
  // A defect of the package: where the service stops at it, its own last words say the same.
  const details = {because: ['service/active']} as const
  if (obstacle.kind === 'broken') {
    const said = found.broken(platform.application, obstacle.message, 'read')
    return finding(said, mend('Fix the migrations', code), details)
  }
  if (obstacle.kind === 'parent-missing') {
    const said = found['parent-missing'](obstacle.migration, obstacle.dependency)
    return finding(
      said,
      mend(`Put the missing migration into the ${platform.application}`, code),
      details,
    )
  }
  const apps = obstacle.leaves.slice(0, 1).map(({app}) => app)
  const merge = byHand('python', 'manage.py', 'makemigrations', '--merge', ...apps)
  const cure = mend('Merge them in the repository of the application', code, {first: [merge]})
  return finding(found.conflict(obstacle.leaves), cure, details)
}

function inconsistent(
  target: Target,
  database: DatabaseTarget,
  {migration, dependency}: Extract<Obstacle, {kind: 'inconsistent'}>,
): Verdict<Code> {
  const {app, name} = dependency
  const cure = remedy(
    'Find out how the row was lost, then record it if its tables are there',
    'manual',
    [
      psql(`select * from django_migrations where app = '${app}' order by id`, database.name),
      manage(target, 'migrate', '--fake', app, name),
      restart(target),
    ],
  )
  return finding(found.inconsistent(database, migration, dependency), cure)
}
