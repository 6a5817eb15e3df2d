import {checks} from '../../src/checks/index.ts'
import type {Session} from '../../src/cli/session.ts'
import {diagnose, type Look} from '../../src/engine/diagnose.ts'
import {memory} from '../../src/history/remember.ts'
import type {Hands} from '../../src/host/hands.ts'
import type {Host} from '../../src/host/host.ts'
import {once} from '../../src/host/once.ts'
import type {Recording} from '../../src/host/recording.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import type {Report} from '../../src/report/report.ts'
import {fixture} from '../machine.ts'
import {type Deployment, deploy} from './deployment.ts'
import type {DemoFault} from './faults.ts'
import {demoMachine} from './host.ts'

/** A deployment that is laid out and broken, with what looks at it and what repairs it. */
export interface Broken {
  readonly session: Session
  readonly hands: Hands
  /** The directory that stands for `/`. */
  readonly root: string
  /** A report at the time of whoever watches: the recorded machine has its own. */
  readonly today: (report: Report) => Report
  /** Remembers the healthy deployment as of an hour ago; only where that was wanted. */
  readonly remember: ((look: Look) => Promise<Report>) | null
  readonly remove: () => Promise<void>
}

/** Milliseconds: so long ago all was well. */
const before = 3_600_000

/**
 * @param wantsHistory Whether the deployment is looked at before it is broken, too.
 * @param laidOut is handed what removes the deployment, as soon as there is something to remove.
 */
export async function breakDeployment(
  fault: DemoFault,
  laidOut: (remove: () => Promise<void>) => void = () => undefined,
  wantsHistory = false,
): Promise<Broken> {
  const recording = fixture(fault.recording)
  const healthy = fixture('healthy')
  const deployment = await deploy(wantsHistory ? healthy : recording, healthy)
  const {root, web, remove} = deployment
  laidOut(remove)
  try {
    if (wantsHistory) await lookAtHealthy(healthy, deployment)
    await fault.break(deployment)
  } catch (error) {
    await remove()
    throw error
  }
  // What is broken may keep the application from starting: that is the point.
  await web.start().catch(() => undefined)
  const secrets = createSecrets()
  const machine = demoMachine(recording, healthy, deployment, secrets)
  const again = (): Host => once(machine.host())
  const session = {
    host: again(),
    again,
    hostname: recording.host,
    isRecorded: false,
    settings: {unit: 'prism-django.service'},
    config: {},
    secrets,
    deadline: 30_000,
    close: machine.close,
  }
  const late = Date.now() - Date.parse(recording.recordedAt)
  const moved = (time: string): string => new Date(Date.parse(time) + late).toISOString()
  const today = (report: Report): Report => ({
    ...report,
    startedAt: moved(report.startedAt),
    checks: report.checks.map(check => ({
      ...check,
      findings: check.findings.map(finding => ({
        ...finding,
        since: finding.since === null ? null : moved(finding.since),
      })),
    })),
  })
  const remember = wantsHistory ? rememberAt(root, Date.now()) : null
  return {session, hands: machine.hands, root, today, remember, remove}
}

/** What a run of the timer would have found before. */
async function lookAtHealthy(healthy: Recording, deployment: Deployment): Promise<void> {
  const secrets = createSecrets()
  await deployment.web.start()
  const machine = demoMachine(healthy, healthy, deployment, secrets)
  const report = await diagnose({
    host: once(machine.host()),
    hostname: healthy.host,
    checks,
    settings: {unit: 'prism-django.service'},
    deadline: 30_000,
    remember: rememberAt(deployment.root, Date.now() - before),
  })
  await deployment.web.stop()
  if (report.status !== 'ok') throw new Error(`it is not healthy: ${report.rootCauses.join(', ')}`)
}

/** The recorded machine has a time of its own. */
function rememberAt(root: string, now: number): (look: Look) => Promise<Report> {
  const remember = memory({directory: `${root}/var/lib/prism-doctor`, isWhole: true})
  return look => remember({...look, host: {...look.host, now: () => now}})
}
