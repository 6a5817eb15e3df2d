import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Fact} from '../../report/fact.ts'
import {oncePerHost} from '../once-per-host.ts'
import {factOf} from './facts.ts'

/**
 * Below /proc/sys: what administrators set, and what neither counts nor follows from the memory of
 * the moment (tcp_mem, min_free_kbytes and threads-max do).
 */
const keys = `kernel/osrelease kernel/hostname kernel/pid_max kernel/sem kernel/shmmax kernel/shmall
kernel/shmmni kernel/core_pattern kernel/unprivileged_userns_clone kernel/yama/ptrace_scope
kernel/apparmor_restrict_unprivileged_userns kernel/panic kernel/dmesg_restrict
kernel/modules_disabled kernel/randomize_va_space kernel/sched_autogroup_enabled
kernel/unprivileged_bpf_disabled kernel/seccomp/actions_logged kernel/msgmax kernel/msgmnb
user/max_user_namespaces user/max_mnt_namespaces user/max_net_namespaces
fs/file-max fs/nr_open fs/aio-max-nr fs/protected_hardlinks fs/protected_symlinks
fs/protected_fifos fs/protected_regular fs/suid_dumpable fs/pipe-max-size fs/lease-break-time
fs/pipe-user-pages-soft fs/inotify/max_user_watches fs/inotify/max_user_instances
fs/inotify/max_queued_events fs/mqueue/queues_max fs/mount-max
vm/overcommit_memory vm/overcommit_ratio vm/overcommit_kbytes vm/swappiness vm/max_map_count
vm/dirty_ratio vm/dirty_bytes vm/dirty_background_ratio vm/dirty_background_bytes
vm/dirty_expire_centisecs vm/nr_hugepages vm/nr_overcommit_hugepages vm/oom_kill_allocating_task
vm/panic_on_oom vm/zone_reclaim_mode vm/mmap_min_addr vm/hugetlb_shm_group
vm/vfs_cache_pressure vm/admin_reserve_kbytes
net/core/somaxconn net/core/netdev_max_backlog net/core/rmem_max net/core/wmem_max
net/core/rmem_default net/core/wmem_default net/core/default_qdisc net/core/optmem_max
net/ipv4/ip_forward net/ipv4/ip_local_port_range net/ipv4/ip_local_reserved_ports
net/ipv4/ip_nonlocal_bind net/ipv4/ip_unprivileged_port_start net/ipv4/ip_default_ttl
net/ipv4/tcp_max_syn_backlog net/ipv4/tcp_syncookies net/ipv4/tcp_fin_timeout
net/ipv4/tcp_keepalive_time net/ipv4/tcp_keepalive_intvl net/ipv4/tcp_keepalive_probes
net/ipv4/tcp_tw_reuse net/ipv4/tcp_max_tw_buckets net/ipv4/tcp_abort_on_overflow
net/ipv4/tcp_congestion_control net/ipv4/tcp_fastopen net/ipv4/tcp_sack net/ipv4/tcp_timestamps
net/ipv4/tcp_window_scaling net/ipv4/tcp_rmem net/ipv4/tcp_wmem net/ipv4/tcp_retries2
net/ipv4/tcp_syn_retries net/ipv4/tcp_synack_retries net/ipv4/tcp_ecn net/ipv4/tcp_mtu_probing
net/ipv4/tcp_slow_start_after_idle net/ipv4/tcp_orphan_retries net/ipv4/icmp_echo_ignore_all
net/ipv4/conf/all/rp_filter net/ipv4/conf/all/forwarding net/ipv4/conf/all/route_localnet
net/ipv4/conf/all/accept_local net/ipv4/conf/lo/forwarding net/ipv4/conf/all/arp_ignore
net/ipv6/bindv6only net/ipv6/conf/all/disable_ipv6 net/ipv6/conf/default/disable_ipv6
net/ipv6/conf/lo/disable_ipv6 net/ipv6/conf/all/forwarding net/ipv6/ip_nonlocal_bind
net/netfilter/nf_conntrack_max net/unix/max_dgram_qlen`.split(/\s+/)

/** What says how strict the machine is with its processes, outside /proc/sys. */
const others: Readonly<Record<string, string>> = {
  '/sys/fs/selinux/enforce': 'selinux/enforce',
  '/sys/module/apparmor/parameters/enabled': 'apparmor/enabled',
  '/sys/kernel/mm/transparent_hugepage/enabled': 'transparent-hugepages',
}

/** What the kernel chooses by the memory that it finds at boot, which is a little other each time. */
const ofMemory = /^(?:user\/max_|fs\/file-max|fs\/inotify\/max_user_watches)/

function rounded(value: string): string {
  return /^\d{4,}$/.test(value) ? `about ${Number(Number(value).toPrecision(2))}` : value
}

/** The kernel, and what it is told (sysctl(8)); one question, since there are many. */
export const kernelSettings = oncePerHost(async (host: Host): Promise<readonly Fact[]> => {
  const paths = [...keys.map(key => `/proc/sys/${key}`), ...Object.keys(others)]
  const argv = ['grep', '-s', '-H', '-m', '1', '', '--', ...paths]
  const answer = await ifTold(host.exec(argv, {question: 'settings of the kernel'}))
  return (answer?.stdout ?? '').split('\n').flatMap(line => {
    const [, path = '', value = ''] = /^(\/[^:]+):(.*)$/.exec(line) ?? []
    if (path === '') return []
    const key = others[path] ?? path.slice('/proc/sys/'.length)
    return [factOf(`kernel/${key}`, path, ofMemory.test(key) ? rounded(value) : value)]
  })
})
