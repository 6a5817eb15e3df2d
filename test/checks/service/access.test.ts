import {describe, expect, it} from 'vitest'
import {serviceAccess} from '../../../src/checks/service/access.ts'
import type {ExceptionLink} from '../../../src/facts/django/django.ts'
import type {Look} from '../../../src/facts/refusals/look.ts'
import {exceptionLink} from '../../exception-link.ts'
import {journal, journalStart, service, unitName} from '../../journal.ts'
import {codes, type Edits, machine, recorded, verdicts} from '../../machine.ts'

const key = 'prism-django.service: may open /srv/keys/lens.key'

/** What the kernel said of the recorded path, with a change. */
function seen(change: (look: Look) => unknown): Edits {
  const answer = recorded('who-directory', 'asUnit', key) as {readonly stdout: string}
  const look = JSON.parse(answer.stdout) as Look
  return {asUnit: {[key]: {...answer, stdout: JSON.stringify(change(look))}}}
}

/** The path was reached, and its end is this. */
function reached(end: Partial<Look['paths'][number]['at']>, outside: object = {}): Edits {
  const {dev, ...directory} = recorded('who-directory', 'stat', '/srv/keys') as {dev: number}
  const at = {
    path: '/srv/keys/lens.key',
    type: 'file' as const,
    mode: 0o640,
    uid: 0,
    gid: 0,
    dev,
    ctime: 0,
    acl: null,
    readOnly: false,
    noExec: false,
    may: [],
    ...end,
  }
  const found = {...directory, type: at.type, mode: at.mode, uid: at.uid, gid: at.gid, dev}
  return {
    ...seen(look => ({
      ...look,
      paths: [
        {
          path: at.path,
          stop: 'end',
          at,
          opened: {read: at.may.includes('read') ? null : 'EACCES', write: null},
        },
      ],
    })),
    stat: {'/srv/keys/lens.key': {...found, ...outside}},
    exec: {
      'group 991': {exitCode: 0, stdout: 'lamps:x:991:\n', stderr: ''},
      'attributes of /srv/keys/lens.key': {exitCode: 1, stdout: '', stderr: ''},
    },
  }
}

/** Python's exception. */
function refusedTo(filename: string): ExceptionLink {
  const message = `[Errno 13] Permission denied: '${filename}'`
  return exceptionLink('PermissionError', message, {place: null, errno: 13, filename})
}

const said = async (edits: Edits) => verdicts(serviceAccess, machine('who-directory', edits))

describe('service/access', () => {
  it('asks nothing of a machine that is well, or that fails for another reason', async () => {
    expect(await codes(serviceAccess, machine('healthy'))).toEqual(['ok ok'])
    expect(await codes(serviceAccess, machine('module-missing'))).toEqual(['ok ok'])
    expect(await codes(serviceAccess, machine('sandbox-executable-memory'))).toEqual(['ok ok'])
  })

  it('passes over a restart of long ago: what a running service does without is no matter', async () => {
    const restarted = (ActiveEnterTimestamp: string) =>
      machine('healthy', {
        show: {'prism-django.service': {NRestarts: '3', ActiveEnterTimestamp}},
        django: {failures: [{stage: 'urls', chain: [refusedTo('/srv/x')]}]},
      })
    const early = restarted('Thu 2026-11-26 15:07:45 UTC')
    expect(await codes(serviceAccess, early)).toEqual(['ok ok'])
    const late = restarted('Thu 2026-11-26 17:07:45 UTC')
    await expect(codes(serviceAccess, late)).rejects.toThrow('/srv/x')
  })

  it('names the directory that refuses, not the file that was asked for', async () => {
    const [finding] = await said({})
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'refused',
      message:
        'prism may not pass /srv/keys, which /srv/keys/lens.key needs: it belongs to root:root, mode 0700',
      explains: ['service/active', 'service/journal', 'http/app', 'app/settings'],
    })
    expect(finding?.remedy?.steps.map(({shell}) => shell)).toEqual([
      'namei -l /srv/keys/lens.key',
      'sudo chgrp prism /srv/keys',
      'sudo chmod g+x /srv/keys',
      'sudo systemctl restart prism-django.service',
    ])
  })

  it('explains no more than the journal while the service runs', async () => {
    const running = {
      ActiveState: 'active',
      SubState: 'running',
      NRestarts: '0',
      InvocationID: '8a42',
    }
    const lines = [
      'Internal Server Error: /lens/',
      'Traceback (most recent call last):',
      '  File "/srv/prism/lens.py", line 3, in lens',
      "PermissionError: [Errno 13] Permission denied: '/srv/keys/lens.key'",
    ]
    const host = machine('who-directory', {
      show: {[unitName]: running},
      django: {failures: []},
      journal: {[unitName]: journal(lines.map(text => service(text)))},
    })
    const [finding] = await verdicts(serviceAccess, {...host, now: () => journalStart + 60_000})
    expect(finding).toMatchObject({code: 'refused', explains: ['service/journal']})
  })

  it('tells a missing group from a mode', async () => {
    const [finding] = await said(reached({gid: 991}))
    expect(finding).toMatchObject({code: 'group', status: 'critical'})
    expect(finding?.message).toContain('and the service is not in the group lamps')
    expect(finding?.remedy?.lasting?.text ?? finding?.remedy?.nix).toContain('SupplementaryGroups')
    expect(await said(reached({gid: 0}))).toMatchObject([{code: 'refused'}])
  })

  it('gives nobody what rules the machine, whatever the service has logged', async () => {
    const looks = ['namei -l /srv/keys/lens.key', 'journalctl -u prism-django.service']
    const shown = async (edits: Edits) => {
      const [finding] = await said(edits)
      expect(finding?.remedy).toMatchObject({nix: null, lasting: null, alternatives: []})
      return finding?.remedy?.steps.map(({shell}) => shell.replace(/ -n.*/, ''))
    }
    const path = '/etc/shadow'
    const shadow = {
      ...seen(look => ({
        ...look,
        paths: [
          {
            path: '/srv/keys/lens.key',
            stop: 'end',
            at: {...look.paths[0]?.at, path, type: 'file', mode: 0o640, gid: 991, may: []},
            opened: {read: 'EACCES', write: 'EACCES'},
          },
        ],
      })),
      stat: {[path]: null},
      exec: {'group 991': {exitCode: 0, stdout: 'lamps:x:991:\n', stderr: ''}},
    }
    expect(await shown(shadow)).toEqual(looks)
    const disk = reached({gid: 991})
    const named = {...disk.exec, 'group 991': {exitCode: 0, stdout: 'disk:x:991:\n', stderr: ''}}
    expect(await shown({...disk, exec: named})).toEqual(looks)
  })

  it('leaves to the sandbox what is open outside of it', async () => {
    const outside = {mode: 0o644, dev: 1}
    expect(await said(reached({mode: 0}, outside))).toMatchObject([{status: 'ok'}])
  })

  it('says that something else refuses where mode and list let it in', async () => {
    const [finding] = await said({
      ...reached({mode: 0o644, may: []}),
    })
    expect(finding).toMatchObject({code: 'security'})
  })

  it('blames nothing that the service may open by now', async () => {
    expect(await said(reached({mode: 0o644, may: ['read']}))).toMatchObject([{code: 'refused'}])
    expect(await said(reached({mode: 0o666, may: ['read', 'write']}))).toMatchObject([
      {status: 'ok'},
    ])
  })

  it('is explained by the check whose place it is', async () => {
    const state = {
      show: {'prism-django.service': {StateDirectory: '', ReadWritePaths: '/srv/keys'}},
    }
    const [finding] = await said(state)
    expect(finding?.because).toContain('state/directory')
  })
})
