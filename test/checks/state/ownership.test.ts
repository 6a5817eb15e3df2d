import {describe, expect, test} from 'vitest'
import {stateOwnership} from '../../../src/checks/state/ownership.ts'
import {cannotLook, codes, type Edits, verdicts} from '../../machine.ts'
import {
  countedWalk,
  healthyStat,
  stateDirectory,
  walkChanging,
  walkWith,
  withoutLists,
} from '../../tree.ts'

const root = {uid: 0, gid: 0}
const said = (edits: Edits): Promise<readonly string[]> =>
  codes(stateOwnership, withoutLists('healthy', edits))
const walked = (walk: unknown): Edits => ({walk: {[stateDirectory]: walk}})

test('a healthy tree', async () => expect(await said({})).toEqual(['ok ok']))

describe('what stands in the way of the service', () => {
  test('a state directory restored as root, with all below it', async () => {
    const [finding] = await verdicts(
      stateOwnership,
      withoutLists('healthy', {
        ...walked(walkChanging(/^/, root)),
        stat: {[stateDirectory]: {...healthyStat(stateDirectory), ...root}},
      }),
    )
    expect(finding).toMatchObject({status: 'critical', code: 'locked-out'})
    expect(finding?.message).toContain('do not belong to prism:prism')
    expect(finding?.message).toContain(`${stateDirectory} (root:root)`)
    expect(finding?.remedy).toMatchObject({
      risk: 'safe',
      steps: [
        {
          shell: `sudo find ${stateDirectory} -xdev '(' -type d -o -type f -links 1 ')' -execdir chown -h prism:prism '{}' +`,
        },
      ],
    })
  })

  test('the top directory alone', async () => {
    expect(
      await said({stat: {[stateDirectory]: {...healthyStat(stateDirectory), ...root}}}),
    ).toEqual(['critical locked-out'])
  })

  test('compressed files of a collectstatic that ran as root', async () => {
    expect(await said(walked(walkChanging(/^staticfiles\/css\/.*\.gz$/, root)))).toEqual([
      'critical locked-out',
    ])
  })

  test('a directory of uploads', async () => {
    expect(await said(walked(walkChanging(/^media$/, {...root, mode: 0o755})))).toEqual([
      'critical locked-out',
    ])
  })

  test('an upload that it cannot read', async () => {
    const walk = walkWith(entry => entry, {
      path: 'media/report.pdf',
      type: 'file',
      mode: 0o600,
      ...root,
    })
    expect(await said(walked(walk))).toEqual(['critical locked-out'])
  })
})

describe('what belongs to others and can be used', () => {
  test('an upload that it can read is a warning', async () => {
    const walk = walkWith(entry => entry, {
      path: 'media/admin.png',
      type: 'file',
      mode: 0o644,
      ...root,
    })
    const [finding] = await verdicts(stateOwnership, withoutLists('healthy', walked(walk)))
    expect(finding).toMatchObject({status: 'warning', code: 'foreign-owner'})
    expect(finding?.message).toContain('media/admin.png (root:root)')
  })

  test('a directory of uploads to which an access control list lets it', async () => {
    const media = `${stateDirectory}/media`
    const walk = walkChanging(/^media$/, {...root, mode: 0o775})
    const asked = (exitCode: number): Edits => ({
      exec: {[`as prism: may write ${media}`]: {exitCode, stdout: '', stderr: ''}},
    })
    expect(await said({...walked(walk), ...asked(0)})).toEqual(['warning foreign-owner'])
    expect(await said({...walked(walk), ...asked(1)})).toEqual(['critical locked-out'])
  })

  test("a static file that Django removes before it writes it anew is a warning, a group of root's too", async () => {
    expect(await said(walked(walkChanging(/\/site\.css$/, root)))).toEqual([
      'warning foreign-owner',
    ])
    expect(await said(walked(walkChanging(/\/site\.css$/, {gid: 0})))).toEqual([
      'warning foreign-owner',
    ])
  })

  test('a name with a newline and an escape stays one line', async () => {
    const walk = walkWith(entry => entry, {
      path: 'media/a\n\x1b[2Jb',
      type: 'file',
      mode: 0o644,
      ...root,
    })
    const [finding] = await verdicts(stateOwnership, withoutLists('healthy', walked(walk)))
    expect(finding?.message).toContain('media/a\\n\\e[2Jb')
  })
})

describe('what is no fault', () => {
  test('lost+found of a volume, and whose a link or a socket is', async () => {
    const walk = walkWith(
      entry => entry,
      {path: 'lost+found', type: 'directory', mode: 0o700, ...root},
      {path: 'staticfiles/link', type: 'symlink', link: 'css', mode: 0o777, ...root},
      {path: '.gunicorn/gunicorn.ctl', type: 'socket', mode: 0o700, ...root},
    )
    expect(await said(walked(walk))).toEqual(['ok ok'])
  })

  test("a group of the service's own or of nginx's", async () => {
    const nginx = {exec: {'groups of nginx': {exitCode: 0, stdout: '996 60\n', stderr: ''}}}
    expect(await said({...nginx, ...walked(walkChanging(/^staticfiles/, {gid: 60}))})).toEqual([
      'ok ok',
    ])
  })
})

describe('when nobody could look', () => {
  test('a user who may not list the directory', async () => {
    const host = withoutLists('healthy', {
      uid: 1000,
      ...walked(cannotLook(`${stateDirectory} may not be read`, true)),
    })
    await expect(codes(stateOwnership, host)).rejects.toMatchObject({
      name: 'CannotLook',
      privilege: true,
    })
  })

  test('a directory that stayed closed hides bad news, and what was seen is said', async () => {
    const unreadable = [`${stateDirectory}/media`]
    const hidden = withoutLists('healthy', {
      ...walked({...walkWith(entry => entry), unreadable}),
      readFile: {'/proc/self/mountinfo': {kind: 'file', text: '', size: 0}},
    })
    await expect(codes(stateOwnership, hidden)).rejects.toMatchObject({
      name: 'CannotLook',
      privilege: true,
    })
    expect(await said(walked({...walkChanging(/\/site\.css$/, root), unreadable}))).toEqual([
      'warning foreign-owner',
    ])
  })

  test('another mount that lets nobody look hides nothing, and is told', async () => {
    const unreadable = [`${stateDirectory}/é`]
    const line = (point: string) => `36 35 0:50 / ${point} rw,nosuid - fuse none rw`
    const said = (mountinfo: string) =>
      verdicts(
        stateOwnership,
        withoutLists('healthy', {
          ...walked({...walkWith(entry => entry), unreadable}),
          readFile: {'/proc/self/mountinfo': {kind: 'file', text: mountinfo, size: 0}},
        }),
      )
    expect(await said(line(`${stateDirectory}/é`))).toMatchObject([
      {
        status: 'ok',
        message: expect.stringMatching(
          /prism:prism; not looked into, as another mount: .*prism-django\/é$/,
        ),
      },
    ])
    await expect(said(line(`${stateDirectory}/other`))).rejects.toMatchObject({name: 'CannotLook'})
  })
})

describe('a million entries, which are counted', () => {
  const seen = (...args: Parameters<typeof countedWalk>) =>
    verdicts(stateOwnership, withoutLists('healthy', walked(countedWalk(...args))))
  const foreign = {...root, path: 'media/5/foreign.txt', apart: 'media'}

  test('all of them seen', async () => {
    const [finding] = await seen([])
    expect(finding).toMatchObject({status: 'ok'})
    expect(finding?.message).toContain(`all 1000002 entries of ${stateDirectory} belong to prism`)
  })

  test("one of them root's", async () => {
    const [finding] = await seen([foreign])
    expect(finding).toMatchObject({
      code: 'foreign-owner',
      message: `1 of 1000003 entries of ${stateDirectory} does not belong to prism:prism: ${stateDirectory}/media/5/foreign.txt (root:root)`,
    })
  })

  test('many of them, some of which are in the way', async () => {
    const closed = {...foreign, path: 'media/6/closed', mode: 0o600, count: 12_345}
    const [finding] = await seen([foreign, closed])
    expect(finding?.code).toBe('locked-out')
    expect(finding?.message).toContain('12346 of 1012348 entries')
    expect(finding?.message).toContain('media/6/closed (root:root) and 12344 more')
  })

  test('a compressed file is in the way among static files alone', async () => {
    const path = 'staticfiles/site.css.gz'
    expect(await seen([{...root, path, apart: 'staticfiles'}])).toMatchObject([
      {code: 'locked-out'},
    ])
    expect(await seen([{...root, path: 'media/a.gz', apart: 'media'}])).toMatchObject([
      {code: 'foreign-owner'},
    ])
  })

  test('lost+found, and what lies there', async () => {
    const apart = 'lost+found'
    const path = 'lost+found/#12'
    const others = [{...root, path: apart, apart, type: 'directory' as const}]
    expect(await seen([...others, {...root, path, apart, count: 9}])).toMatchObject([
      {status: 'ok'},
    ])
  })

  test('some of which nobody judged: that is no all-clear', async () => {
    await expect(seen([], 7)).rejects.toMatchObject({
      name: 'CannotLook',
      message: expect.stringContaining(`7 of 1000008 entries below ${stateDirectory}`),
    })
    expect(await seen([foreign], 7)).toMatchObject([{code: 'foreign-owner'}])
  })
})

describe('a file of SQLite, wherever it lies', () => {
  const path = '/opt/tool/legacy.sqlite3'
  const owned = (mode: number, alias = 'legacy'): Edits => ({
    django: said => ({
      ...said,
      databases: {
        ...said.databases,
        [alias]: {...said.databases.default, engine: 'django.db.backends.sqlite3', name: path},
      },
    }),
    stat: {
      '/opt': {...healthyStat(stateDirectory), ...root, mode: 0o755},
      '/opt/tool': {...healthyStat(stateDirectory), ...root, mode: 0o755},
      [path]: {...healthyStat(stateDirectory), ...root, type: 'file', mode},
    },
  })

  test("that is root's alone", async () => {
    const [finding] = await verdicts(stateOwnership, withoutLists('healthy', owned(0o600)))
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'locked-out',
      message: expect.stringContaining(path),
    })
  })

  test("that is root's, and there to be read", async () =>
    expect(await said(owned(0o644))).toEqual(['ok ok']))

  test('that holds everything, and cannot be written', async () =>
    expect(await said(owned(0o644, 'default'))).toEqual(['critical locked-out']))
})

test('media on a filesystem of its own is looked at, too', async () => {
  const media = `${stateDirectory}/media`
  const file = {path: 'a', type: 'file', mode: 0o600, nlink: 1, size: 1, mtime: 1, ...root}
  const edits: Edits = {
    stat: {[media]: {...healthyStat(media), dev: 4711}},
    walk: {[media]: {entries: [file], unreadable: [], truncated: false}},
  }
  const [finding] = await verdicts(stateOwnership, withoutLists('healthy', edits))
  expect(finding?.message).toContain(`${media}/a`)
})

test('a link of the service gives it nothing of root', async () => {
  const media = `${stateDirectory}/media`
  const shadow = {path: 'shadow', type: 'file', mode: 0o640, nlink: 1, size: 1, mtime: 1, ...root}
  const edits: Edits = {
    stat: {
      [media]: {...healthyStat(media), type: 'symlink', link: '/etc'},
      '/etc': healthyStat('/var/lib'),
    },
    walk: {'/etc': {entries: [shadow], unreadable: [], truncated: false}},
  }
  expect(await said(edits)).toEqual(['ok ok'])
})

describe('a directory outside the state directory', () => {
  const media = '/srv/site/media'
  const top = {...healthyStat(stateDirectory), mode: 0o755}
  const file = {path: 'photo.jpg', type: 'file', mode: 0o644, nlink: 1, size: 1, mtime: 1, ...root}
  const outside = (
    show: Record<string, string>,
    owner: object = {},
    setting = 'MEDIA_ROOT',
  ): Edits => ({
    django: said => ({...said, settings: {...said.settings, [setting]: media}}),
    show: {'prism-django.service': show},
    stat: {
      '/srv': {...top, ...root},
      '/srv/site': {...top, ...root},
      [media]: {...top, ...owner},
    },
    walk: {[media]: {entries: [file], unreadable: [], truncated: false}},
  })
  const judged = async (edits: Edits) =>
    (await verdicts(stateOwnership, withoutLists('healthy', edits))).map(finding => [
      'code' in finding ? finding.code : '',
      finding.remedy?.risk,
      finding.remedy?.steps[0]?.change?.kind,
      finding.remedy?.steps[0]?.shell,
    ])
  const command = `sudo find ${media} -xdev '(' -type d -o -type f -links 1 ')' -execdir chown -h prism:prism '{}' +`
  const environment = `PATH=/bin MEDIA_ROOT=${media}`

  test.each([
    {ReadWritePaths: `${stateDirectory} -${media}`},
    {ReadWritePaths: `${stateDirectory} /srv/site`},
    {Environment: environment},
  ])('that the unit names can be given back: %o', async show => {
    expect(await judged(outside(show))).toEqual([['foreign-owner', 'safe', 'own', command]])
  })

  test.each([{}, {WorkingDirectory: '/srv/site'}, {Environment: `DATA=${media}`}])(
    'that only the application names is shown, and left: %o',
    async show => {
      expect(await judged(outside(show))).toEqual([['foreign-owner', 'manual', undefined, command]])
    },
  )

  test("that is root's as a whole was meant so, unless the unit gives it to the service", async () => {
    const judgedStatic = (show: Record<string, string>) =>
      judged(outside(show, root, 'STATIC_ROOT'))
    expect(await judgedStatic({Environment: `PATH=/bin STATIC_ROOT=${media}`})).toEqual([
      ['ok', undefined, undefined, undefined],
    ])
    expect(await judgedStatic({ReadWritePaths: `${stateDirectory} ${media}`})).toEqual([
      ['locked-out', 'safe', 'own', command],
    ])
  })
})
