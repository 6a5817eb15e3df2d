import {describe, expect, it} from 'vitest'
import {secretsKeys} from '../../../src/checks/secrets/keys.ts'
import {cannotLook, codes, type Edits, fixture, machine, recorded, verdicts} from '../../machine.ts'

const path = '/run/secrets/prism-env'
const settingsPath =
  Object.keys(fixture('healthy').answers.readFile ?? {}).find(name => name.endsWith('/prism/settings.py')) ?? ''

/** The recorded secrets with their text changed; the process does not run, so that it differs from nothing. */
function secrets(change: (text: string) => string, edits: Edits = {}): Edits {
  const answer = recorded('healthy', 'readFile', path) as {kind: 'file'; text: string; utf8: boolean}
  const show = {'prism-django.service': {MainPID: '0', ...edits.show?.['prism-django.service']}}
  return {...edits, show, readFile: {[path]: {...answer, text: change(answer.text)}}}
}

/** The recorded settings with their text changed. */
function withSettings(change: (text: string) => string, edits: Edits = {}): Edits {
  const file = recorded('healthy', 'readFile', settingsPath) as {text: string}
  const text = change(file.text)
  expect(text).not.toBe(file.text)
  return {...edits, readFile: {...edits.readFile, [settingsPath]: {...file, text}}}
}

const without = (name: string) => (text: string) => text.replace(new RegExp(`^${name}=.*$`, 'm'), '')

describe('secrets/keys', () => {
  it('is silent on the healthy machine, whose unit shows no SECRET_KEY', async () => {
    expect(await codes(secretsKeys, machine('healthy'))).toEqual(['ok ok'])
  })

  it('names a missing SECRET_KEY', async () => {
    const [finding, ...others] = await verdicts(secretsKeys, machine('healthy', secrets(without('SECRET_KEY'))))
    expect(finding).toMatchObject({status: 'critical', code: 'missing'})
    expect(finding?.message).toBe('SECRET_KEY is not set: neither the unit nor /run/secrets/prism-env has it')
    expect(others).toEqual([])
  })

  it('calls nothing missing that systemd passes on of its own environment', async () => {
    const show = {'prism-django.service': {PassEnvironment: 'SECRET_KEY LANG'}}
    expect(await codes(secretsKeys, machine('healthy', secrets(without('SECRET_KEY'), {show})))).toEqual(['ok ok'])
  })

  it('calls nothing missing that systemd itself sets, and no directory that the unit does not have', async () => {
    const edits = (show: object): Edits =>
      withSettings(
        text =>
          text.replace(
            /^SECRET_KEY = .*$/m,
            "SECRET_KEY = open(os.environ['CREDENTIALS_DIRECTORY'] + '/key').read()\nLOGS = os.environ['LOGS_DIRECTORY']",
          ),
        secrets(without('SECRET_KEY'), {show: {'prism-django.service': show}} as Edits),
      )
    expect(await codes(secretsKeys, machine('healthy', edits({LogsDirectory: 'prism'})))).toEqual(['ok ok'])
    const [finding] = await verdicts(secretsKeys, machine('healthy', edits({LogsDirectory: ''})))
    expect(finding?.message).toMatch(/^LOGS_DIRECTORY is not set/)
  })

  it('wants no password that the settings have a default for', async () => {
    const edits = withSettings(
      text =>
        text.replace("config('POSTGRES_PASSWORD', default='')", "config('POSTGRES_PASSWORD', default='canary-value')"),
      secrets(without('POSTGRES_PASSWORD')),
    )
    const host = machine('healthy', edits)
    const [finding] = await verdicts(secretsKeys, host)
    expect(finding).toMatchObject({status: 'ok'})
    expect(host.secrets.redact('canary-value')).not.toContain('canary')
  })

  it('tells an empty value from a missing one', async () => {
    const host = machine(
      'healthy',
      secrets(text => text.replace(/^SECRET_KEY=.*$/m, 'SECRET_KEY=')),
    )
    expect(await codes(secretsKeys, host)).toEqual(['critical empty'])
  })

  it('names the spelling that the settings do not read', async () => {
    const host = machine(
      'healthy',
      secrets(text => text.replace('POSTGRES_USER=', 'POSTGRES_USERNAME=')),
    )
    const [finding] = await verdicts(secretsKeys, host)
    expect(finding).toMatchObject({status: 'critical', code: 'misspelt'})
    expect(finding?.message).toMatch(/^POSTGRES_USERNAME is set .* the settings read POSTGRES_USER$/)
  })

  it('wants no password with a DATABASE_URL or over a socket', async () => {
    const url = 'DATABASE_URL="postgres://prism:canary-value@localhost/prism"\n'
    const byUrl = machine(
      'healthy',
      secrets(text => `${without('POSTGRES_PASSWORD')(without('POSTGRES_USER')(text))}${url}`),
    )
    expect(await codes(secretsKeys, byUrl)).toEqual(['ok ok'])
    const bySocket = machine(
      'healthy',
      secrets(text => `${without('POSTGRES_PASSWORD')(text)}POSTGRES_HOST=/run/postgresql\n`),
    )
    expect(await codes(secretsKeys, bySocket)).toEqual(['ok ok'])
  })

  it('says of a DATABASE_URL that ends in its password what must be encoded, and shows nothing of it', async () => {
    const url = (password: string) =>
      machine(
        'healthy',
        secrets(
          text =>
            `${without('POSTGRES_PASSWORD')(without('POSTGRES_USER')(text))}DATABASE_URL="postgres://prism:${password}@localhost:5432/prism"\n`,
        ),
      )
    for (const password of ['canary/one', 'canary?one', 'canary#one']) {
      const [finding] = await verdicts(secretsKeys, url(password))
      expect(finding).toMatchObject({status: 'critical', code: 'unreadable-url'})
      expect(JSON.stringify(finding)).not.toMatch(/canary|one/)
    }
    expect(await codes(secretsKeys, url('can@ry:%2F'))).toEqual(['ok ok'])
  })

  it('wants a password over TCP', async () => {
    const host = machine('healthy', secrets(without('POSTGRES_PASSWORD')))
    expect(await codes(secretsKeys, host)).toEqual(['critical missing'])
  })

  it('finds what was never decrypted or never filled in, without showing it', async () => {
    const encrypted = 'ENC[AES256_GCM,data:canary,iv:x,tag:x,type:str]'
    const host = machine(
      'healthy',
      secrets(text => text.replace(/^SECRET_KEY=.*$/m, `SECRET_KEY="${encrypted}"`)),
    )
    const [finding] = await verdicts(secretsKeys, host)
    expect(finding).toMatchObject({status: 'critical', code: 'not-decrypted'})
    expect(JSON.stringify(finding)).not.toContain('canary')
    const placeholder = machine(
      'healthy',
      secrets(text => text.replace(/^SECRET_KEY=.*$/m, 'SECRET_KEY=changeme')),
    )
    expect(await codes(secretsKeys, placeholder)).toEqual(['warning placeholder'])
    const generated = machine(
      'healthy',
      secrets(text => text.replace(/^SECRET_KEY=.*$/m, 'SECRET_KEY=django-insecure-canary-value')),
    )
    expect(await codes(secretsKeys, generated)).toEqual(['warning placeholder'])
  })

  it('sees that the process still has the old value', async () => {
    const answer = recorded('healthy', 'readFile', path) as {kind: 'file'; text: string; utf8: boolean}
    const rotated = {...answer, text: answer.text.replace(/^POSTGRES_PASSWORD=.*$/m, 'POSTGRES_PASSWORD=canary-value')}
    const [finding] = await verdicts(secretsKeys, machine('healthy', {readFile: {[path]: rotated}}))
    expect(finding).toMatchObject({status: 'warning', code: 'stale-process'})
    expect(finding?.message).toMatch(/: POSTGRES_PASSWORD$/)
    expect(JSON.stringify(finding)).not.toContain('canary-value')
  })

  it('calls nothing missing while it may not read the file', async () => {
    const host = machine('healthy', {uid: 65_534, readFile: {[path]: cannotLook('denied', true)}})
    await expect(codes(secretsKeys, host)).rejects.toMatchObject({name: 'CannotLook', privilege: true})
  })

  it('names the file whose empty value comes last', async () => {
    const over = '/run/secrets/over'
    const files = `/run/secrets/prism-env (ignore_errors=no)\n${over} (ignore_errors=no)`
    const host = machine('healthy', {
      readFile: {[over]: {kind: 'file', text: 'SECRET_KEY=\n', utf8: true}},
      show: {'prism-django.service': {EnvironmentFiles: files}},
    })
    const said = await verdicts(secretsKeys, host)
    expect(said.map(({message}) => message)).toContain(
      `SECRET_KEY is empty: ${over}, which is read last, has no value for it`,
    )
  })
})
