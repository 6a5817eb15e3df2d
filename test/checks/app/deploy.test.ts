import {expect, test} from 'vitest'
import {appDeploy} from '../../../src/checks/app/deploy.ts'
import type {DjangoAnswer, SystemCheck} from '../../../src/facts/django/django.ts'
import type {TargetSettings} from '../../../src/facts/target/target.ts'
import {type HttpAnswer, NotStated} from '../../../src/host/host.ts'
import {
  askedSettings,
  cannotLook,
  codes,
  type DjangoEdit,
  type Edits,
  fixture,
  machine,
  recorded,
  verdicts,
} from '../../machine.ts'
import {recordedEnvironment} from '../static/machines.ts'

const question =
  Object.keys(fixture('healthy').answers.request ?? {}).find(key =>
    key.includes('/prism-doctor-asks'),
  ) ?? ''

/** As Django 4.2 words them (django/core/checks/security/base.py). */
const messages = {
  key: {
    id: 'security.W009',
    level: 30,
    message:
      "Your SECRET_KEY has less than 50 characters, less than 5 unique characters, or it's prefixed with 'django-insecure-' indicating that it was generated automatically by Django. Please generate a long and random value, otherwise many of Django's security-critical features will be vulnerable to attack.",
    hint: '',
    object: null,
  },
  debug: {
    id: 'security.W018',
    level: 30,
    message: 'You should not have DEBUG set to True in deployment.',
    hint: '',
    object: null,
  },
  hosts: {
    id: 'security.W020',
    level: 30,
    message: 'ALLOWED_HOSTS must not be empty in deployment.',
    hint: '',
    object: null,
  },
} as const satisfies Readonly<Record<string, SystemCheck>>

/** Django's own check --deploy finds these besides. */
const finds =
  (...more: readonly SystemCheck[]): DjangoEdit =>
  said => ({...said, deploy: [...(said.deploy ?? []), ...more]})

/** A key that Django finds too short. */
const weakKey = (said: DjangoAnswer) => ({
  ...said,
  deploy: [...(said.deploy ?? []), messages.key],
  secretKey: {length: 24, empty: false, different: 16, insecure: false},
})

const down: Edits = {
  request: {[question]: {kind: 'unreachable', code: 'ECONNREFUSED', message: 'refused'}},
}

async function said(edits: Edits, settings: Partial<TargetSettings> = {}) {
  return verdicts(appDeploy, machine('healthy', edits), settings)
}

test('a recorded healthy machine, of which Django says that HTTPS is not insisted on', async () => {
  const {deploy} = JSON.parse(
    (recorded('healthy', 'asUnit', askedSettings) as {stdout: string}).stdout,
  )
  expect(deploy.map(({id}: SystemCheck) => id)).toContain('security.W008')
  expect(await codes(appDeploy, machine('healthy'))).toEqual(['ok ok'])
})

test("Django's page for what is not there shows DEBUG", async () => {
  const answer = recorded('healthy', 'request', question) as Extract<HttpAnswer, {kind: 'response'}>
  const body =
    '<p>\n  You’re seeing this error because you have <code>DEBUG = True</code> in\n  your Django settings file.\n</p>'
  const show = {
    'prism-django.service': {
      Environment: recordedEnvironment().replace('DEBUG=false', 'DEBUG=true'),
    },
  }
  const [finding] = await said({request: {[question]: {...answer, body}}, show})
  expect(finding).toMatchObject({status: 'warning', code: 'debug'})
  expect(finding?.message).toContain('DEBUG=true in the unit')
})

test('an application that does not answer is judged by its settings', async () => {
  expect(await said(down)).toMatchObject([{status: 'ok'}])
  expect(await said({...down, django: finds(messages.debug)})).toMatchObject([
    {code: 'debug', evidence: ['security.W018']},
  ])
})

test('the running process shows whether DEBUG is on, whatever the next one would have', async () => {
  expect(await said({django: finds(messages.debug)})).toMatchObject([{status: 'ok'}])
})

test('where the settings write DEBUG out, the place is named', async () => {
  const django: DjangoEdit = answer => ({
    ...answer,
    deploy: [messages.debug],
    read: answer.read.filter(name => name !== 'DEBUG'),
  })
  const [finding] = await said({...down, django})
  expect(finding?.message).toMatch(/^DEBUG is on \(DEBUG in prism\/settings\.py\)/)
})

test('SECRET_KEY is weak, in the words of Django, with the place where it is made', async () => {
  const found = await said({django: weakKey})
  expect(found).toMatchObject([
    {
      status: 'warning',
      code: 'secret-key',
      message: expect.stringMatching(
        /^Your SECRET_KEY has less than 50 characters, .* by Django \(SECRET_KEY in prism\/settings\.py\)$/,
      ),
      evidence: expect.arrayContaining(['security.W009']),
    },
  ])
  expect(JSON.stringify(found[0]?.remedy)).toContain('SECRET_KEY')
})

test('what stands for a missing variable may have decided anything: nothing is judged by it', async () => {
  const host = machine('secret-key-missing', {...down, django: weakKey})
  await expect(codes(appDeploy, host)).rejects.toThrow(NotStated)
})

test('ALLOWED_HOSTS is empty, unless the configuration says which names count', async () => {
  const request = {
    ...down.request,
    [question.replace('prism.midship.local', 'localhost')]: down.request?.[question],
    [question.replace('prism.midship.local', 'shop.local')]: down.request?.[question],
  }
  expect(await said({request, django: finds(messages.hosts)})).toMatchObject([
    {
      status: 'warning',
      code: 'allowed-hosts',
      message: expect.stringMatching(/^ALLOWED_HOSTS is empty/),
    },
  ])
  expect(
    await said({request, django: finds(messages.hosts)}, {hosts: ['shop.local']}),
  ).toMatchObject([{status: 'ok'}])
})

test('an error of an application is quoted with its hint; its warnings are its own matter', async () => {
  const error = {
    id: 'shop.E001',
    level: 40,
    message: 'SHOP_TAX is no number. It is "x".',
    hint: 'Give it one.',
    object: null,
  }
  expect(await said({django: finds(error)})).toMatchObject([
    {
      status: 'warning',
      code: 'deploy-check',
      message: 'shop.E001: SHOP_TAX is no number',
      evidence: ['shop.E001', 'HINT: Give it one.', expect.stringContaining('SHOP_TAX')],
    },
  ])
  expect(await said({django: finds({...error, level: 30})})).toMatchObject([{status: 'ok'}])
})

test('what the project silences stays silent', async () => {
  const django: DjangoEdit = answer => ({
    ...weakKey(answer),
    settings: {...answer.settings, SILENCED_SYSTEM_CHECKS: ['security.W009']},
  })
  expect(await said({django})).toMatchObject([{status: 'ok'}])
})

test('where Django could not be asked, the page alone tells; without one, nothing is known', async () => {
  const asUnit = {[askedSettings]: cannotLook('only root', true)}
  expect(await said({asUnit})).toMatchObject([{status: 'ok'}])
  await expect(said({asUnit, ...down})).rejects.toThrow(NotStated)
})

test('cookies for TLS alone where the only front is plain http', async () => {
  const secure: DjangoEdit = answer => ({
    ...answer,
    settings: {...answer.settings, SESSION_COOKIE_SECURE: true},
  })
  const [finding] = await said({django: secure})
  expect(finding).toMatchObject({status: 'warning', code: 'secure-cookies'})
  expect(finding?.message).toMatch(
    /^SESSION_COOKIE_SECURE is on, and nginx serves prism\.midship\.local over plain http/,
  )
  const behind: DjangoEdit = answer => ({
    ...answer,
    settings: {
      ...answer.settings,
      SESSION_COOKIE_SECURE: true,
      SECURE_PROXY_SSL_HEADER: ['HTTP_X_FORWARDED_PROTO', 'https'],
    },
  })
  expect(await codes(appDeploy, machine('healthy', {django: behind}))).toEqual(['ok ok'])
  const trusting: DjangoEdit = answer => ({
    ...answer,
    settings: {
      ...answer.settings,
      SESSION_COOKIE_SECURE: true,
      CSRF_TRUSTED_ORIGINS: ['https://prism.example'],
    },
  })
  expect(await codes(appDeploy, machine('healthy', {django: trusting}))).toEqual(['ok ok'])
})

test('a key that is shorter than Django wants it, and random', async () => {
  const key =
    (secretKey: DjangoAnswer['secretKey']): DjangoEdit =>
    said => ({...said, secretKey, deploy: [messages.key]})
  const debian = {length: 48, empty: false, different: 33, insecure: false}
  expect(await said({django: key(debian)})).toMatchObject([{status: 'ok'}])
  for (const weak of [{length: 24}, {different: 4}, {insecure: true}])
    expect(await said({django: key({...debian, ...weak})})).toMatchObject([{code: 'secret-key'}])
})
