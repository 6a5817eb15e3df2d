import {describe, expect, it} from 'vitest'
import {staticRoot} from '../../../src/checks/static/root.ts'
import {cannotLook, codes, machine, recorded, verdicts} from '../../machine.ts'
import {edited, keyEnding, recordedEnvironment, root, unit} from './machines.ts'

const environment = recordedEnvironment()

/** The unit with another STATIC_ROOT, or none. */
function unitWith(assignment: string) {
  return {show: {[unit]: {Environment: environment.replace(/STATIC_ROOT=\S+/, assignment), MainPID: '0'}}}
}

const statement = /^STATIC_ROOT = .*$/m
const project = keyEnding('readFile', '/prism/settings.py').replace('/prism/settings.py', '')

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
    const directory = {type: 'directory', mode: 0o555, uid: 0, gid: 0, nlink: 4, size: 40, mtime: 1000, dev: 1}
    const above = path
      .split('/')
      .slice(1)
      .map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`)
    const more = {
      ...unitWith(`STATIC_ROOT=${path}`),
      stat: Object.fromEntries(above.map(each => [each, directory])),
      list: {[path]: names},
    }
    expect(await codes(staticRoot, machine('healthy', more))).toEqual(['ok ok'])
  })

  it('finds settings that ignore it', async () => {
    const stat = Object.fromEntries(['/nix'].map(path => [path, null]))
    const host = edited({
      settings: text => text.replace(statement, "STATIC_ROOT = BASE_DIR / 'staticfiles'"),
      more: {stat},
    })
    const [finding] = await verdicts(staticRoot, host)
    expect(finding).toMatchObject({status: 'critical', code: 'ignored'})
    expect(finding?.message).toContain(
      `STATIC_ROOT=${root} is set and ignored: the settings say ${project}/staticfiles`,
    )
  })

  it('is content with settings that name the same directory themselves', async () => {
    const fixed = (text: string): string => text.replace(statement, `STATIC_ROOT = '${root}'`)
    expect(await codes(staticRoot, edited({settings: fixed}))).toEqual(['ok ok'])
    const unset = {...unitWith('UNUSED=1')}
    expect(await codes(staticRoot, edited({settings: fixed, more: unset}))).toEqual(['ok ok'])
  })

  it.each([
    "STATIC_ROOT = os.environ.get('STATIC_ROOT', BASE_DIR / 'staticfiles')",
    "STATIC_ROOT = Path(env('STATIC_ROOT'))",
    'STATIC_ROOT = find_static_root()',
    "if not DEBUG:\n    STATIC_ROOT = config('STATIC_ROOT')",
  ])('takes for obedient what reads it, or cannot be understood: %s', async line => {
    expect(await codes(staticRoot, edited({settings: text => text.replace(statement, line)}))).toEqual(['ok ok'])
  })

  it('reads the variable that the settings read', async () => {
    const settings = (text: string): string => text.replace(statement, "STATIC_ROOT = config('PRISM_STATIC')")
    const [finding] = await verdicts(staticRoot, edited({settings, more: unitWith('UNUSED=1')}))
    expect(finding?.message).toBe(`${unit} does not set PRISM_STATIC`)
    const host = edited({settings, more: unitWith(`PRISM_STATIC=${root}`)})
    expect(await codes(staticRoot, host)).toEqual(['ok ok'])
  })

  it("believes the wrapper's --set before the unit", async () => {
    const wrapper = keyEnding('readFile', '/bin/prism-gunicorn')
    const file = recorded('healthy', 'readFile', wrapper) as {text: string}
    const text = file.text.replace(/\nexec /, "\nexport STATIC_ROOT='/srv/elsewhere'\nexec ")
    expect(text).not.toBe(file.text)
    const host = machine('healthy', {
      readFile: {[wrapper]: {...file, text}},
      stat: {'/srv': null},
    })
    const [finding] = await verdicts(staticRoot, host)
    expect(finding?.message).toContain('/srv/elsewhere')
  })

  it('finds an empty one and a relative one', async () => {
    expect(await codes(staticRoot, machine('healthy', unitWith('STATIC_ROOT=')))).toEqual(['critical missing'])
    expect(await codes(staticRoot, machine('healthy', unitWith('STATIC_ROOT=staticfiles')))).toEqual([
      'critical relative',
    ])
  })

  it('finds one that the sandbox keeps read-only', async () => {
    const more = {...unitWith('STATIC_ROOT=/srv/static'), stat: {'/srv': null}}
    const [finding] = await verdicts(staticRoot, edited({more}))
    expect(finding).toMatchObject({status: 'critical', code: 'not-writable'})
    expect(finding?.message).toContain('ProtectSystem=strict')
  })

  it('warns of a process that has another one', async () => {
    const host = machine('healthy', {
      show: {[unit]: {Environment: environment.replace(/STATIC_ROOT=\S+/, `STATIC_ROOT=${root}-new`)}},
      stat: {[`${root}-new`]: null},
    })
    expect(await codes(staticRoot, host)).toEqual(['warning restart-needed'])
  })

  it('does not say that it is missing when the secrets file may hold it', async () => {
    const more = {...unitWith('UNUSED=1'), readFile: {'/run/secrets/prism-env': cannotLook('denied', true)}}
    await expect(verdicts(staticRoot, machine('healthy', more))).rejects.toThrow(
      'STATIC_ROOT may be in the secrets file',
    )
  })
})
