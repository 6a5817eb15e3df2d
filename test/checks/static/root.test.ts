import {describe, expect, it} from 'vitest'
import {staticRoot} from '../../../src/checks/static/root.ts'
import type {DjangoAnswer} from '../../../src/facts/django/django.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import {NotStated} from '../../../src/host/host.ts'
import {
  askedSettings,
  cannotLook,
  codes,
  type DjangoEdit,
  djangoSaid,
  type Edits,
  machine,
  recorded,
  verdicts,
} from '../../machine.ts'
import {keyEnding, recordedEnvironment, root, scripts, unit} from './machines.ts'

const environment = recordedEnvironment()
const {file} = JSON.parse(djangoSaid('healthy').stdout) as DjangoAnswer
const project = (file ?? '').replace('/prism/settings.py', '')

/** The unit with another STATIC_ROOT, or none, and what Django makes of that. */
function unitWith(assignment: string, path: string | null, more: DjangoEdit = {}): Edits {
  return {
    show: {[unit]: {Environment: environment.replace(/STATIC_ROOT=\S+/, assignment), MainPID: '0'}},
    django: {...more, settings: {STATIC_ROOT: path}},
  }
}

/** Settings that look for no STATIC_ROOT in the environment. */
const unread =
  (path: string | null): DjangoEdit =>
  said => ({
    ...said,
    read: said.read.filter(name => name !== 'STATIC_ROOT'),
    settings: {...said.settings, STATIC_ROOT: path},
  })

describe('static/root', () => {
  it('is silent on the healthy machine, for root and for others', async () => {
    expect(await codes(staticRoot, machine('healthy'))).toEqual(['ok ok'])
    expect(await codes(staticRoot, machine('healthy-unprivileged'))).toEqual(['ok ok'])
  })

  it('finds that the unit sets none, and says where the settings fall back to', async () => {
    const [finding] = await verdicts(staticRoot, machine('static-root-missing'))
    expect(finding).toMatchObject({status: 'critical', code: 'missing'})
    expect(finding?.message).toMatch(/does not set STATIC_ROOT.*\/nix\/store\/.*\/staticfiles/)
    expect(finding?.remedy?.nix).toContain(`environment.STATIC_ROOT = "${root}"`)
  })

  it('finds that it lies in the store, where nothing was collected', async () => {
    const [finding] = await verdicts(staticRoot, machine('static-root-in-store'))
    expect(finding).toMatchObject({status: 'critical', code: 'in-store'})
    expect(finding?.message).toContain('/nix/store')
  })

  it('takes the store for right where a build collected', async () => {
    const path = `${project}/staticfiles`
    const names = ['admin', 'css', 'staticfiles.json']
    const directory = {
      type: 'directory',
      mode: 0o555,
      uid: 0,
      gid: 0,
      nlink: 4,
      size: 40,
      mtime: 1000,
      dev: 1,
    }
    const above = path
      .split('/')
      .slice(1)
      .map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`)
    const more = {
      ...unitWith(`STATIC_ROOT=${path}`, path),
      stat: Object.fromEntries(above.map(each => [each, directory])),
      list: {[path]: names},
    }
    expect(await codes(staticRoot, machine('healthy', more))).toEqual(['ok ok'])
  })

  it('finds settings that ignore it', async () => {
    const [finding] = await verdicts(
      staticRoot,
      machine('healthy', {django: unread(`${project}/staticfiles`), stat: {'/nix': null}}),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'ignored'})
    expect(finding?.message).toBe(
      `STATIC_ROOT=${root} is set and ignored: the settings say ${project}/staticfiles`,
    )
    const assets = '/var/lib/prism-django/assets'
    const writable = machine('healthy', {django: unread(assets), stat: {[assets]: null}})
    expect(await codes(staticRoot, writable)).toEqual(['warning ignored'])
  })

  it('is content with settings that name the same directory themselves', async () => {
    expect(await codes(staticRoot, machine('healthy', {django: unread(`${root}/`)}))).toEqual([
      'ok ok',
    ])
    const [finding] = await verdicts(
      staticRoot,
      machine('healthy', {...unitWith('UNUSED=1', root), django: unread(root)}),
    )
    expect(finding).toMatchObject({
      status: 'ok',
      message: `STATIC_ROOT is ${root}, by STATIC_ROOT in prism/settings.py`,
    })
  })

  it("is content with the settings' own default where the service can write", async () => {
    const assets = '/var/lib/prism-django/assets'
    const fallback = unitWith('UNUSED=1', assets, {unset: ['STATIC_ROOT']})
    expect(
      await codes(staticRoot, machine('healthy', {...fallback, stat: {[assets]: null}})),
    ).toEqual(['ok ok'])
  })

  it('is content with settings that collect nothing, or elsewhere', async () => {
    const none = machine('healthy', unitWith('UNUSED=1', null))
    expect(await codes(staticRoot, none)).toEqual(['ok ok'])
    const bucket: DjangoEdit = {
      static: {storage: {backend: 'storages.backends.s3.S3Storage', bases: ['builtins.object']}},
    }
    expect(await verdicts(staticRoot, machine('healthy', {django: bucket}))).toMatchObject([
      {status: 'ok', message: 'storages.backends.s3.S3Storage keeps static files elsewhere'},
    ])
    const notInstalled: DjangoEdit = {static: {installed: false, storage: null}}
    expect(await codes(staticRoot, machine('healthy', {django: notInstalled}))).toEqual(['ok ok'])
  })

  it('takes the place that the storage is told by an option', async () => {
    const django: DjangoEdit = {static: {storage: {options: {location: '/srv/elsewhere'}}}}
    const [finding] = await verdicts(staticRoot, machine('healthy', {django, stat: {'/srv': null}}))
    expect(finding?.message).toContain('/srv/elsewhere')
  })

  it('names the variable that the settings look for', async () => {
    const read: DjangoEdit = said => ({
      ...said,
      read: [...said.read.filter(name => name !== 'STATIC_ROOT'), 'PRISM_STATIC_ROOT'],
      settings: {...said.settings, STATIC_ROOT: `${project}/staticfiles`},
    })
    const fallback = {...unitWith('UNUSED=1', null), django: read, stat: {'/nix': null}}
    const [finding] = await verdicts(staticRoot, machine('healthy', fallback))
    expect(finding).toMatchObject({status: 'critical', code: 'missing'})
    expect(finding?.message).toBe(
      `${unit} does not set PRISM_STATIC_ROOT, so it uses ${project}/staticfiles, which it cannot write to`,
    )
    expect(finding?.remedy?.nix).toContain(`environment.PRISM_STATIC_ROOT = "${root}"`)
  })

  it("believes the wrapper's --set before the unit", async () => {
    const wrapper = keyEnding('readFile', '/bin/prism-gunicorn')
    const script = recorded('healthy', 'readFile', wrapper) as {text: string}
    const text = script.text.replace(/\nexec /, "\nexport STATIC_ROOT='/srv/elsewhere'\nexec ")
    expect(text).not.toBe(script.text)
    const host = machine('healthy', {
      readFile: {[wrapper]: {...script, text}},
      stat: {'/srv': null},
    })
    const given: (string | undefined)[] = []
    // Django is asked in the environment that the wrapper makes, and says what the settings make of
    // that.
    const asUnit: typeof host.asUnit = async (name, argv, options) => {
      given.push(options?.environment?.STATIC_ROOT)
      await host.asUnit(name, argv, options)
      return djangoSaid('healthy', {settings: {STATIC_ROOT: options?.environment?.STATIC_ROOT}})
    }
    const target = await findTarget({...host, asUnit}, {unit})
    expect(given).toEqual(['/srv/elsewhere'])
    expect(target.staticRoot).toBe('/srv/elsewhere')
  })

  it('finds an empty one and a relative one', async () => {
    expect(await codes(staticRoot, machine('healthy', unitWith('STATIC_ROOT=', '')))).toEqual([
      'critical missing',
    ])
    expect(
      await codes(
        staticRoot,
        machine('healthy', unitWith('STATIC_ROOT=staticfiles', 'staticfiles')),
      ),
    ).toEqual(['critical relative'])
  })

  it('finds one that the sandbox keeps read-only', async () => {
    const edits = {
      ...unitWith('STATIC_ROOT=/srv/static', '/srv/static'),
      ...scripts(),
      stat: {'/srv': null},
    }
    const [finding] = await verdicts(staticRoot, machine('healthy', edits))
    expect(finding).toMatchObject({status: 'critical', code: 'not-writable'})
    expect(finding?.message).toContain('ProtectSystem=strict')
    // Who collects by hand, or as root, needs no leave of the unit's.
    const byHand = {...edits, show: {[unit]: {...edits.show?.[unit], ExecStartPre: ''}}}
    expect(await codes(staticRoot, machine('healthy', byHand))).toEqual(['ok ok'])
  })

  it('warns of a process that has another one', async () => {
    const host = machine('healthy', {
      show: {
        [unit]: {Environment: environment.replace(/STATIC_ROOT=\S+/, `STATIC_ROOT=${root}-new`)},
      },
      stat: {[`${root}-new`]: null},
      django: {settings: {STATIC_ROOT: `${root}-new`}},
    })
    expect(await codes(staticRoot, host)).toEqual(['warning restart-needed'])
  })

  it('knows by the environment alone where Django could not be asked, and else nothing', async () => {
    const asUnit = {[askedSettings]: cannotLook('only root', true)}
    expect(await codes(staticRoot, machine('healthy', {asUnit}))).toEqual(['ok ok'])
    const unknown = machine('healthy', {show: unitWith('UNUSED=1', null).show ?? {}, asUnit})
    await expect(codes(staticRoot, unknown)).rejects.toThrow(NotStated)
  })
})
