import {run} from '../container/container.ts'
import {until} from '../container/processes.ts'
import type {Deployment} from './deployments.ts'

/**
 * Waits until a visitor of the front sees a page that asks the database, and a static file.
 * Type=simple counts as started before anything listens.
 */
export async function checkHealth(
  instance: number,
  {host, page, staticUrl, unit}: Deployment,
): Promise<void> {
  const urls = [page, staticUrl].flatMap(path => ['-o', '/dev/null', `http://127.0.0.1${path}`])
  const argv = [
    'curl',
    '-sS',
    '-m',
    '10',
    '-H',
    `Host: ${host}`,
    '-w',
    '%{http_code} %{url_effective}\n',
    ...urls,
  ]
  let seen = ''
  const isHealthy = async (): Promise<boolean> => {
    const {stdout, stderr} = await run(instance, argv)
    seen = stdout + stderr
    return seen.split('\n').every(line => line === '' || line.startsWith('200 '))
  }
  await until(`${host} answers`, 15, isHealthy).catch(async () => {
    const journal = await run(instance, ['journalctl', '--no-pager', '--lines=40', '-u', unit])
    throw new Error(`${host} is not healthy:\n${seen}${journal.stdout}`)
  })
}
