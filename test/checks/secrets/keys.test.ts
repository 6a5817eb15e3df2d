import {describe, expect, it} from 'vitest'
import {secretsKeys} from '../../../src/checks/secrets/keys.ts'
import type {DjangoAnswer} from '../../../src/facts/django/django.ts'
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

const path = '/run/secrets/prism-env'
/**
 * The recorded secrets with their text changed; the process does not run, so that it differs from
 * nothing.
 */
function secrets(change: (text: string) => string, edits: Edits = {}): Edits {
  const answer = recorded('healthy', 'readFile', path) as {
    kind: 'file'
    text: string
    utf8: boolean
  }
  const show = {'prism-django.service': {MainPID: '0', ...edits.show?.['prism-django.service']}}
  return {...edits, show, readFile: {[path]: {...answer, text: change(answer.text)}}}
}

/** The settings stop for want of these, each at its line of prism/settings.py. */
function lacking(...names: readonly string[]): DjangoEdit {
  const {missing} = JSON.parse(djangoSaid('secret-key-missing').stdout) as DjangoAnswer
  const [like] = missing
  if (!like) throw new Error('nothing is missing on secret-key-missing')
  return said => ({
    ...said,
    missing: names.map(name => ({...like, name})),
    unset: [...said.unset, ...names],
  })
}

/** The settings look for a name, and it is not set. */
const unset =
  (...names: readonly string[]): DjangoEdit =>
  said => ({...said, unset: [...said.unset, ...names]})

const emptyKey: DjangoEdit = {secretKey: {length: 0, empty: true}, secrets: {SECRET_KEY: ''}}

const without = (name: string) => (text: string) =>
  text.replace(new RegExp(`^${name}=.*$`, 'm'), '')

describe('secrets/keys', () => {
  it('is silent on the healthy machine, whose unit shows no SECRET_KEY', async () => {
    expect(await codes(secretsKeys, machine('healthy'))).toEqual(['ok ok'])
  })

  it('names a missing SECRET_KEY', async () => {
    const [finding, ...others] = await verdicts(secretsKeys, machine('secret-key-missing'))
    expect(finding).toMatchObject({status: 'critical', code: 'missing'})
    expect(finding?.message).toBe(
      'SECRET_KEY is not set: neither the unit nor /run/secrets/prism-env has it (prism/settings.py:8 reads it)',
    )
    expect(others).toEqual([])
  })

  it('says where the settings looked for a .env file that is not there', async () => {
    const django: DjangoEdit = said => ({
      ...(lacking('NAME_OF_IT') as (one: typeof said) => object)(said),
      absent: ['/srv/.env'],
    })
    const [finding] = await verdicts(secretsKeys, machine('healthy', {django}))
    expect(finding?.message).toContain('nor /srv/.env, which does not exist, has it')
  })

  it('calls nothing missing that systemd passes on of its own environment', async () => {
    const show = {'prism-django.service': {PassEnvironment: 'SECRET_KEY LANG'}}
    expect(
      await codes(secretsKeys, machine('healthy', secrets(without('SECRET_KEY'), {show}))),
    ).toEqual(['ok ok'])
  })

  it('names everything that is missing in one run', async () => {
    const edits = secrets(without('SECRET_KEY'), {django: lacking('SECRET_KEY', 'SMTP_HOST')})
    const found = await verdicts(secretsKeys, machine('healthy', edits))
    expect(found.map(({code, message}) => `${code} ${message.split(' ')[0]}`)).toEqual([
      'missing SECRET_KEY',
      'missing SMTP_HOST',
    ])
  })

  it('wants nothing that the settings do without', async () => {
    const host = machine(
      'healthy',
      secrets(without('EMAIL_HOST_PASSWORD'), {django: unset('EMAIL_HOST_PASSWORD')}),
    )
    expect(await codes(secretsKeys, host)).toEqual(['ok ok'])
  })

  it('wants no password that the settings have a default for', async () => {
    const django = {secrets: {'DATABASES.default.PASSWORD': 'canary-value'}}
    const host = machine('healthy', secrets(without('POSTGRES_PASSWORD'), {django}))
    const [finding] = await verdicts(secretsKeys, host)
    expect(finding).toMatchObject({status: 'ok'})
    expect(host.secrets.redact('canary-value')).not.toContain('canary')
  })

  it('tells an empty value from a missing one', async () => {
    const empty = (text: string): string => text.replace(/^SECRET_KEY=.*$/m, 'SECRET_KEY=')
    const [finding] = await verdicts(
      secretsKeys,
      machine('healthy', secrets(empty, {django: emptyKey})),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'empty'})
    expect(finding?.message).toBe(`SECRET_KEY is empty: ${path} has no value for it`)
    // Django 5 starts without one, and fails at the first thing that it signs.
    const [absent] = await verdicts(
      secretsKeys,
      machine('healthy', secrets(without('SECRET_KEY'), {django: emptyKey})),
    )
    expect(absent).toMatchObject({status: 'critical', code: 'missing'})
    expect(absent?.message).toBe(
      'SECRET_KEY is not set, and SECRET_KEY is empty without it (SECRET_KEY in prism/settings.py)',
    )
  })

  it('names the spelling that the settings do not read', async () => {
    const host = machine(
      'healthy',
      secrets(text => text.replace('POSTGRES_USER=', 'POSTGRES_USERNAME='), {
        django: lacking('POSTGRES_USER'),
      }),
    )
    const [finding] = await verdicts(secretsKeys, host)
    expect(finding).toMatchObject({status: 'critical', code: 'misspelt'})
    expect(finding?.message).toMatch(
      /^POSTGRES_USERNAME is set .* the settings read POSTGRES_USER$/,
    )
  })

  it.each([
    ['SECERT_KEY', 'SECRET_KEY'],
    ['KEY_SECRET', 'SECRET_KEY'],
    ['DJANGO_SECRET_KEY', 'SECRET_KEY'],
  ])('names %s for a spelling of %s that nobody reads', async (wrong, name) => {
    const misspelt = (text: string): string => text.replace(`${name}=`, `${wrong}=`)
    const host = machine('healthy', secrets(misspelt, {django: lacking(name)}))
    expect(await codes(secretsKeys, host)).toEqual(['critical misspelt'])
  })

  it('takes no variable for a misspelling that the settings read as well', async () => {
    const edits = secrets(text => `${without('SECRET_KEY')(text)}SECRETKEY=x\n`, {
      django: said => ({
        ...said,
        ...(lacking('SECRET_KEY') as (said: DjangoAnswer) => object)(said),
        read: [...said.read, 'SECRETKEY'],
      }),
    })
    expect(await codes(secretsKeys, machine('healthy', edits))).toEqual(['critical missing'])
  })

  it('warns of a name that nobody reads where the one that was meant has a default', async () => {
    const edits = secrets(text => `${text}EMAIL_PASSWORD=canary-value\n`)
    const found = await verdicts(secretsKeys, machine('healthy', edits))
    expect(found).toMatchObject([{status: 'warning', code: 'unread'}])
    expect(found[0]?.message).toBe(
      'EMAIL_PASSWORD is set, but the settings read EMAIL_HOST_PASSWORD, which is not',
    )
    expect(JSON.stringify(found)).not.toContain('canary-value')
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
    const django: DjangoEdit = said => ({
      ...said,
      unset: [...said.unset, 'POSTGRES_PASSWORD'],
      secrets: {...said.secrets, 'DATABASES.default.PASSWORD': ''},
    })
    const asked = 'prism@localhost:5432/prism: anything'
    const wanting = (answer: unknown) =>
      machine('healthy', secrets(without('POSTGRES_PASSWORD'), {django, query: {[asked]: answer}}))
    const required = {
      kind: 'unreachable',
      code: 'password-required',
      message: 'a password is wanted',
    }
    expect(await codes(secretsKeys, wanting(required))).toEqual(['critical missing'])
    // Where PostgreSQL trusts whoever comes from this machine, none is needed.
    expect(await codes(secretsKeys, wanting({kind: 'rows', rows: []}))).toEqual(['ok ok'])
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
    const answer = recorded('healthy', 'readFile', path) as {
      kind: 'file'
      text: string
      utf8: boolean
    }
    const rotated = {
      ...answer,
      text: answer.text.replace(/^POSTGRES_PASSWORD=.*$/m, 'POSTGRES_PASSWORD=canary-value'),
    }
    const [finding] = await verdicts(secretsKeys, machine('healthy', {readFile: {[path]: rotated}}))
    expect(finding).toMatchObject({status: 'warning', code: 'stale-process'})
    expect(finding?.message).toMatch(/: POSTGRES_PASSWORD$/)
    expect(JSON.stringify(finding)).not.toContain('canary-value')
  })

  it('calls nothing missing while it may not read the file', async () => {
    const host = machine('healthy', {uid: 65_534, readFile: {[path]: cannotLook('denied', true)}})
    await expect(codes(secretsKeys, host)).rejects.toMatchObject({
      name: 'CannotLook',
      privilege: true,
    })
  })

  it('names the file whose empty value comes last', async () => {
    const over = '/run/secrets/over'
    const files = `/run/secrets/prism-env (ignore_errors=no)\n${over} (ignore_errors=no)`
    const host = machine('healthy', {
      readFile: {[over]: {kind: 'file', text: 'SECRET_KEY=\n', utf8: true}},
      show: {'prism-django.service': {EnvironmentFiles: files}},
      django: emptyKey,
    })
    const said = await verdicts(secretsKeys, host)
    expect(said.map(({message}) => message)).toContain(
      `SECRET_KEY is empty: ${over}, which is read last, has no value for it`,
    )
  })

  it('knows nothing of what the settings need where Django could not be asked, and still names what is no secret', async () => {
    const asUnit = {[askedSettings]: cannotLook('only root', true)}
    await expect(codes(secretsKeys, machine('healthy', {asUnit}))).rejects.toThrow(NotStated)
    const changeme = secrets(text => text.replace(/^SECRET_KEY=.*$/m, 'SECRET_KEY=changeme'), {
      asUnit,
    })
    expect(await codes(secretsKeys, machine('healthy', changeme))).toEqual(['warning placeholder'])
  })
})
