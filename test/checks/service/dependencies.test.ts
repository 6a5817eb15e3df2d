import {describe, expect, test} from 'vitest'
import {serviceDependencies} from '../../../src/checks/service/dependencies.ts'
import {journal as journalOf, service, systemd} from '../../journal.ts'
import {type LiveMachine, liveHost, runningUnit} from '../../live-host.ts'
import {codes, machine, verdicts} from '../../machine.ts'

const running = {LoadState: 'loaded', ActiveState: 'active', SubState: 'running', Result: 'success'}

function host({units = {}, ...machine}: LiveMachine = {}, environment = '') {
  const unit = {
    ...runningUnit,
    Requires: 'sysinit.target postgresql.service redis-prism.service system.slice',
    Environment: environment,
  }
  return liveHost({
    units: {'prism-django.service': unit, 'redis-prism.service': running, ...units},
    ...machine,
  })
}

test('everything that it requires runs; PostgreSQL, targets and slices are for others to judge', async () => {
  expect(await codes(serviceDependencies, host())).toEqual(['ok ok'])
})

describe('units', () => {
  test('one that does not exist', async () => {
    const [finding] = await verdicts(
      serviceDependencies,
      host({units: {'redis-prism.service': {LoadState: 'not-found', ActiveState: 'inactive'}}}),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'missing', kind: 'cause'})
    expect(finding?.message).toContain('redis-prism.service, which does not exist')
  })

  test('one that was stopped can be started; one that fails needs a look', async () => {
    const stopped = {...running, ActiveState: 'inactive', SubState: 'dead'}
    const failed = {...running, ActiveState: 'failed', Result: 'exit-code'}
    const [first] = await verdicts(
      serviceDependencies,
      host({units: {'redis-prism.service': stopped}}),
    )
    expect(first).toMatchObject({code: 'inactive', remedy: {risk: 'disruptive'}})
    const [second] = await verdicts(
      serviceDependencies,
      host({units: {'redis-prism.service': failed}}),
    )
    expect(second).toMatchObject({
      code: 'inactive',
      remedy: {risk: 'manual'},
      because: ['state/space'],
    })
    expect(second?.message).toContain('failed (exit-code)')
  })

  test('one that meets the same fault as the service, by its own words', async () => {
    const failed = {...running, ActiveState: 'failed', Result: 'exit-code'}
    const words =
      'django.db.utils.OperationalError: connection to server at "localhost" (::1), port 5432 failed: FATAL:  password authentication failed for user "prism"'
    const lines = [
      service(words),
      systemd('Main process exited, code=exited, status=1/FAILURE'),
      systemd("Failed with result 'exit-code'."),
    ]
    const journal = journalOf(lines, 'redis-prism.service')
    const [finding] = await verdicts(
      serviceDependencies,
      host({units: {'redis-prism.service': failed}, journal}),
    )
    expect(finding).toMatchObject({
      code: 'inactive',
      because: expect.arrayContaining(['database/login']),
    })
    expect(finding?.message).toContain('redis-prism.service, which is failed (exit-code): ')
  })

  test('a volume that cannot be mounted, while the service is down for it', async () => {
    const mount = {...running, ActiveState: 'failed', Result: 'exit-code'}
    const units = (state: string) => ({
      'prism-django.service': {
        ...runningUnit,
        ActiveState: state,
        Requires: '-.mount srv-media.mount',
      },
      'srv-media.mount': mount,
    })
    const [finding] = await verdicts(serviceDependencies, host({units: units('inactive')}))
    expect(finding?.message).toBe(
      'prism-django.service requires srv-media.mount, which is failed (exit-code)',
    )
    expect(await codes(serviceDependencies, host({units: units('active')}))).toEqual(['ok ok'])
    // One that is only not mounted, as behind an automount, is mounted by the start.
    const idle = {...units('inactive'), 'srv-media.mount': {...running, ActiveState: 'inactive'}}
    expect(await codes(serviceDependencies, host({units: idle}))).toEqual(['ok ok'])
  })

  test('what makes the roles and databases, behind postgresql.target, in its own words', async () => {
    const units = {
      'prism-django.service': {...runningUnit, Requires: 'postgresql.target'},
      'postgresql.target': {
        ...running,
        ActiveState: 'inactive',
        Requires: 'postgresql.service postgresql-setup.service',
      },
      'postgresql-setup.service': {...running, ActiveState: 'failed', Result: 'exit-code'},
    }
    const journal = [
      {at: 0, text: 'ERROR:  template database "template1" has a collation version mismatch'},
    ]
    const [finding] = await verdicts(serviceDependencies, host({units, journal}))
    expect(finding).toMatchObject({code: 'inactive', remedy: {risk: 'manual'}})
    expect(finding?.message).toBe(
      'prism-django.service requires postgresql-setup.service, which is failed (exit-code): ERROR: template database "template1" has a collation version mismatch',
    )
  })

  test('one that is being started', async () => {
    const starting = {...running, ActiveState: 'activating'}
    expect(
      await codes(serviceDependencies, host({units: {'redis-prism.service': starting}})),
    ).toEqual(['ok ok'])
  })
})

describe('brokers', () => {
  test('nothing listens where REDIS_URL says', async () => {
    const [finding] = await verdicts(
      serviceDependencies,
      host({}, 'REDIS_URL=redis://localhost:6379/1'),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'no-socket'})
    expect(finding?.message).toBe('REDIS_URL names localhost:6379, where nothing listens')
  })

  test('nothing listens where channels look for their layer', async () => {
    const channelLayers = {default: ['redis://127.0.0.1:6399']}
    const [finding] = await verdicts(
      serviceDependencies,
      machine('healthy', {django: {channelLayers}}),
    )
    expect(finding?.message).toBe(
      'CHANNEL_LAYERS["default"] names 127.0.0.1:6399, where nothing listens',
    )
  })

  test('one on another machine is not asked', async () => {
    expect(
      await codes(serviceDependencies, host({}, 'CELERY_BROKER_URL=redis://queue.example:6379/0')),
    ).toEqual(['ok ok'])
  })

  test('a password in the URL is shown nowhere', async () => {
    const found = await verdicts(
      serviceDependencies,
      host({}, 'REDIS_URL=redis://:hunter2@127.0.0.1:6379/0'),
    )
    expect(found).toHaveLength(1)
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })

  test('something listens', async () => {
    const listeners =
      'tcp   LISTEN 0      511          127.0.0.1:6379       0.0.0.0:*    users:(("redis-server",pid=90,fd=6))\n'
    expect(
      await codes(serviceDependencies, host({listeners}, 'REDIS_URL=redis://localhost/1')),
    ).toEqual(['ok ok'])
  })
})
