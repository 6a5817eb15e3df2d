import {describe, expect, it} from 'vitest'
import {findTarget} from '../../../src/facts/target/find.ts'
import {databaseOf, reportedTarget} from '../../../src/facts/target/target.ts'
import {NotStated} from '../../../src/host/host.ts'
import {
  askedSettings,
  type DjangoEdit,
  djangoSaid,
  fixture,
  machine,
  recorded,
} from '../../machine.ts'
import {databaseWith, environment, settings, targetWith, unit} from './targets.ts'

describe('the target', () => {
  it('is found without configuration', async () => {
    const found = reportedTarget(await targetWith({}), settings)
    expect(found).toMatchObject({
      unit,
      user: 'prism',
      group: 'prism',
      stateDirectory: '/var/lib/prism-django',
      staticRoot: '/var/lib/prism-django/staticfiles',
      url: 'http://127.0.0.1:8000',
      database: {host: 'localhost', port: 5432, name: 'prism', user: 'prism'},
    })
    expect(found.package).toMatch(/^\/nix\/store\/[0-9a-z]{32}-prism-django-unstable$/)
  })

  it('believes no environment over which a process wrote its title', async () => {
    const [environ = ''] = Object.keys(fixture('healthy').answers.readFile ?? {}).filter(name =>
      /^\/proc\/\d+\/environ$/.test(name),
    )
    const file = recorded('healthy', 'readFile', environ) as {text: string}
    expect((await targetWith({})).running?.get('DEBUG')).toBe('false')
    const text = `gunicorn: master [prism]\0\0\0${file.text.slice(-200)}`
    expect((await targetWith({readFile: {[environ]: {...file, text}}})).running).toBeNull()
  })

  it('takes no placeholder for a fact: what stands for a missing variable is not known', async () => {
    const hole = (JSON.parse(djangoSaid('healthy').stdout) as {placeholder: string}).placeholder
    const nothing = {show: {[unit]: {Environment: '', EnvironmentFiles: undefined, MainPID: '0'}}}
    const host = await targetWith({...nothing, django: {databases: {default: {host: hole}}}})
    expect(host.database).toBe('unknown')
    expect(() => databaseOf(host)).toThrow(NotStated)
    const port = await targetWith({...nothing, django: {databases: {default: {port: '48151623'}}}})
    expect(port.database).toBe('unknown')
    const password = {secrets: {'DATABASES.default.PASSWORD': `x${hole}`}}
    expect((await databaseWith({django: password}))?.password).toBeNull()
    const root = await targetWith({
      ...nothing,
      django: {settings: {STATIC_ROOT: `${hole}/static`, ALLOWED_HOSTS: [hole]}},
    })
    expect(root).toMatchObject({staticRoot: null, hosts: []})
  })

  it('runs nothing of the application where the configuration says so', async () => {
    const host = machine('healthy')
    const asked: string[] = []
    const watched = {
      ...host,
      asUnit: async (...args: Parameters<typeof host.asUnit>) => {
        asked.push(args[0])
        return host.asUnit(...args)
      },
    }
    await findTarget(watched, {unit, ask: false})
    expect(asked).toEqual([])
    await findTarget(watched, settings)
    expect(asked).toEqual([unit])
  })

  it('asks again with what the running process has and no unit shows', async () => {
    const [environ = ''] = Object.keys(fixture('healthy').answers.readFile ?? {}).filter(name =>
      /^\/proc\/\d+\/environ$/.test(name),
    )
    const file = recorded('healthy', 'readFile', environ) as {text: string}
    const running = {[environ]: {...file, text: `${file.text}\0FERRY=canary-value\0`}}
    const again = {
      [`${askedSettings} with FERRY`]: djangoSaid('healthy', {
        settings: {STATIC_ROOT: '/srv/ferry'},
      }),
    }
    const asks = (django: DjangoEdit) => targetWith({django, readFile: running, asUnit: again})
    // The edit is made to both answers.
    expect((await asks(said => ({...said, unset: [...said.unset, 'FERRY']}))).staticRoot).toBe(
      '/srv/ferry',
    )
    expect((await asks({})).staticRoot).toBe('/var/lib/prism-django/staticfiles')
    // What any shell sets tells nothing.
    await targetWith({
      django: said => ({...said, unset: [...said.unset, 'PWD', 'SHLVL']}),
      readFile: running,
    })
  })

  it('believes the names that the running process admits, then Django', async () => {
    expect((await targetWith({})).hosts).toContain('prism.midship.local')
    expect(
      (await targetWith({django: {settings: {ALLOWED_HOSTS: [' one.local ', 'two.local']}}})).hosts,
    ).toEqual(['one.local', 'two.local'])
    expect((await targetWith(environment({ALLOWED_HOSTS: 'one.local,two.local'}))).hosts).toContain(
      'prism.midship.local',
    )
    const stopped = environment({ALLOWED_HOSTS: 'one.local,two.local'})
    const show = {[unit]: {...stopped.show?.[unit], MainPID: '0'}}
    expect((await targetWith({...stopped, show})).hosts).toEqual(['one.local', 'two.local'])
    const chosen = await findTarget(machine('healthy'), {unit, hosts: ['three.local']})
    expect(chosen.hosts).toEqual(['three.local'])
  })

  it('asks where the unit listens when nothing says it', async () => {
    const {bind} = await targetWith(environment({}))
    expect(bind).toEqual({host: '127.0.0.1', port: 8000})
    const answer = recorded('healthy', 'exec', 'listeners') as {stdout: string}
    const moved = {...answer, stdout: answer.stdout.replaceAll('127.0.0.1:8000', '127.0.0.1:8077')}
    const elsewhere = await targetWith({...environment({}), exec: {listeners: moved}})
    expect(elsewhere.bind).toEqual({host: '127.0.0.1', port: 8077})
  })
})
