/**
 * Units of other shapes, which do nothing: what a program that is run as one of them must be given.
 */
export const shapes: Readonly<Record<string, string>> = {
  'shape@.service': `[Service]
DynamicUser=yes
StateDirectory=shape/%i
CacheDirectory=shape
LogsDirectory=shape
RuntimeDirectory=shape
ConfigurationDirectory=shape
LoadCredential=token:/etc/shape-token
SetCredential=word:one two
Environment="SPACED=a b" QUOTED='say "x"' DOLLAR=a$$b "BACK=c:\\\\d" PERCENT=50%% EMPTY= UMLAUT=ü "LINES=a\\nb"
Environment=STATED=by-the-unit OVERRULED=by-the-unit GONE=1
EnvironmentFile=-/etc/shape-env
EnvironmentFile=-/etc/there-is-none
PassEnvironment=LANG
UnsetEnvironment=GONE
LimitNOFILE=2048:4096
LimitCORE=0
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
IPAddressDeny=any
IPAddressAllow=localhost
CPUSchedulingPolicy=batch
IOSchedulingClass=idle
Nice=5
OOMScoreAdjust=300
UMask=0027
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_CHOWN
AmbientCapabilities=CAP_NET_BIND_SERVICE
RestrictNamespaces=user mnt
ProtectProc=invisible
ProcSubset=pid
CPUQuota=50%
MemoryMax=300M
BindReadOnlyPaths=/etc/hostname:/opt/host\\x20name
TemporaryFileSystem=/srv:ro
InaccessiblePaths=-/boot
PrivateDevices=yes
DeviceAllow=/dev/fuse rw
ExecStart=/bin/sleep infinity
`,
  'plain.service': `[Service]
ExecStart=/bin/sleep infinity
StateDirectory=plain
`,
  'number.service': `[Service]
User=5100
SupplementaryGroups=www-data adm
WorkingDirectory=-/var/lib/number-gone
PrivateNetwork=yes
PrivateMounts=yes
SecureBits=noroot noroot-locked
StateDirectory=number a/b
ProtectSystem=full
ReadOnlyPaths=/var/lib
SuccessExitStatus=3
ExecStartPre=/bin/sh -c 'echo started >> /var/lib/number/starts'
ExecStart=/bin/sleep infinity
Restart=always
`,
  'joined.service': `[Unit]
JoinsNamespaceOf=number.service
[Service]
User=prism
WorkingDirectory=~
PrivateNetwork=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectControlGroups=yes
MountFlags=slave
SystemCallFilter=~@mount
SystemCallFilter=~chroot:ENOSYS
ExecStart=/bin/sleep infinity
`,
  'rooted.service': `[Service]
RootDirectory=/srv/root
BindReadOnlyPaths=/usr
BindPaths=/opt
MountAPIVFS=yes
User=5100
StateDirectory=rooted
Environment=X=y
ExecStart=/bin/sleep infinity
`,
  'notifying.service': `[Service]
Type=notify
User=prism
ProtectSystem=strict
ProtectHome=tmpfs
PrivateTmp=disconnected
RuntimeDirectory=notifying
ReadWritePaths=/var/lib/prism-django
MemoryDenyWriteExecute=yes
ExecStart=/bin/sh -c 'systemd-notify --ready; exec sleep infinity'
NotifyAccess=all
`,
}
