import {describe, expect, it} from 'vitest'
import {staticCollected} from '../../../src/checks/static/collected.ts'
import type {DjangoAnswer} from '../../../src/facts/django/django.ts'
import {type Entry, type ListedWalk, NotStated} from '../../../src/host/host.ts'
import {codes, type DjangoEdit, djangoSaid, machine, recorded, verdicts} from '../../machine.ts'
import {countedWalk, stateDirectory} from '../../tree.ts'
import {edited, entry, root, storage} from './machines.ts'

const withoutManifest = <T extends {readonly path: string}>(entries: readonly T[]): readonly T[] =>
  entries.filter(({path}) => path !== 'staticfiles/staticfiles.json')

describe('static/collected', () => {
  it('is silent on the healthy machine', async () => {
    const [finding] = await verdicts(staticCollected, machine('healthy'))
    expect(finding).toMatchObject({status: 'ok'})
    expect(finding?.message).toMatch(/^all \d\d+ static files of the package are in \/var/)
  })

  it('finds an empty directory, and collects by a command where the unit does not', async () => {
    const [finding] = await verdicts(staticCollected, machine('static-never-collected'))
    expect(finding).toMatchObject({status: 'critical', code: 'never-collected'})
    const argv = finding?.remedy?.steps[0]?.argv ?? []
    expect(argv).toEqual(['prism-doctor', 'run', '--', 'manage', 'collectstatic', '--noinput'])
    expect(finding?.remedy?.risk).toBe('disruptive')
  })

  it('names the files of the admin that are gone', async () => {
    const host = edited({
      entries: all => all.filter(({path}) => !path.startsWith('staticfiles/admin')),
    })
    const [finding] = await verdicts(staticCollected, host)
    expect(finding).toMatchObject({status: 'critical', code: 'incomplete'})
    expect(finding?.message).toContain('admin/')
    expect(finding?.remedy?.steps.map(({argv}) => argv)).toEqual([
      ['systemctl', 'restart', 'prism-django.service'],
    ])
  })

  it('finds that the manifest is missing', async () => {
    expect(await codes(staticCollected, edited({entries: withoutManifest}))).toEqual([
      'critical no-manifest',
    ])
  })

  it('is explained by owners and modes only where they are in the way of collecting', async () => {
    const rootsOwn = (below: string) => (all: readonly Entry[]) =>
      withoutManifest(all).map(entry => (entry.path === below ? {...entry, uid: 0, gid: 0} : entry))
    const [elsewhere] = await verdicts(staticCollected, edited({entries: rootsOwn('media')}))
    expect(elsewhere?.because).toEqual(['state/directory', 'state/space', 'service/active'])
    const [here] = await verdicts(staticCollected, edited({entries: rootsOwn('staticfiles/css')}))
    expect(here?.because).toContain('state/ownership')
  })

  it('asks no manifest of a storage that keeps none', async () => {
    const django = storage('whitenoise.storage.CompressedStaticFilesStorage', false)
    const [finding] = await verdicts(staticCollected, edited({django, entries: withoutManifest}))
    expect(finding).toMatchObject({status: 'ok'})
    expect(finding?.message).toMatch(
      /, and whitenoise\.storage\.CompressedStaticFilesStorage keeps no manifest$/,
    )
  })

  it.each<[string, DjangoEdit]>([
    ['by an option', {static: {storage: {options: {manifest_storage: 'prism.storage.Elsewhere'}}}}],
    [
      'by another name',
      {static: {storage: {backend: 'prism.storage.Own', manifestName: 'prism.json'}}},
    ],
  ])('asks no manifest of a storage that keeps it elsewhere, %s', async (_, django) => {
    expect(await codes(staticCollected, edited({django, entries: withoutManifest}))).toEqual([
      'ok ok',
    ])
  })

  it('knows a storage that Django cannot tell of by the hashed files that it leaves', async () => {
    const django: DjangoEdit = {static: {storage: null}}
    expect(await codes(staticCollected, edited({django, entries: withoutManifest}))).toEqual([
      'critical no-manifest',
    ])
    expect(await codes(staticCollected, edited({django}))).toEqual(['ok ok'])
    const entries = (all: readonly Entry[]): readonly Entry[] =>
      withoutManifest(all).filter(({path}) => !/\.[0-9a-f]{12}\./.test(path))
    expect(await codes(staticCollected, edited({django, entries}))).toEqual(['ok ok'])
  })

  it("asks a manifest of a storage of the project's own, which Django knows for one of its kind", async () => {
    const django = storage('prism.storage.Own', true)
    expect(await codes(staticCollected, edited({django, entries: withoutManifest}))).toEqual([
      'critical no-manifest',
    ])
  })

  it('is content with an empty directory while DEBUG serves from the package', async () => {
    const host = edited({entries: () => [], django: {settings: {DEBUG: true}}})
    expect(await codes(staticCollected, host)).toEqual(['ok ok'])
    expect(await codes(staticCollected, edited({entries: () => []}))).toEqual([
      'critical never-collected',
    ])
  })

  it('has nothing to say of files that lie on no disk here', async () => {
    const bucket: DjangoEdit = said => ({
      ...said,
      static: {
        ...said.static,
        storage: {
          ...said.static?.storage,
          backend: 'storages.backends.s3.S3Storage',
          bases: ['storages.backends.s3.S3Storage', 'builtins.object'],
        },
      },
    })
    expect(
      await verdicts(staticCollected, edited({django: bucket, entries: () => []})),
    ).toMatchObject([
      {status: 'ok', message: 'storages.backends.s3.S3Storage keeps static files elsewhere'},
    ])
    const none = {static: {installed: false, storage: null, sources: []}}
    expect(await codes(staticCollected, edited({django: none, entries: () => []}))).toEqual([
      'ok ok',
    ])
    const unset = {settings: {STATIC_ROOT: null}}
    expect(await verdicts(staticCollected, edited({django: unset}))).toMatchObject([
      {message: 'nothing is collected'},
    ])
  })

  it('does not know what should be there where the finders could not be asked', async () => {
    const chain = [
      {
        type: 'FileNotFoundError',
        message: 'x',
        place: null,
        own: false,
        template: null,
        name: null,
        errno: 2,
        filename: null,
      },
    ]
    const django: DjangoEdit = {static: {sources: []}, failures: [{stage: 'static', chain}]}
    await expect(codes(staticCollected, edited({django}))).rejects.toThrow(NotStated)
  })

  it('takes the names from the directories where there were too many to be told', async () => {
    const django: DjangoEdit = said => ({
      ...said,
      static: {
        ...said.static,
        sources: said.static?.sources.map(source => ({...source, names: null})),
      },
    })
    const sources = (JSON.parse(djangoSaid('healthy').stdout) as DjangoAnswer).static?.sources ?? []
    const walk = Object.fromEntries(
      sources.map(({directory, names}) => [
        directory,
        {entries: (names ?? []).map(path => entry(path, {path})), unreadable: [], truncated: false},
      ]),
    )
    const [whole] = await verdicts(staticCollected, edited({}))
    expect(await verdicts(staticCollected, edited({django, more: {walk}}))).toMatchObject([
      {message: whole?.message},
    ])
  })

  it.each([
    ['the directory itself', root],
    ['a directory in it, whatever its name', `${root}/é`],
    ['something, and nobody knows where', 'find: it has failed'],
  ])('calls nothing missing where it could not look at %s', async (_, unreadable) => {
    const whole = recorded('healthy', 'walk', stateDirectory) as ListedWalk
    const entries = whole.entries.filter(({path}) => !path.startsWith('staticfiles/'))
    const walk = {[stateDirectory]: {...whole, entries, unreadable: [unreadable]}}
    await expect(codes(staticCollected, edited({more: {walk}}))).rejects.toThrow(
      `${unreadable} may not be read by this user`,
    )
  })

  it('looks for itself where a directory above cannot be listed', async () => {
    const whole = recorded('healthy', 'walk', stateDirectory) as ListedWalk
    const prefix = 'staticfiles/'
    const entries = whole.entries
      .filter(({path}) => path.startsWith(prefix))
      .map(each => ({...each, path: each.path.slice(prefix.length)}))
    const state = {...whole, entries: [], unreadable: [stateDirectory]}
    const walk = {[stateDirectory]: state, [root]: {...whole, entries}}
    expect(await codes(staticCollected, edited({more: {walk}}))).toEqual(['ok ok'])
  })

  it('looks at static files alone where the whole directory is too large to be listed', async () => {
    const whole = recorded('healthy', 'walk', stateDirectory) as ListedWalk
    const prefix = 'staticfiles/'
    const entries = whole.entries
      .filter(({path}) => path.startsWith(prefix))
      .map(each => ({...each, path: each.path.slice(prefix.length)}))
    const collected = {path: `${prefix}a`, apart: 'staticfiles'}
    const state = (count: number) => ({[stateDirectory]: countedWalk([{...collected, count}])})
    const few = edited({more: {walk: {...state(40), [root]: {...whole, entries}}}})
    expect(await codes(staticCollected, few)).toEqual(['ok ok'])
    const many = edited({more: {walk: state(400_000)}})
    await expect(codes(staticCollected, many)).rejects.toThrow(
      `${root} holds 400000 entries, too many to compare their names`,
    )
  })

  it('does not take what could not be listed for a package without files', async () => {
    const [source] =
      (JSON.parse(djangoSaid('healthy').stdout) as DjangoAnswer).static?.sources ?? []
    const directory = source?.directory ?? ''
    const django: DjangoEdit = said => ({
      ...said,
      static: {...said.static, sources: [{directory, prefix: '', names: null}]},
    })
    const host = edited({django, more: {walk: {[directory]: countedWalk([])}}})
    await expect(codes(staticCollected, host)).rejects.toThrow('too many to list')
  })

  it('takes hashed files alone, and files of earlier deployments', async () => {
    const hashedAlone = edited({
      entries: all =>
        all.filter(({path, type}) => type !== 'file' || /\.[0-9a-f]{12}\.|json$/.test(path)),
    })
    expect(await codes(staticCollected, hashedAlone)).toEqual(['ok ok'])
    const extra = edited({
      entries: all => [...all, entry('css/old.0123456789ab.css'), entry('css/old.css')],
    })
    expect(await codes(staticCollected, extra)).toEqual(['ok ok'])
  })

  it('warns that Django 5.1 ignores STATICFILES_STORAGE, instead of asking for a manifest', async () => {
    const backend = 'django.contrib.staticfiles.storage.StaticFilesStorage'
    const ignored = 'whitenoise.storage.CompressedManifestStaticFilesStorage'
    const django: DjangoEdit = {
      django: '5.2.8',
      static: {storage: {backend, keepsManifest: false}, ignored},
    }
    const [finding] = await verdicts(staticCollected, edited({django, entries: withoutManifest}))
    expect(finding).toMatchObject({status: 'warning', code: 'storage-ignored'})
    expect(finding?.message).toBe(
      `STATICFILES_STORAGE="${ignored}" is ignored by Django 5.2.8: names get no hash`,
    )
  })

  it('finds a dangling link, which nothing else explains', async () => {
    const link = entry('css/old.css', {type: 'symlink', link: '/nix/store/gone/old.css'})
    const host = edited({
      entries: all => [...all, link],
      more: {
        stat: {
          [`${root}/css`]: {...entry('css'), type: 'directory', dev: 1},
          [`${root}/css/old.css`]: {...link, dev: 1},
          '/nix': null,
        },
      },
    })
    const [finding] = await verdicts(staticCollected, host)
    expect(finding).toMatchObject({status: 'critical', code: 'dangling-link', kind: 'cause'})
    expect(finding?.message).toContain('css/old.css -> /nix/store/gone/old.css')
  })

  it('finds a FIFO', async () => {
    const host = edited({entries: all => [...all, entry('css/pipe.css', {type: 'fifo'})]})
    const [finding] = await verdicts(staticCollected, host)
    expect(finding).toMatchObject({status: 'critical', code: 'not-a-file', kind: 'cause'})
    expect(finding?.message).toContain('css/pipe.css (fifo)')
  })

  it('cannot look where others may not list', async () => {
    await expect(verdicts(staticCollected, machine('healthy-unprivileged'))).rejects.toMatchObject({
      name: 'CannotLook',
      privilege: true,
    })
  })
})
