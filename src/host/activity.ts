/** What the processes of a control group do, looked at twice within a moment. */
export interface Activity {
  readonly processes: readonly ActiveProcess[]
  /** The sockets that they hold. */
  readonly sockets: readonly ActiveSocket[]
  /** Whether the kernel holds them all (systemctl freeze). */
  readonly frozen: boolean
  /** False where there were more processes, threads or descriptors than are looked at. */
  readonly complete: boolean
}

/** A process by its number, as it calls itself (comm), which proves nothing. */
export interface Named {
  readonly pid: number
  /** At most 15 characters. */
  readonly name: string
}

export interface ActiveProcess extends Named {
  readonly parent: number
  /** Seconds since it was started. */
  readonly age: number
  /** Who traces it (a debugger); null for nobody. */
  readonly tracer: Named | null
  readonly threads: readonly ActiveThread[]
}

export interface ActiveThread {
  /** The main thread has the number of its process. */
  readonly id: number
  /** As proc_pid_stat(5) has it: R, S, D, T, t, Z. */
  readonly state: string
  /**
   * The system call in which it was at both looks ("recvfrom"); null where it was not, and where
   * the kernel does not show that.
   */
  readonly call: string | null
  /** What that call waits for or works on; of poll(2) and select(2) each descriptor. */
  readonly on: readonly Descriptor[]
  /** The path that the call was given, of a thread that no signal wakes. */
  readonly path: string | null
  /** The kernel's function in which it sleeps; null where that is not shown. */
  readonly wchan: string | null
  /** Part of one processor that it took between the looks, 0 to 1. */
  readonly load: number
}

export interface Descriptor {
  readonly number: number
  /** As the kernel calls it: "/path", "socket:[123]", "pipe:[123]", "anon_inode:[eventpoll]". */
  readonly target: string
  /** Of a pipe in which it writes: who reads that. Only root sees all. */
  readonly readers?: readonly Named[]
}

export interface ActiveSocket {
  /** As in the target of a descriptor: "socket:[123]". */
  readonly inode: number
  readonly kind: 'tcp' | 'udp' | 'unix'
  /** In the words of ss(8): LISTEN, ESTAB, SYN-SENT, CLOSE-WAIT, UNCONN. */
  readonly state: string
  /** "127.0.0.1:8000", "[::1]:8000", "*:8000"; of a Unix socket its path, "*" for none. */
  readonly local: string
  /** Of a Unix socket the path to which its other end is bound, "*" for none. */
  readonly remote: string
  /** Bytes that came and were not read; of one that listens the connections that wait. */
  readonly received: number
  /** Bytes that the other side has not taken; of one that listens how many connections may wait. */
  readonly unsent: number
  /** Milliseconds since anything came; null where the kernel does not count that. */
  readonly silentFor: number | null
  /** The processes that were looked at and hold it. */
  readonly holders: readonly number[]
  /** Who holds the other end on this machine. */
  readonly peers: readonly Named[]
}
