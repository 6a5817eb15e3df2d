/**
 * One thing about the deployment that can be compared with how it was. No process ids, no counters,
 * no times that change by themselves: two pictures of an unchanged machine are equal, also after a
 * restart, a rotation of logs and a reboot.
 */
export interface Fact {
  /**
   * Stable, from the general to the special, divided by "/": "unit/MemoryMax",
   * "distribution/django", "directory//var/lib/prism". It is compared with pictures of earlier
   * versions of this program, so what is written in another way gets another name.
   */
  readonly name: string
  /** Who says so, for a person: a file, "systemctl show", "pg_settings", "Django". */
  readonly source: string
  /** One short line in one canonical form: sorted where order means nothing, sizes in one unit. */
  readonly value: string
  /** Of the value only a keyed hash is kept, and nothing of it is shown. */
  readonly secret?: true
  /**
   * When it last changed, in milliseconds since the epoch, where the machine itself knows: mtime,
   * django_migrations.applied, the link of a profile. Never part of equality.
   */
  readonly at?: number
}

/**
 * Says that every fact of this check whose name begins with this was seen: one of them that another
 * picture has is gone, and one that it lacks is new. Without it, what is not there was only not
 * seen.
 */
export interface Whole {
  readonly whole: string
}

/** What a check offers to a picture of the machine. */
export type Seen = Fact | Whole

/** Everything below this name was seen: "distribution/". */
export function whole(prefix: string): Whole {
  return {whole: prefix}
}
