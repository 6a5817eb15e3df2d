import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {oncePerHost} from '../once-per-host.ts'
import {changedAt, factOf} from './facts.ts'

/**
 * Files of the administrator that decide how programs run, and that nothing writes by itself. What
 * they hold is not told, and none with passwords is among them.
 */
const single = `hosts nsswitch.conf host.conf gai.conf locale.conf default/locale timezone
sysctl.conf ld.so.conf modules ssl/openssl.cnf ca-certificates.conf selinux/config
security/limits.conf systemd/system.conf systemd/journald.conf systemd/resolved.conf
ssl/certs/ca-certificates.crt nftables.conf iptables/rules.v4 iptables/rules.v6 ufw/user.rules
ufw/user6.rules`.split(/\s+/)

const directories = `sysctl.d modprobe.d modules-load.d ld.so.conf.d security/limits.d tmpfiles.d
systemd/system.conf.d systemd/journald.conf.d systemd/resolved.conf.d apparmor.d/local
logrotate.d cron.d cron.daily`.split(/\s+/)

/** Bytes: a larger file is none that an administrator has written. */
const limit = '1024k'

/** The files below /etc that matter to every service, by what they hold. */
export const systemFiles = oncePerHost(async (host: Host): Promise<readonly Seen[]> => {
  const paths = [...single, ...directories].map(name => `/etc/${name}`)
  // One process finds them, and one reads them all; what is not there is no complaint.
  const find = [...paths, '-maxdepth', '1', '-type', 'f', '-size', `-${limit}`]
  const told = ['-printf', '%Ts %p\\n', '-exec', 'sha256sum', '--', '{}', '+']
  const argv = ['find', '-L', ...find, ...told]
  const answer = await ifTold(host.exec(argv, {question: 'files of the system'}))
  if (answer === null) return []
  const digests = answer.stdout.split('\n').flatMap(line => {
    const [, digest, path] = /^([0-9a-f]{64}) [ *](\/.*)$/.exec(line) ?? []
    return digest && path && !/\.dpkg-|~$/.test(path) ? [[path, digest] as const] : []
  })
  const times = new Map(
    [...answer.stdout.matchAll(/^(\d+) (\/.*)$/gm)].map(([, time, path = '']) => [
      path,
      Number(time),
    ]),
  )
  const facts = digests.map(([path, digest]) => {
    const mtime = (times.get(path) ?? 0) * 1000
    return factOf(path.slice(1), path, digest, {secret: true, ...changedAt({mtime})})
  })
  return [whole('etc/'), ...facts]
})
