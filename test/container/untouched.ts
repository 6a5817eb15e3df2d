import {run} from './container.ts'
import {parse} from './trials.ts'

/** What `--fix` might touch on a machine. */
export interface Kept {
  /** The flags that name the deployment. */
  readonly flags: readonly string[]
  /** Directories, all of whose entries are compared. */
  readonly directories: readonly string[]
}

/**
 * Owners, modes, inodes, times, links, contents, capabilities; which processes run since when; rows
 * of every table of PostgreSQL; the journal of `--fix`. That a run remembers what it found is no touch.
 */
const snapshot = `
find "$@" /etc /var/lib/prism-doctor/runs -xdev -printf '%p %y %m %U:%G %i %n %s %T@ %C@ %l\\n' 2>/dev/null | sort
find "$@" /etc -xdev -type f -size -200k -print0 | sort -z | xargs -0 md5sum
getcap -r "$@" 2>/dev/null | sort
systemctl list-units --plain --no-legend --type=service --state=running,failed |
  sed 's/ .*//' | grep -Ev '^(prism-doctor-|systemd-)' | sort |
  xargs systemctl show -p Id -p ActiveState -p NRestarts -p InvocationID -p MainPID -p UnitFileState -p NeedDaemonReload --
cd /
for database in $(runuser -u postgres -- psql -Atc 'select datname from pg_database where datallowconn' 2>/dev/null); do
  echo "database $database"
  runuser -u postgres -- psql -At "$database" -c "
    select schemaname, relname, query_to_xml(format('select count(*) from %I.%I', schemaname, relname), true, true, '')
    from pg_stat_user_tables order by 1, 2;
    select rolname, rolsuper, rolcanlogin, rolvaliduntil from pg_roles order by 1;
    select datname, datdba, datacl from pg_database order by 1"
done`

async function seen(instance: number, directories: readonly string[]): Promise<readonly string[]> {
  const argv = ['bash', '-c', snapshot, 'bash', ...directories]
  return (await run(instance, argv, {timeout: 120})).stdout.split('\n')
}

/**
 * Lets `--fix --yes --disruptive` loose on a machine on which nothing is wrong.
 * @returns what it did all the same.
 */
export async function touched(
  instance: number,
  {flags, directories}: Kept,
): Promise<readonly string[]> {
  const before = await seen(instance, directories)
  const argv = ['prism-doctor', '--fix', '--yes', '--disruptive', '--json', '--timeout', '20']
  const {exitCode, stdout, stderr} = await run(instance, [...argv, ...flags], {timeout: 120})
  const {fix, rootCauses} = parse(stdout, stderr)
  const after = await seen(instance, directories)
  const [old, fresh] = [new Set(before), new Set(after)]
  const changed = [
    ...before.filter(line => !fresh.has(line)).map(line => `- ${line}`),
    ...after.filter(line => !old.has(line)).map(line => `+ ${line}`),
  ]
  return [
    ...(exitCode === 0 ? [] : [`--fix ended with ${exitCode}: ${rootCauses.join(' ')}`]),
    ...(fix?.steps ?? []).map(
      ({outcome, shell}) => `--fix would do something: ${outcome} ${shell}`,
    ),
    ...(fix?.run === null ? [] : [`--fix began a run: ${fix?.run}`]),
    ...changed.slice(0, 20).map(line => `--fix touched it: ${line}`),
  ]
}
