import {describe, expect, it} from 'vitest'
import {boundsOf} from '../../../src/facts/target/bounds.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import {type Edits, machine, recorded} from '../../machine.ts'
import {path, unit} from './targets.ts'

describe('where files may be changed', () => {
  const answer = recorded('healthy', 'readFile', path) as {text: string}
  const text = `${answer.text}STATIC_ROOT=/var/lib/other\n`
  const state = '/var/lib/prism-django'
  const bounds = async (edits: Edits, chosen = {}): Promise<readonly string[]> => {
    const host = machine('healthy', {...edits, readFile: {[path]: {...answer, text}}})
    return boundsOf(host, await findTarget(host, {unit, ...chosen}))
  }
  const file = '/run/secrets.d/1/prism-env'
  const stat = recorded('healthy', 'stat', file) as object
  const owned = (uid: number, mode: number): Edits => ({stat: {[file]: {...stat, uid, mode}}})

  it.each([
    [owned(5100, 0o400), [state, `${state}/staticfiles`]],
    [owned(0, 0o660), [state, `${state}/staticfiles`]],
    [owned(0, 0o600), [state, '/var/lib/other']],
  ])('is said by a secrets file only where root alone may write it', async (edits, named) => {
    expect([...(await bounds(edits))].sort()).toEqual([...named].sort())
  })

  it('is said by the configuration before all else', async () => {
    const chosen = {
      stateDirectory: '/srv/prism',
      staticRoot: '/srv/static',
      mediaRoot: '/srv/media',
    }
    expect(await bounds(owned(0, 0o600), chosen)).toEqual(
      expect.arrayContaining(['/srv/prism', '/srv/static', '/srv/media']),
    )
  })

  it.each([
    ['', [state]],
    ['/srv/site/static/', [state, '/srv/site/static']],
  ])('is STATIC_ROOT=%s as a plain path, or none', async (value, named) => {
    const show = {[unit]: {Environment: `STATIC_ROOT=${value}`, ReadWritePaths: state}}
    expect([...(await bounds({...owned(5100, 0o400), show}))].sort()).toEqual([...named].sort())
  })

  it('is what the unit gives to the service, wherever that lies', async () => {
    const show = {
      [unit]: {
        StateDirectory: 'prism-django second:alias',
        CacheDirectory: 'collected',
        ReadWritePaths: '-/srv/media',
        BindPaths: '/mnt/volume:/srv/volume',
        WorkingDirectory: '/srv/project',
        Environment: 'DJANGO_MEDIA_ROOT=/srv/uploads OTHER_ROOT=/srv/other STATIC_DIR=relative',
      },
    }
    const named = await bounds({...owned(5100, 0o400), show})
    expect(named).toEqual(
      expect.arrayContaining([
        state,
        '/var/lib/second',
        '/var/cache/collected',
        '/srv/media',
        '/mnt/volume',
        '/srv/uploads',
      ]),
    )
    expect(named.filter(each => /project|other|relative/.test(each))).toEqual([])
  })

  it('is not what the unit hides', async () => {
    const show = {[unit]: {InaccessiblePaths: '/var/lib/hidden'}}
    expect(await bounds({...owned(5100, 0o400), show})).not.toContain('/var/lib/hidden')
  })
})
