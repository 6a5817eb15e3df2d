import {parseEnvironmentFile} from '../../host/environment-file.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {addAssignment} from '../../host/secrecy/assignments.ts'
import type {DjangoAnswer} from './django.ts'

/** Where a value comes from, for whoever is to change it. */
export interface Stated {
  /** The variable that holds it, alone or within a URL; null where it is written out. */
  readonly variable: string | null
  /** The file that it stands in; null for the unit itself. */
  readonly file: string | null
  /** Where in a file that libpq itself reads: "line 1", "service "prism"". */
  readonly within?: string
}

export type DatabasePart = 'host' | 'port' | 'name' | 'user' | 'password'

/** What variables of each part are called, whatever the project's prefix. */
const called: Readonly<Record<DatabasePart, RegExp>> = {
  host: /HOST|SERVER|ADDR/i,
  port: /PORT/i,
  // DB_USER and POSTGRES_USERNAME are none, although the role is often called like the database.
  name: /^(?!.*(?:USER|ROLE|LOGIN|PASS|PWD|HOST|SERVER|ADDR|PORT)).*(?:DB|NAME|DATABASE)/i,
  user: /USER|ROLE|LOGIN/i,
  password: /PASS|PWD|PW$/i,
}

/** Variables by name, and the file that holds them: null for the unit. */
export interface Source {
  readonly file: string | null
  readonly variables: ReadonlyMap<string, string>
}

/** As many as ask.py tells of; an answer that another wrote in its place may tell of more. */
const maxFiles = 20

/**
 * The files that the settings themselves read, as assignments: .env files. What lies where the
 * service may write is evidence: it says where a human finds a value, and nothing is done with it.
 */
export async function applicationFiles(
  host: Host,
  {files}: DjangoAnswer,
): Promise<readonly Source[]> {
  const read = await Promise.all(
    files.slice(0, maxFiles).map(async file => ({
      file,
      answer: await ifSeen(host.readFile(file, {holds: 'assignments'})),
    })),
  )
  return read.flatMap(({file, answer}) => {
    if (answer?.kind !== 'file' || !answer.utf8) return []
    const {variables, problems} = parseEnvironmentFile(answer.text)
    // What systemd does not take, as "export NAME=value", the libraries do.
    const all = new Map([
      ...variables,
      ...problems.flatMap(({name, value}) => (name ? [[name, value] as const] : [])),
    ])
    for (const [name, value] of all) addAssignment(host.secrets, name, value, 'file')
    return [{file, variables: all}]
  })
}

/**
 * Where a part of the database's address is stated: in a variable that the settings read, else in
 * their text.
 */
export function whereStated(
  part: DatabasePart,
  value: string,
  sources: readonly Source[],
  {read, unset, places, file}: Pick<DjangoAnswer, 'read' | 'unset' | 'places' | 'file'>,
): Stated {
  const isUrl = (text: string): boolean => /^[a-z][\w+.-]*:\/\//i.test(text) && text.includes(value)
  for (const source of sources) {
    const own = [...source.variables].filter(
      ([name]) => source.file !== null || read.includes(name),
    )
    const found =
      own.find(([name, text]) => value !== '' && text === value && called[part].test(name)) ??
      own.find(([, text]) => value !== '' && isUrl(text))
    if (found) return {variable: found[0], file: source.file}
  }
  const lacking =
    value === ''
      ? unset.find(name => called[part].test(name) && /DB|DATABASE|POSTGRES|PG|SQL/i.test(name))
      : undefined
  const last = sources.findLast(source => source.file !== null)?.file ?? null
  if (lacking) return {variable: lacking, file: last}
  return {variable: null, file: places.DATABASES?.file ?? file}
}

/**
 * "DB_PASSWORD in /srv/app/.env", "POSTGRES_HOST of prism-django.service", "DATABASES in
 * /srv/app/settings.py", "line 1 of /srv/app/.pgpass".
 */
export function shownStated({variable, file, within}: Stated, unit: string): string {
  if (within !== undefined) return `${within} of ${file ?? 'pg_service.conf'}`
  if (variable === null)
    return file === null ? `the environment of ${unit}` : `DATABASES in ${file}`
  return file === null ? `${variable} of ${unit}` : `${variable} in ${file}`
}
