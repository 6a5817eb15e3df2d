import {expect, test} from 'vitest'
import {appDeploy} from '../../../src/checks/app/deploy.ts'
import type {HttpAnswer} from '../../../src/host/host.ts'
import {codes, type Edits, fixture, machine, recorded, verdicts} from '../../machine.ts'
import {recordedEnvironment} from '../static/machines.ts'

const question =
  Object.keys(fixture('healthy').answers.request ?? {}).find(key => key.includes('/prism-doctor-asks')) ?? ''
const secretsFile = '/run/secrets/prism-env'

function withKey(key: string): Edits {
  return {readFile: {[secretsFile]: {kind: 'file', text: `SECRET_KEY="${key}"\nPOSTGRES_USER="prism"\n`, utf8: true}}}
}

const environment = (from: string, to: string): Edits => ({
  show: {'prism-django.service': {Environment: recordedEnvironment().replace(from, to)}},
})

async function said(edits: Edits) {
  return verdicts(appDeploy, machine('healthy', edits))
}

test('a recorded healthy machine', async () => {
  expect(await codes(appDeploy, machine('healthy'))).toEqual(['ok ok'])
})

test("Django's page for what is not there shows DEBUG", async () => {
  const answer = recorded('healthy', 'request', question) as Extract<HttpAnswer, {kind: 'response'}>
  const body =
    '<p>\n  You’re seeing this error because you have <code>DEBUG = True</code> in\n  your Django settings file.\n</p>'
  const [finding] = await said({request: {[question]: {...answer, body}}, ...environment('DEBUG=false', 'DEBUG=true')})
  expect(finding).toMatchObject({status: 'warning', code: 'debug'})
  expect(finding?.message).toContain('DEBUG=true in the unit')
})

test('an application that does not answer is judged by its settings', async () => {
  const down: Edits = {request: {[question]: {kind: 'unreachable', code: 'ECONNREFUSED', message: 'refused'}}}
  expect(await said(down)).toMatchObject([{status: 'ok'}])
  expect(await said({...down, ...environment('DEBUG=false', 'DEBUG=1')})).toMatchObject([{code: 'debug'}])
})

test.each([
  ['short', 'has 5 characters instead of 50'],
  ['ab'.repeat(30), 'has fewer than 5 different characters'],
  [`django-insecure-${'0123456789'.repeat(5)}`, 'is one that startproject wrote'],
])('SECRET_KEY %s', async (key, why) => {
  const found = await said(withKey(key))
  expect(found).toMatchObject([{status: 'warning', code: 'secret-key', message: `SECRET_KEY ${why}`}])
  expect(JSON.stringify(found)).not.toContain(key)
})

test('a good one, and the stand-in of a recording', async () => {
  expect(await said(withKey('0123456789abcdefghijklmnopqrstuvwxyz-0123456789abcdefghij'))).toMatchObject([
    {status: 'ok'},
  ])
  expect(await said(withKey('redacted-0123abcd'))).toMatchObject([{status: 'ok'}])
})

test('ALLOWED_HOSTS is empty', async () => {
  const hosts = /ALLOWED_HOSTS=\S+/.exec(recordedEnvironment())?.[0] ?? ''
  const request = {
    [question.replace('prism.midship.local', 'localhost')]: {
      kind: 'unreachable',
      code: 'ECONNREFUSED',
      message: 'refused',
    },
  }
  const edits = environment(hosts, 'ALLOWED_HOSTS=')
  const show = {'prism-django.service': {...edits.show?.['prism-django.service'], MainPID: '0'}}
  expect(await said({...edits, show, request})).toMatchObject([{code: 'allowed-hosts'}])
})
