/** Checks of this host: is the nightly dump of the database there, and is it of last night? */

const directory = '/var/backup/postgresql'
const day = 86_400_000

export const checks = [
  {
    id: 'backup/database',
    title: 'The database was dumped last night',
    explanation: {
      why: 'Without a recent dump, a mistake of today costs everything since the last one.',
      asks: `The names and times of the files in ${directory}; nothing is read.`,
      findings: {
        none: {
          means: 'There is no dump at all.',
          remedy: 'See why backup-postgresql.service does not run.',
        },
        old: {
          means: 'The newest dump is older than 26 hours.',
          remedy: 'See why backup-postgresql.service does not run.',
        },
      },
      mistakenFor: 'A dump that is being written counts when it has its final name.',
    },
    needs: ['service/unit'],
    async run({host, target}) {
      const names = (await host.list(directory)) ?? []
      const wanted = names.filter(name => name.startsWith(`${target.database?.name ?? ''}.sql`))
      const stats = await Promise.all(wanted.map(name => host.stat(`${directory}/${name}`)))
      const newest = Math.max(...stats.map(stat => stat?.mtime ?? 0), 0)
      const remedy = {
        summary: 'See why the dump was not made',
        steps: [{shell: 'journalctl -u backup-postgresql.service -n 50', argv: null}],
      }
      if (newest === 0)
        return {code: 'none', status: 'critical', message: `${directory} holds no dump`, remedy}
      const hours = Math.round((host.now() - newest) / 3_600_000)
      if (host.now() - newest > day + 7_200_000)
        return {
          code: 'old',
          status: 'warning',
          message: `the newest dump is ${hours} h old`,
          remedy,
        }
      return {code: 'ok', status: 'ok', message: `the newest dump is ${hours} h old`}
    },
  },
]
