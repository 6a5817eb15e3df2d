import {describe, expect, test} from 'vitest'
import {parseConfig} from '../../src/cli/config.ts'
import type {Waiver} from '../../src/engine/waivers.ts'
import {CannotLook} from '../../src/host/host.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {ok} from '../../src/report/finding.ts'
import {render} from '../../src/report/reporters/index.ts'
import {hand} from '../../src/report/step.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {critical, diagnosed, literalCheck, statuses, symptom, warning} from '../literal.ts'

const cure = remedy('Repair it', 'manual', [hand('by hand')])
const unit = literalCheck('service/unit', ok('well'))
const superuser = literalCheck('app/superuser', warning('none', 'nobody may administer', cure))
const server = literalCheck('database/server', critical('refused', 'nobody listens', cure))
const app = literalCheck('http/app', symptom('refused', 'nobody answers', cure))

function waiver(check: string, more: Partial<Waiver> = {}): Waiver {
  return {check, status: 'warning', reason: 'accounts come from LDAP', until: '2026-12-31', ...more}
}

describe('a waived finding', () => {
  test('counts no more and is shown', async () => {
    const report = await diagnosed([unit, superuser], {waivers: [waiver('app/superuser')]})
    expect(report).toMatchObject({status: 'ok', rootCauses: [], counts: {ok: 2, warning: 0}})
    expect(report.checks[1]).toMatchObject({
      status: 'warning',
      waived: {reason: 'accounts come from LDAP', until: '2026-12-31'},
    })
    const text = await render(report, 'text', {
      verbose: false,
      privileged: true,
      terminal: plainTerminal,
    })
    expect(text).toContain('nobody may administer')
    expect(text).toContain('waived until 2026-12-31: accounts come from LDAP')
    expect(text).toContain('Nothing is wrong')
  })

  test('of one code, and no other', async () => {
    const both = literalCheck('app/deploy', [
      warning('debug', 'DEBUG is on', cure),
      warning('secret-key', 'short', cure),
    ])
    const one = await diagnosed([both], {waivers: [waiver('app/deploy', {finding: 'debug'})]})
    expect(one).toMatchObject({status: 'warning', rootCauses: ['app/deploy']})
    const two = [
      waiver('app/deploy', {finding: 'debug'}),
      waiver('app/deploy', {finding: 'secret-key'}),
    ]
    expect((await diagnosed([both], {waivers: two})).status).toBe('ok')
  })

  test('of several is shown as waived, and what is left counts', async () => {
    const both = literalCheck('state/modes', [
      critical('closed', 'nginx may not read it', cure),
      warning('tight', 'tighter than documented', cure),
    ])
    const waivers = [waiver('state/modes', {finding: 'closed', status: 'critical'})]
    const report = await diagnosed([both], {waivers})
    expect(report).toMatchObject({
      status: 'warning',
      rootCauses: ['state/modes'],
      counts: {critical: 0, warning: 1},
    })
    expect(report.checks[0]).toMatchObject({
      status: 'warning',
      waived: null,
      findings: [
        {code: 'tight', waived: null},
        {code: 'closed', waived: {reason: 'accounts come from LDAP', until: '2026-12-31'}},
      ],
    })
    const text = await render(report, 'text', {
      verbose: false,
      privileged: true,
      terminal: plainTerminal,
    })
    const [wrong, lived] = text.split('Waived')
    expect(wrong).toContain('tighter than documented')
    expect(wrong).not.toContain('nginx may not read it')
    expect(lived).toMatch(/state\/modes\n {4}nginx may not read it\n {4}waived until 2026-12-31/)
  })

  test('takes along what only it explains', async () => {
    const waivers = [waiver('database/server', {status: 'critical'})]
    const report = await diagnosed([server, app], {waivers})
    expect(report).toMatchObject({status: 'ok', rootCauses: []})
    const other = literalCheck('database/login', critical('denied', 'wrong password', cure))
    expect(await diagnosed([server, other, app], {waivers})).toMatchObject({
      rootCauses: ['database/login'],
      status: 'critical',
    })
  })
})

describe('a waiver is lifted', () => {
  test('on the day after its last one', async () => {
    // The literal machine lives on 2026-11-23.
    expect(
      (await diagnosed([superuser], {waivers: [waiver('app/superuser', {until: '2026-11-23'})]}))
        .status,
    ).toBe('ok')
    const report = await diagnosed([superuser], {
      waivers: [waiver('app/superuser', {until: '2026-11-22'})],
    })
    expect(report).toMatchObject({status: 'warning', rootCauses: ['app/superuser']})
    expect(report.checks[0]?.findings[0]?.evidence).toEqual([
      'was waived until 2026-11-22: accounts come from LDAP',
    ])
  })

  test('when it gets worse', async () => {
    const report = await diagnosed([server], {waivers: [waiver('database/server')]})
    expect(report).toMatchObject({status: 'critical', rootCauses: ['database/server']})
    expect(report.checks[0]?.findings[0]?.evidence[0]).toContain('is worse now')
  })
})

describe('a waiver that matches nothing', () => {
  test('is itself a warning', async () => {
    const report = await diagnosed([unit], {waivers: [waiver('service/unit', {finding: 'masked'})]})
    expect(report).toMatchObject({status: 'warning', rootCauses: ['config/waivers']})
    expect(report.checks.at(-1)?.findings[0]?.message).toBe(
      '1 waiver matches nothing: service/unit (masked)',
    )
  })

  test('but not while its check could not look, was skipped or was not run', async () => {
    const blind = literalCheck('app/superuser', new CannotLook('not root'))
    const later = literalCheck('app/deploy', ok('well'), {needs: [blind]})
    const waivers = [waiver('app/superuser'), waiver('app/deploy'), waiver('http/app')]
    const report = await diagnosed([blind, later], {waivers})
    expect(statuses(report)).toEqual({
      'app/superuser': 'unknown',
      'app/deploy': 'skipped',
      'config/waivers': 'ok',
    })
  })
})

describe('in the configuration', () => {
  const parse = (text: string) => parseConfig(text, 'config.toml')
  const whole = '[[waiver]]\ncheck = "app/superuser"\nreason = "LDAP"\n'

  test.each(['2026-12-31', '"2026-12-31"'])('until %s', async until => {
    expect(await parse(`${whole}until = ${until}\n`)).toEqual({
      waiver: [{check: 'app/superuser', reason: 'LDAP', until: '2026-12-31', status: 'warning'}],
    })
  })

  test.each([
    ['until = "soon"\n', /^config\.toml:4: "waiver\.0\.until" must be a day like 2026-12-31/],
    [
      'until = "2026-02-31"\n',
      /^config\.toml:4: "waiver\.0\.until" must be a day that the calendar has/,
    ],
    ['', /^config\.toml:1: "waiver\.0\.until" is missing; add it/],
    [`until = 2026-12-31\n\n${whole}`, /^config\.toml:6: "waiver\.1\.until" is missing; add it/],
    [
      `until = 2026-12-31\nstatus = "critical"\n${whole}status = 3\nuntil = 2026-12-31\n`,
      /^config\.toml:9: "waiver\.1\.status" must be "warning" or "critical"/,
    ],
    ['until = 2026-12-31\nsince = 1\n', /^config\.toml:5: unknown key "waiver\.0\.since"/],
    [
      'until = 2026-12-31\nstatus = "unknown"\n',
      /^config\.toml:5: "waiver\.0\.status" must be "warning" or "critical"/,
    ],
  ])('%j is refused', async (text, sentence) => {
    await expect(parse(whole + text)).rejects.toThrow(sentence)
  })
})
