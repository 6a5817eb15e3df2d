import {describe, expect, it} from 'vitest'
import {staticCollected} from '../../../src/checks/static/collected.ts'
import type {Entry} from '../../../src/host/host.ts'
import {codes, machine, verdicts} from '../../machine.ts'
import {edited, entry, keyEnding, recordedEnvironment, root, unit} from './machines.ts'

const plain = (text: string): string =>
  text.replace(
    'whitenoise.storage.CompressedManifestStaticFilesStorage',
    'whitenoise.storage.CompressedStaticFilesStorage',
  )
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
    const host = edited({entries: all => all.filter(({path}) => !path.startsWith('staticfiles/admin'))})
    const [finding] = await verdicts(staticCollected, host)
    expect(finding).toMatchObject({status: 'critical', code: 'incomplete'})
    expect(finding?.message).toContain('admin/')
    expect(finding?.remedy?.steps.map(({argv}) => argv)).toEqual([['systemctl', 'restart', 'prism-django.service']])
  })

  it('finds that the manifest is missing', async () => {
    expect(await codes(staticCollected, edited({entries: withoutManifest}))).toEqual(['critical no-manifest'])
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
    const host = edited({settings: plain, entries: withoutManifest})
    expect(await codes(staticCollected, host)).toEqual(['ok ok'])
  })

  it("knows a storage of the project's own by the hashed files that it leaves", async () => {
    const settings = (text: string): string =>
      text.replace('whitenoise.storage.CompressedManifest', 'prism.storage.Own')
    expect(await codes(staticCollected, edited({settings, entries: withoutManifest}))).toEqual(['critical no-manifest'])
    expect(await codes(staticCollected, edited({settings}))).toEqual(['ok ok'])
  })

  it('is content with an empty directory while DEBUG serves from the package', async () => {
    const environment = recordedEnvironment().replace('DEBUG=false', 'DEBUG=true')
    const host = edited({entries: () => [], more: {show: {[unit]: {Environment: environment}}}})
    expect(await codes(staticCollected, host)).toEqual(['ok ok'])
    expect(await codes(staticCollected, edited({entries: () => []}))).toEqual(['critical never-collected'])
  })

  it('takes hashed files alone, and files of earlier deployments', async () => {
    const hashedAlone = edited({
      entries: all => all.filter(({path, type}) => type !== 'file' || /\.[0-9a-f]{12}\.|json$/.test(path)),
    })
    expect(await codes(staticCollected, hashedAlone)).toEqual(['ok ok'])
    const extra = edited({entries: all => [...all, entry('css/old.0123456789ab.css'), entry('css/old.css')]})
    expect(await codes(staticCollected, extra)).toEqual(['ok ok'])
  })

  it('warns that Django 5.1 ignores STATICFILES_STORAGE, instead of asking for a manifest', async () => {
    const settings = (text: string): string =>
      text.replace(
        /^STORAGES = \{.*?^\}$/ms,
        "STATICFILES_STORAGE = 'whitenoise.storage.CompressedManifestStaticFilesStorage'",
      )
    const list = {[keyEnding('list', '/site-packages')]: ['django', 'django-5.2.8.dist-info']}
    expect(await codes(staticCollected, edited({settings, entries: withoutManifest, more: {list}}))).toEqual([
      'warning storage-ignored',
    ])
    expect(await codes(staticCollected, edited({settings}))).toEqual(['ok ok'])
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
    expect(finding).toMatchObject({status: 'critical', code: 'dangling-link', because: []})
    expect(finding?.message).toContain('css/old.css -> /nix/store/gone/old.css')
  })

  it('finds a FIFO', async () => {
    const host = edited({entries: all => [...all, entry('css/pipe.css', {type: 'fifo'})]})
    const [finding] = await verdicts(staticCollected, host)
    expect(finding).toMatchObject({status: 'critical', code: 'not-a-file', because: []})
    expect(finding?.message).toContain('css/pipe.css (fifo)')
  })

  it('cannot look where others may not list', async () => {
    await expect(verdicts(staticCollected, machine('healthy-unprivileged'))).rejects.toMatchObject({
      name: 'CannotLook',
      privilege: true,
    })
  })
})
