import {describe, expect, test} from 'vitest'
import {stateDirectory as check} from '../../../src/checks/state/directory.ts'
import {journalStart} from '../../journal.ts'
import {
  askedSettings,
  cannotLook,
  codes,
  type Edits,
  hanging,
  recorded,
  verdicts,
} from '../../machine.ts'
import {healthy, healthyStat, question, stateDirectory, withoutLists} from '../../tree.ts'

const unit = 'prism-django.service'
const stopped = {MainPID: '0', ActiveState: 'activating', SubState: 'auto-restart'}
const said = (edits: Edits): Promise<readonly string[]> =>
  codes(check, withoutLists('healthy', edits))
const show = (properties: Readonly<Record<string, string | undefined>>): Edits => ({
  show: {[unit]: properties},
})
const directory = healthyStat(stateDirectory)

/** The mounts as a process of the service has them. */
const namespace = question('readFile', /^\/proc\/(?!1\/)\d+\/mountinfo$/)
const mounts = healthy<{text: string}>('readFile', namespace).text
const seen = (text: string): Edits => ({readFile: {[namespace]: {kind: 'file', utf8: true, text}}})
const isState = (line: string): boolean => line.split(' ')[4] === stateDirectory

test('a healthy machine, running and not', async () => {
  expect(await said({})).toEqual(['ok ok'])
  expect(await said(show(stopped))).toEqual(['ok ok'])
})

describe('what does not answer', () => {
  const {text} = recorded('healthy', 'readFile', '/proc/1/mountinfo') as {text: string}
  /** The machine with one more mount, as a line of mountinfo names its place. */
  const mountedAt = (place: string): Edits => {
    const more = `${text}900 1 0:99 / ${place} rw - nfs4 server:/far rw\n`
    return {readFile: {'/proc/1/mountinfo': {kind: 'file', text: more, utf8: true}}}
  }

  test('is the state directory, or what is mounted in it', async () => {
    for (const place of [stateDirectory, `${stateDirectory}/media`]) {
      const edits = {...mountedAt(place), stat: {[place]: hanging(place)}}
      const [verdict] = await verdicts(check, withoutLists('healthy', edits))
      expect(verdict).toMatchObject({
        status: 'critical',
        code: 'not-answering',
        message: `${place} did not answer within 5 s`,
        remedy: {steps: [{}, {shell: `sudo umount --lazy ${place}`}]},
      })
    }
  })

  test('is not unmounted where nothing is mounted', async () => {
    const stat = {[stateDirectory]: hanging(stateDirectory)}
    const [verdict] = await verdicts(check, withoutLists('healthy', {stat}))
    expect(verdict).toMatchObject({
      code: 'not-answering',
      remedy: {steps: [{shell: 'sudo dmesg --level=err,warn | tail'}]},
    })
    expect(JSON.stringify(verdict)).not.toContain('mount')
  })

  test('is any mount that systemd passes when a process of the unit is late', async () => {
    const files = mountedAt('/mnt/far\\040away')
    const far = {stat: {'/mnt': directory, '/mnt/far away': hanging('/mnt/far away')}}
    expect(await said({...files, ...far})).toEqual(['ok ok'])
    const late = {asUnit: {[askedSettings]: cannotLook('python3 did not end within 10 s')}}
    expect(await said({...files, ...far, ...late})).toEqual(['critical not-answering'])
  })
})

describe('the path', () => {
  test('does not exist', async () => {
    const [finding] = await verdicts(
      check,
      withoutLists('healthy', {stat: {[stateDirectory]: null}}),
    )
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'missing',
      message: `${stateDirectory} does not exist`,
    })
    expect(finding?.remedy?.steps[0]?.change).toMatchObject({
      kind: 'make',
      path: stateDirectory,
      mode: 0o750,
    })
  })

  test('does not exist, since systemd-tmpfiles did not trust the way to it', async () => {
    const refusal =
      'Detected unsafe path transition /var/lib/up (owned by up) → /var/lib/up/data (owned by root)'
    const text = `${refusal} during canonicalization of var/lib/up/data.`
    const journal = {'systemd-tmpfiles': [{at: journalStart, text, uid: 0}]}
    const parent = healthyStat('/var/lib')
    const [above, below] = ['/var/lib/up/data', '/var/lib/up/data/prism']
    const stat = {'/var/lib/up': parent, [above]: parent, [below]: null, [stateDirectory]: null}
    const host = withoutLists('healthy', {stat, journal})
    const [finding] = await verdicts(check, host, {stateDirectory: below})
    expect(finding?.message).toBe(
      `${below} does not exist; systemd-tmpfiles refused to make it: ${refusal}`,
    )
    expect(finding?.remedy?.risk).toBe('manual')
    const [other] = await verdicts(check, host)
    expect(other?.message).toBe(`${stateDirectory} does not exist`)
  })

  test('does not exist yet, and systemd makes it', async () => {
    const own = {...stopped, StateDirectory: 'prism-django', ReadWritePaths: ''}
    expect(await said({...show(own), stat: {[stateDirectory]: null}})).toEqual(['ok ok'])
  })

  test('is a link that leads nowhere', async () => {
    const link = {...directory, type: 'symlink', link: '/mnt/data/prism'}
    const [finding] = await verdicts(
      check,
      withoutLists('healthy', {stat: {[stateDirectory]: link, '/mnt': null}}),
    )
    expect(finding).toMatchObject({code: 'dangling-link'})
    expect(finding?.message).toContain('/mnt/data/prism')
  })

  test('is the link that DynamicUser= makes', async () => {
    const parent = {...healthyStat('/var/lib'), mode: 0o700}
    const dynamic = {
      DynamicUser: 'yes',
      UID: '61000',
      GID: '61000',
      StateDirectory: 'prism-django',
      User: undefined,
    }
    const answers = {
      [stateDirectory]: {
        ...directory,
        type: 'symlink',
        link: 'private/prism-django',
        uid: 0,
        gid: 0,
      },
      '/var/lib/private': parent,
      '/var/lib/private/prism-django': {...directory, uid: 61000, gid: 61000},
      '/var/lib/private/prism-django/media': healthyStat(`${stateDirectory}/media`),
      '/var/lib/private/prism-django/staticfiles': healthyStat(`${stateDirectory}/staticfiles`),
    }
    const others = mounts.split('\n').filter(line => !isState(line))
    const bind = `${others.join('\n')}\n900 1 0:9 / /var/lib/private/prism-django rw - ext4 a rw\n`
    expect(await said({...show(dynamic), ...seen(bind), stat: answers})).toEqual(['ok ok'])
  })

  test('is a file', async () => {
    expect(await said({stat: {[stateDirectory]: {...directory, type: 'file'}}})).toEqual([
      'critical not-a-directory',
    ])
  })

  test('holds a file where MEDIA_ROOT should be', async () => {
    const media = `${stateDirectory}/media`
    const [finding] = await verdicts(
      check,
      withoutLists('healthy', {stat: {[media]: {...directory, type: 'file'}}}),
    )
    expect(finding).toMatchObject({
      code: 'not-a-directory',
      message: `${media} is a file, not a directory`,
    })
  })

  test('cannot be reached by the service, or not be used by its own user', async () => {
    expect(await said({stat: {'/var/lib': {...healthyStat('/var/lib'), mode: 0o700}}})).toEqual([
      'critical not-passable',
    ])
    expect(await said({stat: {[stateDirectory]: {...directory, mode: 0o550}}})).toEqual([
      'critical mode',
    ])
  })

  test('lies below a directory through which an access control list lets the service', async () => {
    const stat = {'/var/lib': {...healthyStat('/var/lib'), mode: 0o700}}
    const exec = {'as prism: may pass /var/lib': {exitCode: 0, stdout: '', stderr: ''}}
    expect(await said({stat, exec})).toEqual(['ok ok'])
  })

  test("belongs to root: that is state/ownership's to say", async () => {
    expect(await said({stat: {[stateDirectory]: {...directory, uid: 0, gid: 0}}})).toEqual([
      'ok ok',
    ])
  })
})

describe('other paths of the sandbox', () => {
  const absent = {stat: {'/var/lib/prism-cache': null}}
  const paths = `${stateDirectory} /var/lib/prism-cache`

  test('one that is missing keeps the service from starting (226/NAMESPACE)', async () => {
    const host = withoutLists('healthy', {...show({...stopped, ReadWritePaths: paths}), ...absent})
    const [finding] = await verdicts(check, host)
    expect(finding).toMatchObject({status: 'critical', code: 'path-missing'})
    expect(finding?.message).toContain(
      'ReadWritePaths= names /var/lib/prism-cache, which does not exist',
    )
  })

  test('is a warning while the service still runs', async () => {
    expect(await said({...show({ReadWritePaths: paths}), ...absent})).toEqual([
      'warning path-missing',
    ])
  })

  test('may be missing with a leading "-"', async () => {
    expect(
      await said(show({...stopped, ReadWritePaths: `${stateDirectory} -/var/lib/prism-cache`})),
    ).toEqual(['ok ok'])
  })
})

describe('read-only for the service alone', () => {
  test('by the unit, while it does not run', async () => {
    const [finding] = await verdicts(
      check,
      withoutLists('healthy', show({...stopped, ReadWritePaths: ''})),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'sandbox'})
    expect(finding?.message).toBe(
      `ProtectSystem=strict makes ${stateDirectory} read-only for the service`,
    )
    expect(finding?.remedy?.nix).toContain('ReadWritePaths')
  })

  test('in the namespace of the process, which is older than the directory', async () => {
    const without = mounts
      .split('\n')
      .filter(line => !isState(line))
      .join('\n')
    expect(await said(seen(without))).toEqual(['critical stale-sandbox'])
  })

  test('the process still has the directory that was replaced', async () => {
    const replaced = mounts.replace(
      ` ${stateDirectory} ${stateDirectory} `,
      ` ${stateDirectory}//deleted ${stateDirectory} `,
    )
    expect(replaced).not.toBe(mounts)
    expect(await said(seen(replaced))).toEqual(['critical replaced'])
  })

  test('where a link leads that stands in for the static directory, until the unit names that place', async () => {
    const root = `${stateDirectory}/staticfiles`
    const stat = {
      [root]: {...healthyStat(root), type: 'symlink', link: '/srv/static'},
      '/srv': healthyStat('/var/lib'),
      '/srv/static': healthyStat(root),
    }
    const collects = {
      ExecStartPre:
        '{ path=/bin/manage ; argv[]=/bin/manage collectstatic ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }',
    }
    const linked = (more: Readonly<Record<string, string>>): Edits => ({
      ...show({...stopped, ...more}),
      stat,
    })
    const [finding] = await verdicts(check, withoutLists('healthy', linked(collects)))
    expect(finding).toMatchObject({
      code: 'sandbox',
      message: `ProtectSystem=strict makes /srv/static, where ${root} leads, read-only for the service`,
      remedy: {nix: expect.stringContaining('ReadWritePaths = [ "/srv/static" ]')},
    })
    const others = {
      ExecStartPre:
        '{ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }',
    }
    const readFile = {'/bin/true': {kind: 'missing'}}
    expect(await said({...linked(others), readFile})).toEqual(['ok ok'])
    expect(await said(linked({...collects, ReadWritePaths: `${stateDirectory} ${root}`}))).toEqual([
      'ok ok',
    ])
  })

  test('a mount of the machine that is read-only', async () => {
    const text = `1 0 0:1 / / rw - ext4 a rw\n2 1 0:2 / ${stateDirectory} ro - ext4 b rw\n`
    const [finding] = await verdicts(
      check,
      withoutLists('healthy', {readFile: {'/proc/1/mountinfo': {kind: 'file', utf8: true, text}}}),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'read-only-mount'})
  })
})

describe('not as root', () => {
  const refused = cannotLook('may not be read by this user', true)

  test("the unit is judged where the process's mounts may not be read", async () => {
    const readFile = {
      [namespace]: refused,
      '/proc/1/mountinfo': refused,
      '/proc/self/mountinfo': {kind: 'file', utf8: true, text: '1 0 0:1 / / rw - ext4 a rw\n'},
    }
    expect(await said({uid: 1000, readFile})).toEqual(['ok ok'])
    expect(await said({uid: 1000, readFile, ...show({ReadWritePaths: ''})})).toEqual([
      'critical sandbox',
    ])
  })

  test('a directory above that may not be searched hides all', async () => {
    await expect(said({uid: 1000, stat: {[stateDirectory]: refused}})).rejects.toMatchObject({
      privilege: true,
    })
  })
})
