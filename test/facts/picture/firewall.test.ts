import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {findFirewall} from '../../../src/facts/picture/firewall.ts'
import {CannotLook, type ExecAnswer} from '../../../src/host/host.ts'
import {whole} from '../../../src/report/fact.ts'
import {literalHost} from '../../literal.ts'

const real = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

const shown = async (programs: Readonly<Record<string, Partial<ExecAnswer>>>) => {
  const host = literalHost({
    exec: async ([program = '']) => {
      const answer = programs[program]
      if (!answer) throw new CannotLook(`${program} is not installed`)
      return {exitCode: 0, stdout: '', stderr: '', ...answer}
    },
  })
  const seen = await findFirewall(host)
  return seen.map(each => ('whole' in each ? each : [each.name, each.value]))
}

test('rules by chain, without what programs put there themselves', async () => {
  expect(await shown({nft: {stdout: real('nft.stdout')}})).toEqual([
    whole('firewall/'),
    [
      'firewall/inet filter/input',
      'type filter hook input priority 0; policy drop; ct state 0x2,0x4 accept; iif "lo" accept; tcp dport { 22, 80, 443 } counter accept; ip saddr @blocked drop',
    ],
    ['firewall/inet filter/output', 'type filter hook output priority 0; policy accept'],
  ])
})

test('of iptables where that is all there is', async () => {
  expect(await shown({'iptables-save': {stdout: real('iptables.stdout')}})).toEqual([
    whole('firewall/'),
    ['firewall/filter/INPUT', 'policy DROP; -p tcp -m tcp --dport 80 -j ACCEPT'],
    ['firewall/filter/FORWARD', 'policy ACCEPT'],
    ['firewall/filter/OUTPUT', 'policy ACCEPT'],
  ])
})

test('nothing where nobody may ask: no rule is gone then', async () => {
  const refused = {exitCode: 1, stderr: 'Operation not permitted'}
  expect(await shown({nft: refused, 'iptables-save': refused})).toEqual([])
  // iptables-legacy-save 1.8.9 without CAP_NET_ADMIN.
  expect(await shown({nft: refused, 'iptables-save': {exitCode: 0}})).toEqual([])
  expect(await shown({})).toEqual([])
})
