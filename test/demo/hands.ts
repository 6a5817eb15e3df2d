import {join} from 'node:path'
import type {Hands, Survey} from '../../src/host/hands.ts'
import type {ExecAnswer} from '../../src/host/host.ts'
import {alter, restore} from '../../src/host/local/alter.ts'
import {survey} from '../../src/host/local/survey.ts'
import type {Deployment} from './deployment.ts'

/**
 * Changes the demo's deployment where it lies; of the programs it knows those that its faults are
 * repaired with.
 * @param start what systemd would do; rejects when the service does not start.
 */
export function demoHands({root, postgres}: Deployment, start: () => Promise<void>): Hands {
  const inside = (path: string): string => join(root, path)
  /** The paths that are shown are those of the deployment. */
  const outside = (seen: Survey): Survey => {
    const shown = <T extends {readonly path: string}>(entry: T): T => ({
      ...entry,
      path: entry.path.slice(root.length),
    })
    return {...seen, entries: seen.entries.map(shown), refused: seen.refused.map(shown)}
  }
  const moved = (seen: Survey): Survey => {
    const laid = <T extends {readonly path: string}>(entry: T): T => ({
      ...entry,
      path: inside(entry.path),
    })
    const {change, bound, entries} = seen
    return {change: laid(change), bound: inside(bound), entries: entries.map(laid), refused: []}
  }
  return {
    async run(argv) {
      const line = argv.join(' ')
      if (line === 'systemctl restart prism-django.service') return ended(start)
      const [, owner, name] = /^runuser -u postgres -- createdb -O (\w+) -- (\w+)$/.exec(line) ?? []
      if (owner && name) {
        return ended(async () => {
          await postgres.sql(`create database ${name} owner ${owner}`)
        })
      }
      return {exitCode: 127, stdout: '', stderr: `the demo has no ${line}`}
    },
    survey: async (change, bounds) =>
      outside({
        ...(await survey({...change, path: inside(change.path)}, bounds.map(inside))),
        change,
        bound: bounds[0] ?? '',
      }),
    alter: seen => alter(moved(seen)),
    restore: seen => restore(moved(seen)),
  }
}

async function ended(act: () => Promise<void>): Promise<ExecAnswer> {
  try {
    await act()
    return {exitCode: 0, stdout: '', stderr: ''}
  } catch (error) {
    return {exitCode: 1, stdout: '', stderr: error instanceof Error ? error.message : String(error)}
  }
}
