import type {Session} from '../../src/cli/session.ts'
import type {Hands} from '../../src/host/hands.ts'
import type {Host} from '../../src/host/host.ts'
import {once} from '../../src/host/once.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import type {Report} from '../../src/report/report.ts'
import {fixture} from '../machine.ts'
import {deploy} from './deployment.ts'
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
  readonly remove: () => Promise<void>
}

/**
 * @param laidOut is handed what removes the deployment, as soon as there is something to remove.
 */
export async function breakDeployment(
  fault: DemoFault,
  laidOut: (remove: () => Promise<void>) => void = () => undefined,
): Promise<Broken> {
  const recording = fixture(fault.recording)
  const healthy = fixture('healthy')
  const deployment = await deploy(recording, healthy)
  const {root, web, remove} = deployment
  laidOut(remove)
  try {
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
  return {session, hands: machine.hands, root, today, remove}
}
