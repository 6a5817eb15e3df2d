import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {deliver} from '../../src/cli/deliver.ts'
import type {Report} from '../../src/report/report.ts'
import {until} from '../container/processes.ts'
import {freePort} from '../free-port.ts'
import {installed} from '../programs.ts'
import {reports} from '../reports.ts'

const exporter = installed('prometheus-node-exporter')
const isRoot = process.geteuid?.() === 0
const nobody = 65_534

describe.skipIf(exporter === null)("node_exporter's textfile collector, as nobody", () => {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-textfile-'))
  let child: ChildProcess | undefined
  let address = ''

  beforeAll(async () => {
    // It may be entered by the exporter, and only we write there: as Debian's is.
    chmodSync(directory, 0o755)
    address = `127.0.0.1:${await freePort()}`
    child = spawn(
      exporter ?? '',
      [
        '--collector.disable-defaults',
        '--collector.textfile',
        `--collector.textfile.directory=${directory}`,
        `--web.listen-address=${address}`,
      ],
      {stdio: 'ignore', ...(isRoot && {uid: nobody, gid: nobody})},
    )
    await until('an answer of node_exporter', 50, async () => {
      return (await fetch(`http://${address}/metrics`).catch(() => null))?.ok
    })
  })

  afterAll(async () => {
    if (child && child.exitCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    rmSync(directory, {recursive: true, force: true})
  })

  async function scraped(): Promise<string> {
    return (await fetch(`http://${address}/metrics`)).text()
  }

  async function write(report: Report, name: string): Promise<string> {
    const file = join(directory, name)
    await deliver(report, [{format: 'prometheus', file}], {verbose: false, privileged: true})
    return file
  }

  const named = (report: Report, unit: string): Report => ({
    ...report,
    target: {...report.target, unit},
  })

  test('reads the files of two deployments beside each other', async () => {
    const umask = process.umask(0o077)
    const file = await write(await reports.one(), 'prism-doctor.prom').finally(() =>
      process.umask(umask),
    )
    const {mode, uid} = statSync(file)
    expect([mode & 0o7777, uid]).toEqual([0o644, process.geteuid?.()])
    await write(named(await reports.healthy(), 'shop.service'), 'prism-doctor-shop.prom')

    const text = await scraped()
    expect(text).toContain('\nnode_textfile_scrape_error 0\n')
    expect(text).toMatch(
      /^prism_doctor_status\{status="critical",unit="prism-django.service"\} 1$/m,
    )
    expect(text).toMatch(/^prism_doctor_status\{status="ok",unit="shop.service"\} 1$/m)
    expect(text).toMatch(
      /^prism_doctor_root_cause\{check="database\/server",status="critical",unit="prism-django.service"\} 1$/m,
    )
    for (const name of ['prism-doctor.prom', 'prism-doctor-shop.prom'])
      expect(text).toContain(`node_textfile_mtime_seconds{file="${join(directory, name)}"}`)
  })

  test('reads the name of a unit as it is, whatever stands in it', async () => {
    const file = await write(named(await reports.one(), 'a"b\\\\c{d="e"}.service'), 'odd.prom')
    expect(await scraped()).toContain(
      'prism_doctor_run_failed{unit="a\\"b\\\\\\\\c{d=\\"e\\"}.service"} 0\n',
    )
    rmSync(file)
  })

  test('tells of a file that it may not read: that is why ours are open', async () => {
    const file = await write(await reports.one(), 'prism-doctor.prom')
    chmodSync(file, 0o600)
    const expected = isRoot ? 1 : 0
    expect(await scraped()).toContain(`\nnode_textfile_scrape_error ${expected}\n`)
    await write(await reports.one(), 'prism-doctor.prom')
    expect(await scraped()).toContain('\nnode_textfile_scrape_error 0\n')
  })
})
