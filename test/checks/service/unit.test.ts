import {describe, expect, it} from 'vitest'
import {serviceUnit} from '../../../src/checks/service/unit.ts'
import {journal, systemd} from '../../journal.ts'
import {codes, type Edits, machine, recorded, verdicts} from '../../machine.ts'

const unit = 'prism-django.service'
const fragment = `/etc/systemd/system/${unit}`

function fragmentWith(change: (text: string) => string) {
  const answer = recorded('healthy', 'readFile', fragment) as {
    kind: 'file'
    text: string
    utf8: boolean
  }
  return {readFile: {[fragment]: {...answer, text: change(answer.text)}}}
}

/** What the journal of the recorded machine says of the unit instead. */
function journalOf(lines: readonly string[]): Edits {
  return {journal: {[unit]: journal(lines.map(text => systemd(text)))}}
}

describe('service/unit', () => {
  it('is silent on the healthy machine', async () => {
    expect(await codes(serviceUnit, machine('healthy'))).toEqual(['ok ok'])
  })

  it('says that there is no unit, although systemd calls it inactive', async () => {
    const [finding] = await verdicts(serviceUnit, machine('unit-missing'))
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'missing',
      message: `systemd has no unit ${unit}`,
    })
  })

  it('finds a masked unit and one that cannot be loaded', async () => {
    const masked = machine('healthy', {
      show: {[unit]: {LoadState: 'masked', UnitFileState: 'masked'}},
    })
    expect(await codes(serviceUnit, masked)).toEqual(['critical masked'])
    const error =
      'org.freedesktop.systemd1.BadUnitSetting "Unit prism-django.service has a bad unit file setting."'
    const bad = machine('healthy', {show: {[unit]: {LoadState: 'bad-setting', LoadError: error}}})
    const [finding] = await verdicts(serviceUnit, bad)
    expect(finding).toMatchObject({status: 'critical', code: 'not-loaded'})
    expect(finding?.message).toContain('has a bad unit file setting')
  })

  it('quotes the line that systemd refused, and not one that it ignored', async () => {
    const lines = [
      `${fragment}:27: Neither a valid executable name nor an absolute path: nix/store/x/bin/prism-gunicorn`,
      `${fragment}:30: Invalid environment assignment, ignoring: TOKEN hunter2`,
      `${unit}: Unit configuration has fatal error, unit will not be started.`,
    ]
    const bad = machine('healthy', {
      show: {
        [unit]: {
          LoadState: 'bad-setting',
          LoadError: 'x "Unit prism-django.service has a bad unit file setting."',
        },
      },
      ...journalOf(lines),
    })
    const [finding] = await verdicts(serviceUnit, bad)
    expect(finding?.message).toContain(
      ':27: Neither a valid executable name nor an absolute path: nix/store/x',
    )
    expect(JSON.stringify(finding)).not.toContain('hunter2')
  })

  it('warns when nothing starts it at boot', async () => {
    const host = machine('healthy', {show: {[unit]: {WantedBy: '', UnitFileState: 'disabled'}}})
    expect(await codes(serviceUnit, host)).toEqual(['warning not-wanted'])
  })

  it('takes linked and static unit files as NixOS has them', async () => {
    const host = machine('healthy', {show: {[unit]: {UnitFileState: 'linked'}}})
    expect(await codes(serviceUnit, host)).toEqual(['ok ok'])
  })

  it('believes NeedDaemonReload', async () => {
    const host = machine('healthy', {show: {[unit]: {NeedDaemonReload: 'yes'}}})
    expect(await codes(serviceUnit, host)).toEqual(['warning reload'])
  })

  it('sees a changed file that NeedDaemonReload misses', async () => {
    const changed = machine(
      'healthy',
      fragmentWith(text => text.replace('DEBUG=false', 'DEBUG=true')),
    )
    const [finding] = await verdicts(serviceUnit, changed)
    expect(finding).toMatchObject({status: 'warning', code: 'reload'})
    expect(finding?.message).toContain('DEBUG in Environment= differs')
    const started = machine(
      'healthy',
      fragmentWith(text => text.replace(/^ExecStart=\S+/m, 'ExecStart=/nix/store/x/bin/y')),
    )
    expect(await codes(serviceUnit, started)).toEqual(['warning reload'])
  })

  it('sees a first drop-in that was never loaded', async () => {
    const host = machine('healthy', {list: {[`${fragment}.d`]: ['override.conf']}})
    const [finding] = await verdicts(serviceUnit, host)
    expect(finding?.message).toContain(`${fragment}.d/override.conf was added`)
  })

  it('compares nothing that holds specifiers or quotes of its own kind', async () => {
    const host = machine(
      'healthy',
      fragmentWith(text => text.replace('[Service]', "[Service]\nEnvironment='A=%n b'")),
    )
    expect(await codes(serviceUnit, host)).toEqual(['ok ok'])
  })

  describe('what systemd ignores', () => {
    /** The healthy unit with one line written otherwise, and what systemd says of that line. */
    const ignoring = (from: RegExp, to: string, words: string, now = to) => {
      const answer = recorded('healthy', 'readFile', fragment) as {text: string}
      const line = answer.text.split('\n').findIndex(text => from.test(text)) + 1
      const edits = {
        ...journalOf([`${fragment}:${line}: ${words}`]),
        ...fragmentWith(text => text.replace(from, now)),
      }
      return {line, host: machine('healthy', edits)}
    }
    const said = async (host: ReturnType<typeof machine>) =>
      (await verdicts(serviceUnit, host)).map(({message}) => message)

    it.each([
      ["Unknown key name 'Umask' in section 'Service', ignoring.", 'Umask', 'UMask'],
      ["Unknown key 'RestartSecs' in section [Service], ignoring.", 'RestartSecs', 'RestartSec'],
    ])('names a setting that is nearly another: %s', async (words, name, meant) => {
      const {line, host} = ignoring(/^LockPersonality=.*$/m, `${name}=x`, words)
      expect(await said(host)).toEqual([
        `systemd ignores ${name}= in line ${line} of ${fragment}: it knows no such setting (${meant} may be meant)`,
      ])
    })

    it.each([
      ['Invalid environment assignment, ignoring: TOKEN hunter2', 'Environment="TOKEN hunter2"'],
      ['Failed to parse TasksMax=hunter2, ignoring: Invalid argument', 'TasksMax=hunter2'],
      ['Failed to parse service restart specifier, ignoring: hunter2', 'Restart=hunter2'],
    ])('never says a value: %s', async (words, written) => {
      const {line, host} = ignoring(/^LockPersonality=.*$/m, written, words)
      const [name] = written.split('=')
      const [finding] = await verdicts(serviceUnit, host)
      expect(finding).toMatchObject({status: 'warning', code: 'ignored'})
      expect(finding?.message).toBe(
        `systemd ignores ${name}= in line ${line} of ${fragment}: it cannot parse the value`,
      )
      expect(JSON.stringify(finding)).not.toContain('hunter2')
    })

    it.each([
      ['corrected since', "Unknown key 'Umask' in section [Service], ignoring.", 'UMask=0077'],
      [
        'of a newer systemd',
        "Unknown key 'ProtectLamps' in section [Service], ignoring.",
        'ProtectLamps=yes',
      ],
      [
        'another value by now',
        'Failed to parse TasksMax=x, ignoring: Invalid argument',
        'TasksMax=9',
      ],
    ])('is silent about a line that is %s', async (_, words, now) => {
      const {host} = ignoring(/^LockPersonality=.*$/m, now, words)
      expect(await codes(serviceUnit, host)).toEqual(['ok ok'])
    })
  })
})
