import {describe, expect, test} from 'vitest'
import {mend, or, remedy} from '../../../src/remedies/remedy.ts'
import type {Remedy} from '../../../src/report/finding.ts'
import {exitCodes, type Report} from '../../../src/report/report.ts'
import {render} from '../../../src/report/reporters/index.ts'
import {hand, run} from '../../../src/report/step.ts'
import {plainTerminal} from '../../../src/report/terminal.ts'
import {critical, diagnosed, literalCheck} from '../../literal.ts'
import {monitored} from '../../monitored.ts'
import {reports, still} from '../../reports.ts'

process.env.TZ = 'UTC'

const options = {verbose: false, privileged: false, terminal: plainTerminal}

describe.each(Object.entries(reports))('%s', (name, make) => {
  const variants = {
    '.verbose': {...options, verbose: true},
    '.narrow': {...options, terminal: {...plainTerminal, width: 40, unicode: false}},
  }
  test.each(Object.entries(variants))('%s', async (variant, given) => {
    const report = still(await make())
    await expect(await render(report, 'text', given)).toMatchFileSnapshot(
      `../../snapshots/${name}${variant}.${exitCodes[report.status]}.text`,
    )
  })
})

test.each(['failed', 'fixed', 'waived', 'measured'] as const)('%s', async name => {
  const report = still(await monitored[name]())
  const file = `../../snapshots/${name}.${exitCodes[report.status]}.text`
  await expect(await render(report, 'text', options)).toMatchFileSnapshot(file)
})

test('one cause fits on a screen of 24 lines', async () => {
  for (const name of ['one', 'warning', 'unprivileged', 'unknown'] as const) {
    const text = await render(await reports[name](), 'text', options)
    expect(text.split('\n').length, name).toBeLessThanOrEqual(24)
  }
})

test('a healthy host gets one line', async () => {
  expect((await render(still(await reports.healthy()), 'text', options)).split('\n')).toHaveLength(
    2,
  )
})

test.each(['planned', 'declined', 'refused', 'verified', 'ineffective'] as const)(
  'what became of a step (%s) comes after the verdict',
  async outcome => {
    const report = await reports.one()
    const step = {check: 'x', shell: 'sudo step', risk: 'safe' as const, outcome, reason: null}
    const before = {status: report.status, rootCauses: report.rootCauses}
    const fix = {run: 'RUN', dryRun: false, before, steps: [step]}
    const text = await render({...report, fix}, 'text', options)
    const wasDone = outcome === 'verified' || outcome === 'ineffective'
    expect(text.split('\n')[0]).toMatch(
      wasDone ? /^✖ One thing is still wrong, / : /^✖ One thing is wrong, /,
    )
    expect(text.indexOf('sudo step')).toBeGreaterThan(text.indexOf('explain database/server'))
    expect(/undo RUN/.test(text)).toBe(wasDone)
  },
)

test.each([
  ['planned', false],
  ['declined', false],
  ['refused', true],
  ['failed', true],
] as const)(
  'below a plan on the same terminal a step that is %s is said: %s',
  async (outcome, isSaid) => {
    const report = await reports.one()
    const step = {check: 'x', shell: 'sudo step', risk: 'safe' as const, outcome, reason: 'so'}
    const before = {status: report.status, rootCauses: report.rootCauses}
    const fix = {run: null, dryRun: false, before, steps: [step]}
    const text = await render({...report, fix}, 'text', {...options, isPlanShown: true})
    expect(text.includes('sudo step')).toBe(isSaid)
  },
)

test('a run after which nothing is wrong says so first', async () => {
  const report = await reports.healthy()
  const step = {check: 'x', shell: 'sudo step', risk: 'safe' as const, reason: null}
  const steps = [{...step, outcome: 'verified' as const}]
  const before = {status: 'critical' as const, rootCauses: ['x']}
  const fix = {run: 'RUN', dryRun: false, before, steps}
  const text = await render({...report, fix}, 'text', options)
  expect(text).toMatch(/^✔ Nothing is wrong any more · [\s\S]*sudo step[\s\S]*undo RUN/)
  const untouched = {...fix, before: {status: 'ok' as const, rootCauses: []}, steps: []}
  expect(await render({...report, fix: untouched}, 'text', options)).toMatch(
    /^✔ Nothing is wrong · /,
  )
})

test('a recording is not taken for this machine, nor its time for now', async () => {
  const recorded = {...options, isRecorded: true}
  const first = async (make: () => Promise<Report>): Promise<string> =>
    (await render(still(await make()), 'text', recorded)).split('\n')[0] ?? ''
  expect(await first(reports.one)).toBe(
    '✖ One thing is wrong in this recording of 23 Nov 2026 08:00, since 03:12',
  )
  expect(await first(reports.healthy)).toMatch(
    /^✔ Nothing is wrong in this recording of 23 Nov 2026 08:00 · midship$/,
  )
  expect(await first(reports.unknown)).toMatch(/^\? Nothing .* in this recording of 23 Nov 2026/)
})

test('nothing but commands, Nix and unbreakable words is wider than the terminal', async () => {
  for (const make of Object.values(reports)) {
    for (const width of [40, 60, 80, 120]) {
      const text = await render(await make(), 'text', {
        ...options,
        verbose: true,
        terminal: {...plainTerminal, width},
      })
      const wide = text
        .split('\n')
        .filter(
          line =>
            line.length > width && !/^ {4,7}\S|^ +More: /.test(line) && line.trim().includes(' '),
        )
      expect(wide).toEqual([])
    }
  }
})

test('a command is never broken, and quoted so that it can be pasted', async () => {
  const path = `/var/lib/prism-django/${'long name/'.repeat(12)}`
  const broken = critical(
    'owner',
    'it belongs to root',
    remedy('Give it back', 'safe', [run('chown', '-h', 'prism:prism', path)]),
  )
  const text = await render(
    await diagnosed([literalCheck('state/ownership', broken)]),
    'text',
    options,
  )
  expect(text).toContain(`\n    sudo chown -h prism:prism '${path}'\n`)
})

test('what comes from outside cannot act on the terminal', async () => {
  const evil = 'a\x1b[2J\x1b]0;title\x07\x9b31m\u202eb\ud800'
  const broken = critical(
    'evil',
    evil,
    remedy(evil, 'manual', [{shell: `rm ${evil}\nsecond line`, argv: null}], `x = "${evil}";`),
    {evidence: [`this is the evidence ${evil}`]},
  )
  const report = await diagnosed(
    [literalCheck('a/evil', broken), literalCheck('b/evil', new Error(evil))],
    {
      hostname: `mid\nship${evil}`,
    },
  )
  const text = await render(report, 'text', {...options, verbose: true})
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
  expect(text).toContain('\n    second line\n')
  expect(text.split('\n').slice(-3).join(' ')).toContain('mid ship')
})

test('every bad finding of a root cause is shown, a remedy that they share once', async () => {
  const text = await render(await reports.warning(), 'text', options)
  expect(text).toContain('media belongs to root')
  expect(text).toContain('media/a.png belongs to uid 1000')
  expect(text.match(/sudo chown/g)).toHaveLength(1)
})

test('colour where it is wanted', async () => {
  const text = await render(await reports.one(), 'text', {
    ...options,
    terminal: {...plainTerminal, colours: 1},
  })
  expect(text).toMatch(/^\x1b\[31m\x1b\[1m✖ One thing is wrong/)
  expect(text).toContain('\x1b[36msudo systemctl start postgresql.service\x1b[39m')
  const plain = still(await reports.one())
  const painted = await render(plain, 'text', {
    ...options,
    terminal: {...plainTerminal, colours: 1},
  })
  expect(painted.replaceAll(/\x1b\[\d+m/g, '')).toBe(await render(plain, 'text', options))
})

describe('what makes a remedy last', () => {
  const means = (text: string, file: string | null, nix: string | null = null) => ({
    steps: nix === null ? [hand('sudoedit /etc/shop/env')] : [run('nixos-rebuild', 'switch')],
    nix,
    lasting: {file, text},
    next: null,
  })
  const textOf = async (...cures: readonly Remedy[]): Promise<string> => {
    const said = cures.map((cure, at) => critical(`c${at}`, `broken ${at}`, cure))
    return render(await diagnosed([literalCheck('app/settings', said)]), 'text', options)
  }

  test('stands below the steps, with its file; other ways come after', async () => {
    const other = mend('Use the socket', means('POSTGRES_HOST=/run/postgresql', null))
    expect(
      await textOf(or(mend('Set the password', means('PASSWORD=…', '/etc/shop/env')), other)),
    ).toContain(
      [
        '  Set the password',
        '    sudoedit /etc/shop/env',
        '  To keep it, in /etc/shop/env',
        '    PASSWORD=…',
        '  Or: Use the socket',
        '    sudoedit /etc/shop/env',
        '  To keep it',
        '    POSTGRES_HOST=/run/postgresql',
        '',
      ].join('\n'),
    )
  })

  test('on NixOS two lists for one option are one assignment', async () => {
    const groups = (...names: readonly string[]): string =>
      `users.users.nginx.extraGroups = [ ${names.map(name => `"${name}"`).join(' ')} ];`
    const [one, two] = [groups('prism'), groups('redis')]
    const text = await textOf(
      mend('Join one', means(one, null, one)),
      mend('Join the other', means(two, null, two)),
    )
    expect(text.split('\n').filter(line => line.includes('extraGroups'))).toEqual([
      `    ${groups('prism', 'redis')}`,
    ])
    expect(text).toContain('  Join the other\n  In the NixOS configuration, as above\n  Then\n')
  })
})
