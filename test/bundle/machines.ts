import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import {once} from '../../src/host/once.ts'
import {record} from '../../src/host/record.ts'
import type {Recording} from '../../src/host/recording.ts'
import {formatRecording} from '../../src/host/recording-file.ts'
import {diagnosed, literalHost} from '../literal.ts'

/** A directory that is gone after the tests of a file. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  afterAll(() => rmSync(directory, {recursive: true, force: true}))
  return directory
}

/** A recorded machine that has no unit: everything else waits for that. */
async function recordWithoutUnit(): Promise<Recording> {
  const units = async (names: readonly string[]) => names.map(Id => ({Id, LoadState: 'not-found'}))
  const recorder = record(literalHost({units}))
  await diagnosed(checks, {host: once(recorder.host)})
  return recorder.recording('midship', 'prism-django.service')
}

export async function writeWithoutUnit(directory: string): Promise<string> {
  const file = join(directory, 'without-unit.json')
  writeFileSync(file, formatRecording(await recordWithoutUnit()))
  return file
}
