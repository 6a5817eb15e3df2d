/**
 * What never goes from a unit to a program that is run beside it: what starts, stops, orders and
 * watches the service itself, what is told and not set, where its output goes, what is counted, and
 * what is translated on its own.
 */
export const neverPassed = new RegExp(
  `^(?:${[
    // What systemd tells.
    'Id|Names|Following|Description|Documentation|(?:Load|Active|Sub|Freezer)State|LoadError|FragmentPath|SourcePath',
    'DropInPaths|UnitFile\\w+|\\w+Timestamp(?:Monotonic)?|Can[A-Z]\\w+|NeedDaemonReload|Markers|Transient|Perpetual',
    '\\w*Result|Status[A-Z]\\w+|InvocationID|MainPID|ControlPID|[UG]ID|NRestarts|ExecMain\\w+|ControlGroup(?:Id)?|Job',
    'Refs|ActivationDetails|NFileDescriptorStore|Effective\\w+|MemoryAvailable|Memory\\w*Current|Memory\\w*Peak',
    'CPUUsageNSec|TasksCurrent|IP(?:In|E)gress(?:Bytes|Packets)|IO(?:Read|Write)\\w+|Conditions|Asserts',
    // How the service is started, watched and stopped.
    'Type|ExitType|Exec(?:Condition|Start|Reload|Stop)\\w*|Restart\\w*|PIDFile|NotifyAccess|BusName|RemainAfterExit',
    'GuessMainPID|SuccessExitStatus|Timeout\\w+|Runtime(?:Max|Randomized)\\w+|Watchdog\\w+|RootDirectoryStartOnly',
    'FileDescriptorStore\\w+|USBFunction\\w+|OOMPolicy|(?:Reload|Kill|FinalKill)Signal|KillMode|SendSIG\\w+|Reboot\\w+',
    'SurviveFinalKillSignal|StartLimit\\w+|(?:Failure|Success)Action\\w*|CollectMode|DebugInvocation|ExtraFile\\w+',
    'OpenFile|RefreshOnReload|NonBlocking|LUOSession|BindLogSockets',
    // What comes before, after and with it. JoinsNamespaceOf= is part of the sandbox.
    'Requires|Requisite|Wants|BindsTo|PartOf|Upholds|RequiredBy|RequisiteOf|WantedBy|BoundBy|UpheldBy|ConsistsOf',
    'Conflicts|ConflictedBy|Before|After|On(?:Success|Failure)\\w*|Triggers|TriggeredBy|Propagates\\w+',
    '(?:Reload|Stop)PropagatedFrom|SliceOf|(?:Requires|Wants)MountsFor|StopWhenUnneeded|RefuseManual\\w+|AllowIsolate',
    'DefaultDependencies|IgnoreOnIsolate|AccessSELinuxContext|Job\\w+',
    // Its output and its log.
    'Standard(?:Input|Output|Error)\\w*|TTY\\w+|Syslog\\w+|Log(?:LevelMax|RateLimit\\w+|ExtraFields|FilterPatterns)',
    'LogNamespace|Utmp\\w+',
    // Accounts, what belongs to the service as a whole, and what would be removed at its end.
    '\\w+Accounting|Default(?:Startup)?Memory\\w+|Startup\\w+|Memory(?:Min|Low|Max|PressureWatch)|MemoryLimit|TasksMax',
    'ManagedOOM\\w+|Delegate\\w*|DisableControllers|NFTSet|CoredumpReceive|RemoveIPC|\\w+(?:Bandwidth|IOPS)Max',
    // Translated below, or given by whoever calls.
    'Environment|EnvironmentFiles|UnsetEnvironment|\\w*Credential\\w*|Slice|Limit[A-Z]+(?:Soft)?|WorkingDirectory',
    '(?:Runtime|State|Cache|Logs|Configuration)Directory\\w*|CPUQuota\\w+|SecureBits|\\w+USec',
  ].join('|')})$`,
)
