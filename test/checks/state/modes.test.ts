import {describe, expect, test} from 'vitest'
import {stateModes} from '../../../src/checks/state/modes.ts'
import type {Host, ListedWalk} from '../../../src/host/host.ts'
import {codes, type Edits, verdicts} from '../../machine.ts'
import {
  countedWalk,
  healthy,
  healthyStat,
  question,
  stateDirectory,
  walkChanging,
  withoutLists,
} from '../../tree.ts'

const staticRoot = `${stateDirectory}/staticfiles`
const configuration = question('readFile', /nginx\.conf$/)
const said = (edits: Edits): Promise<readonly string[]> =>
  codes(stateModes, withoutLists('healthy', edits))
const walked = (path: RegExp, mode: number): Edits => ({
  walk: {[stateDirectory]: walkChanging(path, {mode})},
})

/** nginx's configuration with a location before that of the application. */
function withLocation(location: string): Edits {
  const {text} = healthy<{text: string}>('readFile', configuration)
  const edited = text.replace(/location \/ \{/, `${location}\n$&`)
  if (edited === text) throw new Error('the configuration has no location /')
  return {readFile: {[configuration]: {kind: 'file', utf8: true, text: edited}}}
}
const alias = withLocation(`location /static/ { alias ${staticRoot}/; }`)
const mode = (state: number, files: number): Readonly<Record<string, unknown>> => ({
  [stateDirectory]: {...healthyStat(stateDirectory), mode: state},
  [staticRoot]: {...healthyStat(staticRoot), mode: files},
})

test('a healthy tree', async () => expect(await said({})).toEqual(['ok ok']))

describe('the service itself', () => {
  test('cannot read a file of its own', async () => {
    const [finding] = await verdicts(
      stateModes,
      withoutLists('healthy', walked(/staticfiles\.json$/, 0)),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'closed-to-service'})
    expect(finding?.message).toBe(
      `prism may not read its own ${staticRoot}/staticfiles.json (mode 0000)`,
    )
  })

  test('cannot enter a directory of its own', async () => {
    expect(await said(walked(/^staticfiles\/css$/, 0o600))).toEqual(['critical closed-to-service'])
  })

  test("what belongs to root is state/ownership's to say", async () => {
    const walk = walkChanging(/^staticfiles\/css$/, {uid: 0, gid: 0, mode: 0o700})
    expect(await said({walk: {[stateDirectory]: walk}})).toEqual(['ok ok'])
  })
})

describe('a million entries, which are counted', () => {
  const whole = healthy<ListedWalk>('walk', stateDirectory)
  const staticFiles = {
    ...whole,
    entries: whole.entries
      .filter(({path}) => path.startsWith('staticfiles/'))
      .map(entry => ({...entry, path: entry.path.slice('staticfiles/'.length)})),
  }
  const seen = (edits: Edits, ...args: Parameters<typeof countedWalk>) =>
    verdicts(
      stateModes,
      withoutLists('healthy', {
        ...edits,
        walk: {[stateDirectory]: countedWalk(...args), [staticRoot]: staticFiles},
      }),
    )

  test('all of them seen', async () => {
    expect((await seen({...alias, stat: mode(0o751, 0o755)}, []))[0]).toMatchObject({
      status: 'ok',
      message: `prism can read its own 1000001 entries below ${stateDirectory}`,
    })
  })

  test('some that the service cannot read', async () => {
    const [finding] = await seen({}, [{path: 'media/2', apart: 'media', mode: 0, count: 4000}])
    expect(finding?.message).toBe(
      `prism may not read its own ${stateDirectory}/media/2 and 3999 more (mode 0000)`,
    )
    expect(finding?.remedy?.steps).toMatchObject([
      {change: {kind: 'mode', path: stateDirectory, recursive: true, add: 0o700}},
    ])
  })

  test('some that nginx cannot read where it serves them', async () => {
    const media = `${stateDirectory}/media`
    const served = {
      ...withLocation(`location /media/ { alias ${media}/; }`),
      stat: {...mode(0o751, 0o755), [media]: {...healthyStat(media), mode: 0o755}},
    }
    const closed = {path: 'media/2', apart: 'media', mode: 0o640, count: 4000}
    const elsewhere = {path: 'other', apart: null, mode: 0o640, count: 5000}
    const [finding] = await seen(served, [closed, elsewhere])
    expect(finding?.code).toBe('unreadable-to-nginx')
    expect(finding?.message).toContain(`${media}/2 and 3999 more (mode 0640)`)
  })

  test('a directory that was not told apart is walked by itself', async () => {
    const directory = `${stateDirectory}/www`
    const served = {
      ...withLocation(`location /www/ { alias ${directory}/; }`),
      stat: {...mode(0o751, 0o755), [directory]: {...healthyStat(staticRoot), mode: 0o755}},
    }
    const inside = {path: 'www/static/1', apart: 'www/static', count: 400_000}
    const closed = staticFiles.entries.slice(0, 1).map(entry => ({...entry, mode: 0o600}))
    const host = withoutLists('healthy', {
      ...served,
      walk: {
        [stateDirectory]: countedWalk([inside]),
        [directory]: {...staticFiles, entries: closed},
      },
    })
    const [finding] = await verdicts(stateModes, host)
    expect(finding?.code).toBe('unreadable-to-nginx')
  })

  test('some of which nobody judged: that is no all-clear', async () => {
    await expect(seen({}, [], 7)).rejects.toThrow('7 of 1000008 entries')
  })
})

describe('nginx where it serves the files itself', () => {
  test('cannot pass the state directory', async () => {
    const [finding] = await verdicts(
      stateModes,
      withoutLists('healthy', {...alias, stat: mode(0o750, 0o755)}),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'closed-to-nginx'})
    expect(finding?.message).toContain(`as nginx, who may not pass ${stateDirectory} (mode 0750)`)
    expect(finding?.remedy?.steps[0]?.shell).toBe(`sudo -u prism chmod 0751 ${stateDirectory}`)
  })

  test('cannot pass the static directory', async () => {
    expect(await said({...alias, stat: mode(0o751, 0o700)})).toEqual(['critical closed-to-nginx'])
  })

  test('cannot read what UMask=0077 left behind', async () => {
    expect(
      await said({...alias, ...walked(/^staticfiles\/css$/, 0o700), stat: mode(0o751, 0o755)}),
    ).toEqual(['critical unreadable-to-nginx'])
  })

  test('cannot read what belongs to somebody else: a consequence of that', async () => {
    const closed = (owner: object) => ({
      ...alias,
      walk: {[stateDirectory]: walkChanging(/^staticfiles\/css$/, {mode: 0o700, ...owner})},
      stat: mode(0o751, 0o755),
    })
    const [own] = await verdicts(stateModes, withoutLists('healthy', closed({})))
    expect(own?.because).toBeUndefined()
    const [foreign] = await verdicts(stateModes, withoutLists('healthy', closed({uid: 0, gid: 0})))
    expect(foreign).toMatchObject({code: 'unreadable-to-nginx', because: ['state/ownership']})
  })

  test('names the UMask= that will leave the next ones so, too', async () => {
    const closed: Edits = {
      ...alias,
      ...walked(/^staticfiles\/css$/, 0o700),
      stat: mode(0o751, 0o755),
    }
    const umask = {'prism-django.service': {UMask: '0077'}}
    const [finding] = await verdicts(stateModes, withoutLists('healthy', {...closed, show: umask}))
    expect(finding?.message).toContain(
      '(mode 0700, as UMask=0077 of prism-django.service makes them)',
    )
    expect(finding?.remedy?.nix).toContain('UMask = "0022"')
  })

  test('is let in by an access control list, of which modes do not tell', async () => {
    const lets = (what: string, path: string, exitCode: number): Edits => ({
      exec: {[`as nginx: may ${what} ${path}`]: {exitCode, stdout: '', stderr: ''}},
    })
    const passes: Edits = {...alias, stat: mode(0o750, 0o755)}
    expect(await said({...passes, ...lets('pass', stateDirectory, 0)})).toEqual(['ok ok'])
    expect(await said({...passes, ...lets('pass', stateDirectory, 1)})).toEqual([
      'critical closed-to-nginx',
    ])
    const reads: Edits = {
      ...alias,
      stat: mode(0o751, 0o755),
      ...walked(/^staticfiles\/css$/, 0o700),
    }
    expect(await said({...reads, ...lets('pass', `${staticRoot}/css`, 0)})).toEqual(['ok ok'])
  })

  test("cannot pass a directory that is not the deployment's: a human must open it", async () => {
    const stat = {...mode(0o751, 0o755), '/var/lib': {...healthyStat('/var/lib'), mode: 0o700}}
    const [finding] = await verdicts(stateModes, withoutLists('healthy', {...alias, stat}))
    expect(finding).toMatchObject({code: 'closed-to-nginx', remedy: {risk: 'manual'}})
  })

  test('cannot pass what DynamicUser= keeps for root alone, and that stays so', async () => {
    const stat = {
      [stateDirectory]: {
        ...healthyStat('/var/lib'),
        type: 'symlink',
        link: 'private/prism-django',
      },
      '/var/lib/private': {...healthyStat('/var/lib'), mode: 0o700},
      '/var/lib/private/prism-django': healthyStat(stateDirectory),
      '/var/lib/private/prism-django/staticfiles': healthyStat(staticRoot),
      '/var/lib/private/prism-django/media': healthyStat(`${stateDirectory}/media`),
    }
    const [finding] = await verdicts(
      stateModes,
      withoutLists('healthy', {
        ...alias,
        stat,
        walk: {'/var/lib/private/prism-django': healthy('walk', stateDirectory)},
      }),
    )
    expect(finding?.message).toContain('who may not pass /var/lib/private (mode 0700)')
    expect(finding?.remedy).toMatchObject({
      risk: 'manual',
      nix: expect.stringContaining('DynamicUser = lib.mkForce false'),
    })
  })

  test('is let in by a list to some, and not to those of another kind', async () => {
    const admitted = /^staticfiles\/admin\//
    const walk = walkChanging(/^staticfiles\/(?:admin|js)\/.*\./, {mode: 0o640})
    const entries = walk.entries.map(entry =>
      entry.mode === 0o640 && !admitted.test(entry.path) ? {...entry, mode: 0o600} : entry,
    )
    const host = withoutLists('healthy', {
      ...alias,
      stat: mode(0o751, 0o755),
      walk: {[stateDirectory]: {...walk, entries}},
    })
    const exec: Host['exec'] = async (argv, options) =>
      options.question.startsWith(`may read ${staticRoot}/admin/`)
        ? {exitCode: 0, stdout: '', stderr: ''}
        : host.exec(argv, options)
    const [finding] = await verdicts(stateModes, {...host, exec})
    expect(finding?.message).toMatch(/who may not read \S*\/js\//)
  })

  test('has nothing opened that a link of the service leads to', async () => {
    const link = {...healthyStat(staticRoot), type: 'symlink', link: '/etc'}
    const stat = {...mode(0o751, 0o755), [staticRoot]: link, '/etc': healthyStat('/var/lib')}
    const shadow = {...walkChanging(/never/, {}).entries[0], path: 'shadow', type: 'file'}
    const secret = {...shadow, mode: 0o640, uid: 0, gid: 42}
    const walk = {'/etc': {entries: [secret], unreadable: [], truncated: false}}
    const [finding] = await verdicts(
      stateModes,
      withoutLists('healthy', {...alias, stat, walk, list: {'/etc': ['shadow']}}),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'unreadable-to-nginx'})
    expect(finding?.remedy).toMatchObject({
      risk: 'manual',
      steps: [{shell: `namei -l ${staticRoot}`}],
    })
  })

  test('is let in by 0751, and as a member of the group by 0750', async () => {
    expect(await said({...alias, stat: mode(0o751, 0o755)})).toEqual(['ok ok'])
    const member = {exec: {'groups of nginx': {exitCode: 0, stdout: '996 5100\n', stderr: ''}}}
    expect(await said({...alias, ...member, stat: mode(0o750, 0o755)})).toEqual(['ok ok'])
  })

  test('has somebody else answer what it cannot read', async () => {
    const tried = withLocation(`location /static/ { root ${stateDirectory}; try_files $uri @app; }`)
    expect(await said({...tried, stat: mode(0o750, 0o755)})).toEqual(['ok ok'])
  })

  test('serves a directory of somebody else', async () => {
    expect(await said(withLocation('location /static/ { alias /srv/elsewhere/; }'))).toEqual([
      'ok ok',
    ])
  })
})

describe('tighter than documented', () => {
  test('is a warning while WhiteNoise serves the files', async () => {
    const [finding] = await verdicts(
      stateModes,
      withoutLists('healthy', {stat: mode(0o750, 0o700)}),
    )
    expect(finding).toMatchObject({status: 'warning', code: 'tighter-than-documented'})
    expect(finding?.message).toContain('0700 instead of 0755')
  })

  test('does not say that the service can read what belongs to root', async () => {
    const roots = {uid: 0, gid: 0, ...mode(0o750, 0o700)}
    const [finding] = await verdicts(stateModes, withoutLists('healthy', {stat: roots}))
    expect(finding?.message).not.toMatch(/only the service/)
    expect(finding?.message).toContain('only its owner can still read it')
  })

  test('a state directory of 0750 and directories of 0700 below are right then', async () => {
    expect(await said(walked(/^(?:media|staticfiles\/css)$/, 0o700))).toEqual(['ok ok'])
  })

  test('a machine without nginx', async () => {
    expect(await said({show: {'nginx.service': {LoadState: 'not-found'}}})).toEqual(['ok ok'])
  })
})
