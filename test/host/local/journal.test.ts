import {expect, test} from 'vitest'
import {readJournal} from '../../../src/host/local/journal.ts'

/** What it prints for root. */
const parseJournal = (stdout: string) => readJournal({exitCode: 0, stdout, stderr: ''}, false)

/** A line of `journalctl --output=json`. */
const line = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({MESSAGE: 'text', __REALTIME_TIMESTAMP: '1795426080012345', ...fields})

test('takes what journald itself knows of the writer, and what the message says it is about', () => {
  const systemd = line({
    UNIT: 'a.service',
    _SYSTEMD_UNIT: 'init.scope',
    _UID: '0',
    _PID: '1',
    INVOCATION_ID: '8a42',
  })
  const kernel = line({_TRANSPORT: 'kernel'})
  expect(parseJournal(`${systemd}\n${kernel}\n`)).toEqual([
    {
      at: 1795426080012,
      text: 'text',
      about: 'a.service',
      unit: 'init.scope',
      uid: 0,
      pid: 1,
      invocation: '8a42',
    },
    {at: 1795426080012, text: 'text', kernel: true},
  ])
})

test('reads a message that is no UTF-8 or coloured, and passes over one that was too long', () => {
  const latin = line({MESSAGE: [...Buffer.from('caf\xe9', 'latin1')]})
  const coloured = line({MESSAGE: [...Buffer.from('\x1b[31mdépendance\x1b[0m')]})
  const entries = parseJournal([latin, coloured, line({MESSAGE: null}), 'no JSON'].join('\n'))
  expect(entries.map(({text}) => text)).toEqual(['caf\xe9', '\x1b[31mdépendance\x1b[0m'])
})

test('nothing is an answer for root, and none for one who is shown nothing', () => {
  expect(parseJournal('')).toEqual([])
  const nothing = {exitCode: 0, stdout: '', stderr: ''}
  expect(() => readJournal(nothing, true)).toThrow(
    expect.objectContaining({name: 'CannotLook', privilege: true}),
  )
  const stderr = 'No journal files were opened due to insufficient permissions.\n'
  expect(() => readJournal({...nothing, exitCode: 1, stderr}, true)).toThrow(
    'journalctl: No journal files were opened',
  )
})
