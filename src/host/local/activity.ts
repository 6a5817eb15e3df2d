import type {Activity} from '../activity.ts'
import {CannotLook} from '../host.ts'
import {inSeconds, within} from '../time-left.ts'
import type {Question} from './activity-child.ts'
import {startChild} from './child.ts'
import {environment, findProgram} from './exec.ts'

/** Host.activity */
export async function activity(group: string): Promise<Activity> {
  if (process.geteuid?.() !== 0)
    throw new CannotLook('only root sees what the processes of others wait for', {privilege: true})
  if (!group.startsWith('/')) throw new CannotLook('the unit has no control group')
  const child = startChild('activity-child')
  const limit = within(5000)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CannotLook(`/proc did not tell within ${inSeconds(limit)} what ${group} does`))
    }, limit)
  })
  const question: Question = {group, ss: ssOf(), environment}
  try {
    return (await Promise.race([child.ask(question), late])) as Activity
  } finally {
    clearTimeout(timer)
    child.kill()
  }
}

function ssOf(): string | null {
  try {
    return findProgram('ss')
  } catch {
    return null
  }
}
