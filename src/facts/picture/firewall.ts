import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {oncePerHost} from '../once-per-host.ts'
import {factOf} from './facts.ts'

/** Chains that programs fill by themselves: who was banned, which containers run. */
const ofPrograms =
  /^(?:f2b|fail2ban|sshguard|crowdsec|docker|br-|kube|cali|cni|lxc|libvirt|ufw-user)/i

/**
 * The rules of the kernel's packet filter by table and chain, in nft(8)'s own words and without its
 * counters. Sets are left out: most are filled by programs. Where only iptables is installed, its
 * rules.
 */
export const findFirewall = oncePerHost(async (host: Host): Promise<readonly Seen[]> => {
  const argv = ['nft', '--stateless', '--numeric', 'list', 'ruleset']
  const said = await ifTold(host.exec(argv, {question: 'firewall'}))
  if (said?.exitCode === 0)
    return [whole('firewall/'), ...facts('nft list ruleset', nftChains(said.stdout))]
  const iptables = await ifTold(host.exec(['iptables-save'], {question: 'firewall of iptables'}))
  // The older iptables-save says nothing, and that all is well, to whoever may not ask.
  return iptables?.exitCode === 0 && /^\*/m.test(iptables.stdout)
    ? [whole('firewall/'), ...facts('iptables-save', iptablesChains(iptables.stdout))]
    : []
})

type Chains = ReadonlyMap<string, readonly string[]>

function facts(source: string, chains: Chains): readonly Seen[] {
  return [...chains]
    .filter(([name]) => !ofPrograms.test(name.slice(name.lastIndexOf('/') + 1)))
    .map(([name, rules]) => factOf(`firewall/${name}`, source, rules.join('; ')))
}

/** `table inet filter {`, `chain input {`, the rules, and `}` for each. */
function nftChains(text: string): Chains {
  const chains = new Map<string, string[]>()
  let table = ''
  let chain: string[] | null = null
  let passed = 0
  for (const line of text.split('\n').map(each => each.trim())) {
    const [, found] = /^table (\S+ \S+) \{$/.exec(line) ?? []
    const [, name] = /^chain (\S+) \{$/.exec(line) ?? []
    if (found !== undefined) table = found
    else if (name !== undefined) {
      chain = []
      chains.set(`${table}/${name}`, chain)
    } else if (chain === null && /\{$/.test(line)) passed += 1
    else if (line === '}') {
      if (passed > 0) passed -= 1
      else chain = null
    } else if (chain && line !== '' && !ofPrograms.test(jumpIn(line)))
      chain.push(line.replace(/;$/, ''))
  }
  return chains
}

/** `*filter`, `:INPUT ACCEPT [0:0]`, `-A INPUT -p tcp -j ACCEPT`. */
function iptablesChains(text: string): Chains {
  const chains = new Map<string, string[]>()
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? []
    if (name !== undefined) chains.set(`${table}/${name}`, [`policy ${policy}`])
    const [, to = '', rule = ''] = /^-A (\S+) (.*)$/.exec(line) ?? []
    if (rule !== '' && !ofPrograms.test(jumpIn(rule))) chains.get(`${table}/${to}`)?.push(rule)
  }
  return chains
}

/** The chain that a rule leads to. */
function jumpIn(rule: string): string {
  return /(?:\bjump|\bgoto|-j|-g) (\S+)/.exec(rule)?.[1] ?? ''
}
