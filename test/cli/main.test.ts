import {expect, test} from 'vitest'
import {commandLine} from '../../src/cli/main.ts'

test.each([
  ['', 'diagnose'],
  ['database --json', 'diagnose database --json'],
  ['record --output x', 'record --output x'],
  ['--help', 'help'],
  ['help', 'help'],
  ['help record', 'help record'],
  ['-h record', 'help record'],
  ['record --deep -h', 'help record'],
  ['help record --help', 'help record'],
  ['help --help', 'help help'],
  ['explian --help', 'help explian'],
  ['--unit x --help', 'help diagnose'],
  ['database/login --help', 'help diagnose'],
  ['-- --help', 'diagnose -- --help'],
  ['--json --version', '--version'],
  ['explain --version', '--version'],
  // What is the command's own stays with it.
  ['run manage migrate --help', 'run -- manage migrate --help'],
  ['run --unit shop manage --version', 'run --unit shop -- manage --version'],
  ['run -- ls -h', 'run -- ls -h'],
  ['run ls -- -h', 'run -- ls -- -h'],
  ['run --unit shop -h', 'help run'],
  ['run', 'run --'],
])('prism-doctor %s means %s', (typed, meant) => {
  expect(commandLine(typed.split(' ').filter(word => word !== '')).join(' ')).toBe(meant)
})
