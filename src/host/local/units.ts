import {CannotLook, type UnitProperties} from '../host.ts'
import {parseShow} from '../unit.ts'
import {exec} from './exec.ts'

/**
 * One `systemctl show` for several units. Properties are asked for by name, since systemctl leaves
 * out those that its version does not know.
 */
export async function units(
  names: readonly string[],
  properties: readonly string[],
): Promise<readonly UnitProperties[]> {
  const question = ['systemctl', 'show', '--no-pager', '--timestamp=us+utc']
  const answer = await exec([...question, `--property=${properties.join(',')}`, '--', ...names])
  if (answer.exitCode !== 0) {
    const [said = ''] = answer.stderr.trim().split('\n')
    throw new CannotLook(`systemctl cannot ask systemd: ${said || `exit code ${answer.exitCode}`}`)
  }
  const shown = parseShow(answer.stdout)
  const missing = names[shown.length]
  if (missing !== undefined) {
    // In a chroot, or without /proc, it ends well and ignores what it is asked.
    const [said = ''] = answer.stderr.trim().split('\n')
    throw new CannotLook(`systemctl says nothing of ${missing}${said && `: ${said}`}`)
  }
  return shown
}
