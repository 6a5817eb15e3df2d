import {run, shutDown, start, waitForBoot} from '../container/container.ts'
import {parse, type Trial} from '../container/trials.ts'
import {firewallTrials} from './changes-firewall.ts'
import {type Deployment, deployments} from './deployments.ts'
import {checkHealth} from './health.ts'
import {boot} from './machine.ts'
import {harbour} from './paths.ts'

interface Told {
  readonly events: readonly {readonly changes: readonly {readonly name: string}[]}[]
}

/** What a run finds wrong, and what the history says has changed in all of them. */
async function look(instance: number, {unit}: Deployment): Promise<readonly string[]> {
  const argv = ['prism-doctor', '--unit', unit, '--json', '--timeout', '30']
  const {stdout, stderr} = await run(instance, argv, {timeout: 60})
  const {status, rootCauses} = parse(stdout, stderr)
  if (status !== 'ok') throw new Error(`${status}: ${rootCauses.join(' ')}`)
  const history = await run(instance, ['prism-doctor', 'history', '--unit', unit, '--json'])
  const {events} = JSON.parse(history.stdout) as Told
  return events.flatMap(({changes}) => changes.map(({name}) => name))
}

/** A site that is restarted, visited and rebooted: nothing of it has changed. */
function unchanged(deployment: Deployment): Trial {
  const {name, unit, front} = deployment
  return {
    name: `unchanged-${name}`,
    async attempt(instance) {
      await boot(instance, deployment)
      await look(instance, deployment)
      const restart = ['systemctl', 'restart', unit, front]
      const {exitCode, stderr} = await run(instance, restart, {timeout: 120})
      if (exitCode !== 0) throw new Error(stderr)
      await checkHealth(instance, deployment)
      const restarted = await look(instance, deployment)
      await shutDown(instance)
      await start(instance, harbour)
      await waitForBoot(instance)
      await checkHealth(instance, deployment)
      const changes = [...restarted, ...(await look(instance, deployment))]
      if (changes.length > 0) throw new Error(changes.join(' '))
    },
  }
}

export const changeTrials: readonly Trial[] = [...deployments.map(unchanged), ...firewallTrials]
