import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {loadChecks} from '../../src/engine/third-party.ts'
import {findTarget} from '../../src/facts/target/find.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {ok} from '../../src/report/finding.ts'
import {hand} from '../../src/report/step.ts'
import {critical, diagnosed, literalCheck, literalHost, statuses} from '../literal.ts'
import {cannotLook, machine} from '../machine.ts'

const unit = literalCheck('service/unit', ok('well'))
const isRoot = process.geteuid?.() === 0

// Not below the temporary directory: anybody may write there, and root loads nothing from it.
let directory = ''

beforeAll(() => {
  directory = mkdtempSync(isRoot ? '/var/lib/prism-doctor-test-' : '/tmp/prism-doctor-')
  chmodSync(directory, 0o755)
})

afterAll(() => rmSync(directory, {recursive: true, force: true}))

let count = 0

function written(text: string): string {
  count += 1
  const path = `${directory}/checks-${count}.mjs`
  writeFileSync(path, text, {mode: 0o644})
  return path
}

const explanation =
  "explanation: {why: 'Why.', asks: 'What.', findings: {low: {means: 'Low.', remedy: 'More.'}}, mistakenFor: ''}"

function check(rest: string, id = 'queue/length'): string {
  return `export const checks = [{id: '${id}', title: 'The queue is short', ${explanation}, ${rest}}]`
}

test('the worked example runs, and finds what it says', async () => {
  const source = fileURLToPath(new URL('../../docs/examples/backup.mjs', import.meta.url))
  const space = literalCheck('state/space', ok('well'))
  const checks = await loadChecks([written(readFileSync(source, 'utf8'))], [unit, space])
  const stat = {type: 'file', mode: 0o600, uid: 0, gid: 0, nlink: 1, size: 1, dev: 1} as const
  const host = (mtime: string | null) =>
    literalHost({
      list: async () => (mtime === null ? [] : ['prism.sql.zstd']),
      stat: async () => ({...stat, mtime: Date.parse(mtime ?? '')}),
      units: async () => [
        {LoadState: 'loaded', Environment: 'POSTGRES_DB=prism POSTGRES_USER=prism'},
      ],
    })
  const status = async (mtime: string | null) =>
    statuses(await diagnosed([unit, ...checks], {host: host(mtime)}))['backup/database']
  expect(await status('2026-11-23T02:00:00Z')).toBe('ok')
  expect(await status('2026-11-20T02:00:00Z')).toBe('warning')
  expect(await status(null)).toBe('critical')
})

describe('docs/writing-checks.md', () => {
  const read = (name: string): string =>
    readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
  const page = read('writing-checks.md')

  test('shows the example as it is', () => {
    expect(page).toContain(`\n\`\`\`js\n${read('examples/worker.mjs')}\`\`\`\n`)
  })

  test('names everything that a check is handed, is made of and says', async () => {
    const target = await findTarget(machine('healthy'), {unit: 'prism-django.service'})
    const host = literalHost()
    const names = [...Object.keys(target), ...Object.keys(host), 'resultOf']
    expect(names.filter(name => !new RegExp(`\`${name}[(\`]`).test(page))).toEqual([])
    const check = ['id', 'title', 'explanation', 'needs', 'run', 'facts']
    const said = ['code', 'status', 'message', 'evidence', 'since', 'remedy', 'because', 'metrics']
    const fact = ['name', 'source', 'value', 'secret', 'at']
    const fields = [...check, ...said, ...fact]
    expect(fields.filter(field => !page.includes(`\n| \`${field}\``))).toEqual([])
  })

  /** The example on the recorded machine of midship, to which a worker is added. */
  async function asked(worker: unknown, writtenAgo: number | null): Promise<readonly unknown[]> {
    const checks = await loadChecks([written(read('examples/worker.mjs'))], [unit])
    const now = machine('healthy').now()
    const host = machine('healthy', {
      unit: {'prism-celery-worker.service': worker},
      stat: {
        '/var/lib/prism-django/celerybeat-schedule':
          writtenAgo === null
            ? null
            : {
                ...{type: 'file', mode: 0o644, uid: 1, gid: 1, nlink: 1, size: 1, dev: 1},
                mtime: now - writtenAgo * 1000,
              },
      },
    })
    const report = await diagnosed([unit, ...checks], {host})
    return report.checks
      .slice(1)
      .map(({status, findings}) => `${status}: ${findings.map(({message}) => message).join()}`)
  }

  const running = {LoadState: 'loaded', ActiveState: 'active', Result: 'success'}

  test.each<[string, unknown, number | null, readonly unknown[]]>([
    [
      'is well',
      running,
      30,
      ['ok: prism-celery-worker.service is active', 'ok: celerybeat-schedule was written 30 s ago'],
    ],
    [
      'has never ticked',
      running,
      null,
      ['ok: prism-celery-worker.service is active', 'ok: there is no schedule yet'],
    ],
    [
      'is late',
      running,
      1800,
      [
        'ok: prism-celery-worker.service is active',
        'warning: celerybeat-schedule was last written 30 min ago',
      ],
    ],
    [
      'is stopped',
      {...running, ActiveState: 'failed', Result: 'exit-code'},
      1800,
      ['critical: prism-celery-worker.service is failed', expect.stringMatching(/^skipped: /)],
    ],
    [
      'is not there',
      {LoadState: 'not-found', ActiveState: 'inactive'},
      null,
      [
        'critical: systemd has no unit prism-celery-worker.service (not-found)',
        expect.stringMatching(/^skipped: /),
      ],
    ],
    [
      'was not looked at',
      cannotLook('systemd is not running'),
      null,
      ['unknown: systemd is not running', expect.stringMatching(/^skipped: /)],
    ],
  ])('its worker %s', async (_, worker, writtenAgo, said) => {
    expect(await asked(worker, writtenAgo)).toEqual(said)
  })
})

test('it needs ours, and is skipped until they pass', async () => {
  const cure = remedy('Repair it', 'manual', [hand('by hand')])
  const broken = literalCheck('service/unit', critical('missing', 'no unit', cure))
  const checks = await loadChecks(
    [written(check("needs: ['service/unit'], run: async () => { throw new Error('never') }"))],
    [broken],
  )
  expect(statuses(await diagnosed([broken, ...checks]))).toEqual({
    'service/unit': 'critical',
    'queue/length': 'skipped',
  })
})

describe('what it says is judged like what ours say', () => {
  test.each([
    ["({code: 'low', status: 'fine', message: 'x'})", /no verdict: 0\.status/],
    ["({code: 'Low', status: 'ok', message: 'x'})", /no verdict: 0\.code/],
    ['null', /no verdict/],
  ])('%s', async (answer, sentence) => {
    const checks = await loadChecks([written(check(`run: async () => ${answer}`))], [unit])
    const report = await diagnosed(checks)
    expect(report.checks[0]).toMatchObject({
      status: 'unknown',
      findings: [{message: expect.stringMatching(sentence)}],
    })
  })

  test('what it throws is unknown, and takes nothing along', async () => {
    const checks = await loadChecks(
      [written(check("run: () => { throw new Error('a bug') }"))],
      [unit],
    )
    expect(statuses(await diagnosed([unit, ...checks]))).toEqual({
      'service/unit': 'ok',
      'queue/length': 'unknown',
    })
  })

  test('its numbers stand in the report', async () => {
    const answer =
      "({code: 'ok', status: 'ok', message: 'x', metrics: [{name: 'length', value: 3, unit: '', direction: 'above', warning: 10}]})"
    const checks = await loadChecks([written(check(`run: async () => ${answer}`))], [unit])
    expect((await diagnosed(checks)).checks[0]?.metrics).toEqual([
      {name: 'length', value: 3, unit: '', direction: 'above', warning: 10},
    ])
  })

  test('a number that is called like a secret is refused, and one like a word is not', async () => {
    const named = (name: string): string =>
      `({code: 'ok', status: 'ok', message: 'x', metrics: [{name: '${name}', value: 3, unit: '', direction: 'above'}]})`
    const said = await Promise.all(
      ['of_canary7lamp', 'length'].map(async name => {
        const host = literalHost()
        for (const secret of ['canary7lamp', 'length']) host.secrets.add(secret)
        const [only] = await loadChecks([written(check(`run: async () => ${named(name)}`))], [unit])
        return JSON.stringify(await diagnosed(only ? [only] : [], {host}))
      }),
    )
    expect(said[0]).toMatch(/the name of a metric holds a secret/)
    expect(said[0]).not.toContain('canary7')
    expect(said[1]).toContain('"name":"length"')
  })

  test('a number that does not say on which side it is bad is refused', async () => {
    const answer =
      "({code: 'ok', status: 'ok', message: 'x', metrics: [{name: 'length', value: 3, unit: ''}]})"
    const [only] = (
      await diagnosed(await loadChecks([written(check(`run: async () => ${answer}`))], [unit]))
    ).checks
    expect(only?.findings[0]?.message).toMatch(/metrics\.0\.direction/)
  })

  test.each([
    [
      "unit: 'milliseconds', direction: 'above'",
      /metrics\.0\.unit: must be .* seconds, bytes, ratio/,
    ],
    ["unit: '', direction: 'above', warning: Infinity", /metrics\.0\.warning: must be a finite/],
  ])('a number that no monitor could use is refused: %s', async (members, why) => {
    const answer = `({code: 'ok', status: 'ok', message: 'x', metrics: [{name: 'length', value: 3, ${members}}]})`
    const checks = await loadChecks([written(check(`run: async () => ${answer}`))], [unit])
    const [only] = (await diagnosed(checks)).checks
    expect(only).toMatchObject({
      status: 'unknown',
      findings: [{message: expect.stringMatching(why)}],
    })
  })

  test('its remedies are printed and never run', async () => {
    const answer =
      "({code: 'low', status: 'warning', message: 'x', remedy: {summary: 'Do it', steps: [{shell: 'rm -rf /', argv: ['rm']}]}})"
    const checks = await loadChecks([written(check(`run: async () => ${answer}`))], [unit])
    expect((await diagnosed(checks)).checks[0]?.findings[0]?.remedy?.risk).toBe('manual')
  })
})

describe('what cannot be used is refused in one sentence', () => {
  const run = 'run: async () => []'
  test.each([
    ['syntax error(', /cannot be loaded/],
    ["throw new Error('the key is\\n  canary')", /cannot be loaded: the key is canary$/],
    ['export const checks = 5', /does not export checks/],
    [check(run, 'Queue'), /checks\.0\.id: must be "group\/name"/],
    [check(run, 'service/unit'), /there is a check service\/unit already/],
    [check(run, 'config/waivers'), /there is a check config\/waivers already/],
    [check(`needs: ['service/nothing'], ${run}`), /needs service\/nothing, which is no check/],
    [
      "export const checks = [{id: 'queue/length', title: 'The queue is short.'}]",
      /checks\.0\.(?:title|explanation)/,
    ],
  ])('%s', async (text, sentence) => {
    await expect(loadChecks([written(text)], [unit])).rejects.toThrow(sentence)
  })

  test.runIf(isRoot)(
    'as root, from what others can write, at any component, or behind a link',
    async () => {
      const path = written(check(run))
      chmodSync(path, 0o664)
      await expect(loadChecks([path], [])).rejects.toThrow('can be written by others than root')
      chmodSync(path, 0o644)
      symlinkSync(path, `${directory}/link.mjs`)
      await expect(loadChecks([`${directory}/link.mjs`], [])).rejects.toThrow(
        `${directory}/link.mjs leads by a symbolic link to ${path}`,
      )
      mkdirSync(`${directory}/open`)
      chmodSync(`${directory}/open`, 0o777)
      writeFileSync(`${directory}/open/checks.mjs`, check(run), {mode: 0o644})
      await expect(loadChecks([`${directory}/open/checks.mjs`], [])).rejects.toThrow(
        `${directory}/open can be written`,
      )
      await expect(loadChecks(['/etc/prism-doctor/nowhere.mjs'], [])).rejects.toThrow(
        'does not exist',
      )
      await expect(loadChecks(['/dev/null'], [])).rejects.toThrow(
        '/dev/null is no regular file; name a module in "checks"',
      )
    },
  )
})
