import {run} from '../container/container.ts'
import {parse, type Trial} from '../container/trials.ts'
import {install, start} from '../midship/installed-unit.ts'
import {shell} from '../midship/shell.ts'
import {deploymentOf} from './deployments.ts'
import {boot} from './machine.ts'

const ledger = deploymentOf('ledger')
const name = 'firewall/inet filter/input'

/** A rule by nft(8), in the container's own network namespace. */
const rule = (rest: string): string => `nft add rule inet filter input ${rest}`

/** What an administrator has at first: a chain that lets everything in. */
const chain = `
  nft add table inet filter
  nft add chain inet filter input '{ type filter hook input priority 0; policy accept; }'`

async function booted(instance: number): Promise<void> {
  await boot(instance, ledger)
  await shell(instance, chain)
}

/** What a run by hand finds wrong, and what it says has changed. */
async function look(instance: number): Promise<{causes: string; changes: readonly string[]}> {
  const argv = ['prism-doctor', '--unit', ledger.unit, '--json', '--timeout', '30']
  const {stdout, stderr} = await run(instance, argv, {timeout: 60})
  const {rootCauses, history} = parse(stdout, stderr)
  const changes = (history?.changes ?? []).map(change => `${change.name} ${change.new}`)
  return {causes: rootCauses.join(' '), changes}
}

function expectSame(what: string, found: unknown, expected: unknown): void {
  const [said, wanted] = [found, expected].map(each => JSON.stringify(each))
  if (said !== wanted) throw new Error(`${what}: ${said}, expected ${wanted}`)
}

const dropped = (port: number): string =>
  `${name} type filter hook input priority 0; policy accept; tcp dport ${port} drop`

/** A rule that nobody told anybody of keeps visitors, or the service, from a port. */
function closed(what: string, port: number, cause: string): Trial {
  return {
    name: `firewall-${what}`,
    async attempt(instance) {
      await booted(instance)
      expectSame('before', await look(instance), {causes: '', changes: []})
      await shell(instance, rule(`tcp dport ${port} drop`))
      expectSame('after', await look(instance), {causes: cause, changes: [dropped(port)]})
    },
  }
}

/** What the history says has changed, the oldest first. */
async function told(instance: number): Promise<readonly string[]> {
  const argv = ['prism-doctor', 'history', '--unit', ledger.unit, '--json']
  const {events} = JSON.parse((await run(instance, argv)).stdout) as {
    events: {changes: {name: string; new: string}[]}[]
  }
  return events.toReversed().flatMap(({changes}) => changes.map(each => `${each.name} ${each.new}`))
}

/** The timer's service may not ask for the rules: it says nothing of them, whatever they are. */
const unseen: Trial = {
  name: 'firewall-unseen-by-the-timer',
  async attempt(instance) {
    await booted(instance)
    await install(instance)
    const timer = `prism-doctor@${ledger.name}.service`
    expectSame('by hand', await look(instance), {causes: '', changes: []})
    await start(instance, timer)
    expectSame('the timer', await told(instance), [])
    await shell(instance, rule('tcp dport 9 drop'))
    await shell(instance, `systemctl stop ${ledger.unit}`)
    await start(instance, timer)
    expectSame('the timer, stopped', await told(instance), ['unit/wanted stopped'])
    expectSame('by hand, stopped', await look(instance), {
      causes: 'service/active',
      changes: ['unit/wanted stopped', dropped(9)],
    })
  },
}

/** What nft of Debian tells in a container that has packet filters of its own. */
export const firewallTrials: readonly Trial[] = [
  closed('front', 80, 'http/proxy'),
  closed('database', 5432, 'database/server'),
  unseen,
]
