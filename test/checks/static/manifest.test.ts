import {describe, expect, it} from 'vitest'
import {staticManifest} from '../../../src/checks/static/manifest.ts'
import {codes, machine, verdicts} from '../../machine.ts'
import {edited, manifestPath, storage} from './machines.ts'

describe('static/manifest', () => {
  it('is silent on the healthy machine', async () => {
    const [finding] = await verdicts(staticManifest, machine('healthy'))
    expect(finding).toMatchObject({status: 'ok'})
    expect(finding?.message).toMatch(/names \d\d+ files, and all are there$/)
  })

  it('finds one that is cut off, moves it aside first, and is the cause itself', async () => {
    const [finding] = await verdicts(staticManifest, machine('manifest-truncated'))
    expect(finding).toMatchObject({status: 'critical', code: 'cut-off', because: ['state/space']})
    expect(finding?.message).toContain(manifestPath)
    expect(finding?.remedy?.steps).toMatchObject([
      {argv: null, change: {kind: 'aside', path: manifestPath, suffix: 'broken'}},
      {argv: ['systemctl', 'restart', 'prism-django.service']},
    ])
  })

  it.each([
    ['', 'empty'],
    ['[]', 'other-json'],
    ['{"paths": {}, "version": "2.0"}', 'version'],
    ['{"paths": {"a": "../../../etc/shadow"}, "version": "1.1"}', 'outside'],
    ['<html>', 'not-json'],
    ['\uFEFF{"paths": {}, "version": "1.1"}', 'not-json'],
    ['{"paths": {}, "version": "1.1"}', 'entries-missing'],
  ])('%j is %s', async (text, code) => {
    expect(await codes(staticManifest, edited({manifest: () => text}))).toEqual([
      `critical ${code}`,
    ])
  })

  it('takes neither a directory, nor half a gigabyte, nor bytes for a manifest', async () => {
    expect(await codes(staticManifest, edited({manifest: {kind: 'directory'}}))).toEqual([
      'critical not-a-file',
    ])
    expect(await codes(staticManifest, edited({manifest: {kind: 'too-large', size: 5e8}}))).toEqual(
      ['critical too-large'],
    )
    const latin = {kind: 'file', text: '{"paths"…', utf8: false}
    expect(await codes(staticManifest, edited({manifest: latin}))).toEqual(['critical not-utf8'])
  })

  it('finds that the Django of an older deployment does not know the version', async () => {
    const [finding] = await verdicts(staticManifest, edited({django: {django: '3.2.19'}}))
    expect(finding).toMatchObject({status: 'critical', code: 'version'})
    expect(finding?.message).toContain('"1.1", and Django 3.2.19 knows only 1.0')
    const old = (text: string): string => text.replace('"version": "1.1"', '"version": "1.0"')
    expect(await codes(staticManifest, edited({manifest: old}))).toEqual(['ok ok'])
  })

  it('names the files that are gone', async () => {
    const host = edited({
      entries: all => all.filter(({path}) => !/css\/site\.[0-9a-f]{12}\.css$/.test(path)),
    })
    const [finding] = await verdicts(staticManifest, host)
    expect(finding).toMatchObject({status: 'critical', code: 'files-gone', kind: 'cause'})
    expect(finding?.message).toMatch(
      /^1 of the \d+ files that .* names is gone: css\/site\.[0-9a-f]{12}\.css$/,
    )
  })

  it('names the files of the package that it lacks, since each makes pages answer 500', async () => {
    const without = (text: string): string => text.replace(/"css\/site\.css": "[^"]*", /, '')
    const [finding] = await verdicts(staticManifest, edited({manifest: without}))
    expect(finding).toMatchObject({status: 'critical', code: 'entries-missing', kind: 'cause'})
    expect(finding?.message).toMatch(
      /does not name 1 of the package's \d+ static files: css\/site\.css;/,
    )
  })

  it("does not ask a storage of the project's own for every name", async () => {
    const django = storage('prism.storage.Storage', true)
    const manifest = (): string => '{"paths": {}, "version": "1.1"}'
    expect(await codes(staticManifest, edited({django, manifest}))).toEqual(['ok ok'])
  })

  it('passes over a storage that keeps none', async () => {
    const django = storage('whitenoise.storage.CompressedStaticFilesStorage', false)
    const [finding] = await verdicts(staticManifest, edited({django}))
    expect(finding?.message).toBe(
      'whitenoise.storage.CompressedStaticFilesStorage keeps no manifest',
    )
  })
})
