import {type Fault, fault} from '../../container/fault.ts'

/** A module that urls.py imports does this. */
const importing = (python: string): string => `
      edit_package sh -c 'cat > lighthouse/lens.py; sed -i "1i import lighthouse.lens" prism/urls.py' <<'EOF'
${python}
EOF`

const hardening = [
  'LimitNOFILE=256',
  'MemoryDenyWriteExecute=true',
  'MemoryMax=600M',
  'PrivateUsers=true',
  'ProcSubset=pid',
  'ProtectControlGroups=true',
  'ProtectProc=invisible',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'RestrictNamespaces=true',
  'SystemCallErrorNumber=EPERM',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
]

const harden = `edit_unit '/^WorkingDirectory=/a ${hardening.join('\\n')}'`

/** The sandbox of the unit keeps the application from starting; nothing else is wrong. */
const wall = (name: string, title: string, inject: string, message: RegExp): Fault =>
  fault(`sandbox-${name}`, title, {
    inject: `${inject}
      systemctl restart --no-block $unit
      until_true 40 waits_for_retry`,
    broken: 'waits_for_retry && ! answers 200',
    expect: {exit: 2, rootCauses: ['app/settings'], message},
  })

export const sandbox: readonly Fault[] = [
  wall(
    'executable-memory',
    'A library wants memory that it may write and execute',
    `${importing('import mmap\n\nmmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)')}
      add_to_unit MemoryDenyWriteExecute=true`,
    /MemoryDenyWriteExecute=yes of \S+ keeps Django from starting: PermissionError: .*lens\.py:3/,
  ),
  wall(
    'executable-memory-of-many',
    'The same in a unit that has nearly every setting',
    `${importing('import mmap\n\nmmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)')}
      ${harden}`,
    /MemoryDenyWriteExecute=yes of \S+ keeps/,
  ),
  wall(
    'home',
    'The package lies in a home',
    `
      new=/home/keeper/app; mkdir -p /home/keeper; cp -r "$package" $new; chmod -R u+w $new
      grep -rlF "$package" $new | xargs -r sed -i "s,$package,$new,g"
      sed "s,$package,$new,g" "$pre_start" > $new/pre-start; chmod 0755 $new/pre-start
      edit_unit "s,$package,$new,g; s,^ExecStartPre=.*,ExecStartPre=$new/pre-start,"`,
    /ProtectHome=yes of \S+ keeps Django from starting: .*\/home\/keeper\/app/,
  ),
  wall(
    'home-of-script',
    'Only the script that runs before the start lies in a home',
    `
      mkdir -p /home/keeper; cp "$pre_start" /home/keeper/pre-start; chmod 0755 /home/keeper/pre-start
      edit_unit "s,^ExecStartPre=.*,ExecStartPre=/home/keeper/pre-start,"`,
    /ProtectHome=yes of \S+ keeps Django from starting: .*\/home\/keeper\/pre-start/,
  ),
  wall(
    'address-family',
    'The application opens a socket of a family that the unit does not allow',
    `${importing('import socket\n\nsocket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()')}
      add_to_unit 'RestrictAddressFamilies=AF_UNIX AF_INET'`,
    /RestrictAddressFamilies=.* keeps Django from starting: .*not supported by protocol/,
  ),
  wall(
    'system-call',
    'The application lowers its priority, which the unit forbids',
    `${importing('import os\n\nos.setpriority(os.PRIO_PROCESS, 0, 5)')}
      edit_unit '/^WorkingDirectory=/a SystemCallFilter=@system-service\\nSystemCallFilter=~@resources'`,
    /SystemCallFilter= of \S+ keeps Django from starting: PermissionError: .*lens\.py:3/,
  ),
  wall(
    'proc',
    'The application reads how much memory there is',
    `${importing("with open('/proc/meminfo') as file:\n    file.readline()")}
      add_to_unit ProcSubset=pid`,
    /ProcSubset=pid of \S+ keeps Django from starting: .*'\/proc\/meminfo'/,
  ),
  wall(
    'device',
    'The application opens what lies in /dev',
    `
      touch /dev/lamp; chmod 0666 /dev/lamp${importing("with open('/dev/lamp') as file:\n    file.readline()")}`,
    /PrivateDevices=yes of \S+ keeps Django from starting: .*'\/dev\/lamp'/,
  ),
  wall(
    'written',
    'The application keeps a log of its own where the sandbox is read-only',
    `
      install -o prism -g prism /dev/null /var/log/lighthouse.log${importing("open('/var/log/lighthouse.log', 'a').close()")}`,
    /ProtectSystem=strict of \S+ keeps Django from starting: .*Read-only file system: '\/var\/log\/lighthouse\.log'/,
  ),
  wall(
    'temporary',
    'There is no directory for temporary files',
    'edit_unit s/^PrivateTmp=.*/PrivateTmp=false/',
    /ProtectSystem=strict of \S+ keeps Django from starting: .*No usable temporary directory/,
  ),
  wall(
    'open-files',
    'The application opens more files than the unit may',
    `${importing('import socket\n\npool = [socket.socket() for _ in range(64)]')}
      add_to_unit LimitNOFILE=48`,
    /LimitNOFILE=\S* of \S+ keeps Django from starting: .*Too many open files/,
  ),
  wall(
    'memory',
    'The application takes more memory than the unit may',
    `${importing('import mmap\n\nmmap.mmap(-1, 900 * 1024 * 1024)')}
      add_to_unit LimitAS=700M`,
    /LimitAS=\S* of \S+ keeps Django from starting: OSError: .*Cannot allocate memory/,
  ),
  fault('sandbox-innocent', 'The sandbox is strict, and the application is broken by itself', {
    inject: `
      ${harden}${importing('import whitenose')}
      crash_app`,
    broken: `waits_for_retry && logged "No module named 'whitenose'"`,
    expect: {
      exit: 2,
      rootCauses: ['app/settings'],
      message: /Django does not start .*No module named 'whitenose'/,
    },
  }),
  fault('healthy-hardened', 'The sandbox is strict, and the application does not mind', {
    inject: `
      ${harden}
      restart_app`,
    broken: 'is ActiveState active && answers 200 http://prism.midship.local/accounts/login/',
    expect: {exit: 0, rootCauses: []},
  }),
]
