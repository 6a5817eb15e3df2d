import {describe, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import type {Consent} from '../../src/fix/consent.ts'
import {fix} from '../../src/fix/fix.ts'
import type {FixOptions} from '../../src/fix/options.ts'
import {type Hands, Refused, type Survey} from '../../src/host/hands.ts'
import type {JournalledChange, RunJournal} from '../../src/host/local/run-journal.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {type CheckId, ok, type Remedy, type Verdict} from '../../src/report/finding.ts'
import {change, hand, run} from '../../src/report/step.ts'
import {critical, literalCheck, literalHost, nobody, warning} from '../literal.ts'
import {invalidities} from '../valid.ts'

const state = '/var/lib/prism-django'
const chown = change(
  {kind: 'own', path: state, uid: 990, gid: 990, groups: [990]},
  'chown',
  '-R',
  'prism:prism',
  state,
)
const restart = run('systemctl', 'restart', 'prism-django.service')
const createdb = run('createdb', 'prism')

/** A machine that is broken until its steps were done. */
class Machine {
  readonly done: string[] = []
  readonly failing = new Set<string>()
  did(...shells: readonly string[]): boolean {
    return shells.every(shell => this.done.includes(shell))
  }
}

const say =
  (machine: Machine, shells: readonly string[], bad: Verdict): (() => Promise<Verdict>) =>
  async () =>
    machine.did(...shells) ? ok('well') : bad

function denied(code: string): never {
  throw Object.assign(new Error(code), {code})
}

interface Scene {
  readonly checks: readonly Check[]
  readonly machine: Machine
  readonly accept?: (risk: string) => boolean
  readonly options?: Partial<FixOptions>
  readonly hands?: Partial<Hands>
  readonly refuse?: string | ((path: string) => string | null)
  /** Throws where a line of the journal cannot be written. */
  readonly write?: () => void
}

async function repaired(scene: Scene) {
  const {
    checks,
    machine,
    accept = () => true,
    options = {},
    refuse,
    write = () => undefined,
  } = scene
  const journalled: string[] = []
  const shown: string[][] = []
  const hands: Hands = {
    async run(argv) {
      const shell = `sudo ${argv.join(' ')}`
      if (machine.failing.has(shell))
        return {exitCode: 1, stdout: '', stderr: 'Job failed\nSee the journal\n'}
      machine.done.push(shell)
      return {exitCode: 0, stdout: '', stderr: ''}
    },
    async survey(what, bounds): Promise<Survey> {
      const why = typeof refuse === 'function' ? refuse(what.path) : refuse
      if (why) throw new Refused(why)
      const attributes = {uid: 0, gid: 0, mode: 0o644}
      const entries = [{path: `${state}/a`, ino: 1, was: attributes, to: {...attributes, uid: 990}}]
      return {change: what, bound: bounds[0] ?? '', entries, refused: []}
    },
    alter() {
      machine.done.push(chown.shell)
      return {done: 1, left: [], untouched: []}
    },
    restore: () => ({done: 0, left: [], untouched: []}),
  }
  const journal: RunJournal = {
    run: '20261123T080000Z-4f1c',
    change({step, shell}: JournalledChange) {
      write()
      journalled.push(`${step} change ${shell}`)
    },
    program(step, _, shell) {
      write()
      journalled.push(`${step} program ${shell}`)
    },
    end(step, end, untouched = []) {
      journalled.push([step, end, ...untouched].join(' '))
    },
    close: () => void journalled.push('closed'),
  }
  const consent: Consent = {
    show: async prospects => void shown.push(prospects.map(({planned}) => planned.step.shell)),
    ask: async prospects =>
      new Set(prospects.flatMap(({planned}) => planned.remedies.filter(({risk}) => accept(risk)))),
  }
  const units = async () => [{LoadState: 'loaded', StateDirectory: 'prism-django'}]
  const report = await fix({
    again: () => literalHost({units}),
    hostname: 'midship',
    checks,
    registry: checks,
    settings: {unit: 'prism-django.service'},
    deadline: 10_000,
    redact: text => text,
    hands: {...hands, ...scene.hands},
    dryRun: false,
    consent,
    audience: nobody,
    claim: () => false,
    journal: () => journal,
    sleep: async () => undefined,
    ...options,
  })
  expect(invalidities(JSON.parse(JSON.stringify(report)))).toEqual([])
  return {report, steps: report.fix?.steps ?? [], journalled, shown}
}

function broken(
  id: CheckId,
  machine: Machine,
  cure: Remedy,
  shells = cure.steps.map(({shell}) => shell),
): Check {
  return literalCheck(id, say(machine, shells, critical('broken', `${id} is broken`, cure)))
}

const own = remedy('Give it to the service', 'safe', [chown])
const again = remedy('Restart', 'disruptive', [restart])

test('no secret stands in what is reported of a step or journalled, and what runs is not changed', async () => {
  const machine = new Machine()
  const set = run('set-password', 'TOKEN=canaryValue')
  const checks = [broken('database/login', machine, remedy('Set it', 'safe', [set]))]
  const {secrets, exec} = literalHost()
  const options = {again: () => literalHost({secrets, exec}), redact: secrets.redact}
  const {report, journalled} = await repaired({checks, machine, options})
  expect(report.fix?.steps[0]?.shell).toMatch(/TOKEN=redacted-[0-9a-f]{8}/)
  expect(JSON.stringify(report) + journalled.join('\n')).not.toContain('canary')
  expect(machine.done).toEqual([set.shell])
})

test('of what a step said at its end no half of a secret is left', async () => {
  const {secrets} = literalHost()
  secrets.add('canary7Lamp9Tide')
  const set = remedy('Set it', 'safe', [run('set-password')])
  const machine = new Machine()
  const hands: Partial<Hands> = {
    run: async () => ({exitCode: 1, stdout: '', stderr: 'it is canary7\n  Lamp9Tide\n'}),
  }
  const {steps} = await repaired({
    checks: [broken('database/login', machine, set)],
    machine,
    options: {redact: secrets.redact},
    hands,
  })
  expect(steps[0]?.reason).toMatch(/^exit code 1: it is redacted-[0-9a-f]{8}$/)
})

describe('what is carried out', () => {
  test('a safe step, verified and journalled before it is made', async () => {
    const machine = new Machine()
    const {report, steps, journalled} = await repaired({
      checks: [broken('state/ownership', machine, own)],
      machine,
    })
    expect(report).toMatchObject({
      status: 'ok',
      fix: {
        run: '20261123T080000Z-4f1c',
        dryRun: false,
        before: {status: 'critical', rootCauses: ['state/ownership']},
      },
    })
    expect(steps).toEqual([
      {
        check: 'state/ownership',
        shell: chown.shell,
        risk: 'safe',
        outcome: 'verified',
        reason: null,
      },
    ])
    expect(journalled).toEqual([`1 change ${chown.shell}`, '1 done', 'closed'])
  })

  test('causes first, the service once and last', async () => {
    const machine = new Machine()
    const collect = run('collect')
    const manifest = remedy('Collect', 'disruptive', [collect, restart])
    const database = remedy('Create the database', 'disruptive', [createdb, restart])
    const checks = [
      broken('static/manifest', machine, manifest, [collect.shell]),
      broken('database/exists', machine, database),
    ]
    const {steps, report} = await repaired({checks, machine})
    expect(machine.done).toEqual([collect.shell, createdb.shell, restart.shell])
    expect(steps.map(({outcome}) => outcome)).toEqual(['verified', 'verified', 'verified'])
    expect(report.status).toBe('ok')
  })

  test('what stands before the service is started after it: only then can that be verified', async () => {
    const machine = new Machine()
    const nginx = run('systemctl', 'start', 'nginx.service')
    const proxy = literalCheck(
      'http/proxy',
      say(
        machine,
        [restart.shell, nginx.shell],
        critical('down', 'nginx is down', remedy('Start', 'disruptive', [nginx])),
      ),
    )
    const checks = [proxy, broken('service/active', machine, again)]
    const {steps} = await repaired({checks, machine})
    expect(machine.done).toEqual([restart.shell, nginx.shell])
    expect(steps.map(({outcome}) => outcome)).toEqual(['verified', 'verified'])
  })

  test('what a first fault hid is found, shown and asked for like the first', async () => {
    const machine = new Machine()
    const first = broken('state/ownership', machine, own)
    const second = literalCheck(
      'service/active',
      say(machine, [restart.shell], critical('down', 'it is down', again)),
      {
        needs: [first],
      },
    )
    const {steps, shown} = await repaired({checks: [first, second], machine})
    expect(shown).toEqual([[chown.shell], [restart.shell]])
    expect(steps.map(({check, outcome}) => `${check} ${outcome}`)).toEqual([
      'state/ownership verified',
      'service/active verified',
    ])
  })

  test('a step whose cause an earlier one removed is not needed', async () => {
    const machine = new Machine()
    const checks = [
      broken('state/ownership', machine, own),
      literalCheck(
        'service/active',
        say(machine, [chown.shell], critical('down', 'it is down', again)),
      ),
    ]
    const {steps} = await repaired({checks, machine})
    expect(steps.map(({outcome}) => outcome)).toEqual(['verified', 'unneeded'])
    expect(machine.done).toEqual([chown.shell])
  })

  describe('a step that shares its check with one', () => {
    /** Two findings of one check, each with its own remedy. */
    const both = (isOk: () => boolean, ...remedies: readonly Remedy[]): Check =>
      literalCheck('service/active', async () =>
        isOk() ? [ok('well')] : remedies.map(each => critical('broken', 'it is broken', each)),
      )

    test('that is not needed any more is verified all the same', async () => {
      const machine = new Machine()
      const check = both(
        () => machine.did(chown.shell),
        own,
        remedy('Create', 'disruptive', [createdb]),
      )
      const {steps} = await repaired({checks: [check], machine})
      expect(machine.done).toEqual([chown.shell])
      expect(steps.map(({outcome, reason}) => [outcome, reason])).toEqual([
        ['verified', null],
        ['unneeded', 'an earlier step removed its cause'],
      ])
    })

    test('that is refused is verified, with time for what was started', async () => {
      const machine = new Machine()
      let looks = 0
      const isOk = (): boolean => {
        if (machine.did(createdb.shell)) looks += 1
        return looks > 3
      }
      const check = both(isOk, remedy('Create', 'safe', [createdb]), own)
      const {steps} = await repaired({checks: [check], machine, refuse: `${state} is a link`})
      expect(steps.map(({outcome, reason}) => [outcome, reason])).toEqual([
        ['verified', null],
        ['refused', `${state} is a link`],
      ])
    })

    test('that waits for another check is verified at once', async () => {
      const machine = new Machine()
      const needy = {
        ...remedy('Create', 'disruptive', [createdb]),
        requires: ['database/cluster' as const],
      }
      const check = both(() => false, own, needy)
      const {steps} = await repaired({checks: [check], machine})
      expect(steps.map(({outcome, reason}) => [outcome, reason])).toEqual([
        ['ineffective', 'it is broken'],
        ['refused', 'only when database/cluster is ok, and it is not looked at'],
      ])
    })
  })
})

describe('what is not', () => {
  test('nothing is tried twice, and what does not help is called ineffective', async () => {
    const machine = new Machine()
    const checks = [literalCheck('service/active', critical('down', 'it is down still', again))]
    const {steps, report} = await repaired({checks, machine})
    expect(machine.done).toEqual([restart.shell])
    expect(steps).toMatchObject([{outcome: 'ineffective', reason: 'it is down still'}])
    expect(report.status).toBe('critical')
  })

  test('what fails stops its remedy and says how it ended', async () => {
    const machine = new Machine()
    machine.failing.add(createdb.shell)
    const cure = remedy('Create the database', 'disruptive', [createdb, restart])
    const {steps} = await repaired({checks: [broken('database/exists', machine, cure)], machine})
    expect(steps).toMatchObject([
      {outcome: 'failed', reason: 'exit code 1: See the journal'},
      {outcome: 'refused', reason: 'an earlier step failed: exit code 1: See the journal'},
    ])
    expect(machine.done).toEqual([])
  })

  test('a step that succeeded before another failed is not called failed', async () => {
    const machine = new Machine()
    machine.failing.add(restart.shell)
    const cure = remedy('Create the database', 'disruptive', [createdb, restart])
    const {steps} = await repaired({checks: [broken('database/exists', machine, cure)], machine})
    expect(steps.map(({outcome, reason}) => [outcome, reason])).toEqual([
      ['ineffective', 'another step failed: exit code 1: See the journal'],
      ['failed', 'exit code 1: See the journal'],
    ])
  })

  test('what was declined', async () => {
    const machine = new Machine()
    const checks = [
      broken('state/ownership', machine, own),
      broken('service/active', machine, again),
    ]
    const {steps} = await repaired({checks, machine, accept: risk => risk === 'safe'})
    expect(steps.map(({outcome}) => outcome)).toEqual(['verified', 'declined'])
    expect(machine.done).toEqual([chown.shell])
  })

  test('what a guard refuses, with its reason', async () => {
    const machine = new Machine()
    const checks = [broken('state/ownership', machine, own)]
    const {steps} = await repaired({checks, machine, refuse: `${state} is a symbolic link`})
    expect(steps).toMatchObject([{outcome: 'refused', reason: `${state} is a symbolic link`}])
    expect(machine.done).toEqual([])
  })

  test('a step of a remedy that a guard stopped elsewhere has run all the same', async () => {
    const machine = new Machine()
    const other = change({kind: 'remove', path: `${state}/link`}, 'rm', `${state}/link`)
    const both = remedy('Repair both', 'safe', [chown, other])
    const {steps} = await repaired({
      checks: [broken('state/ownership', machine, both)],
      machine,
      refuse: path => (path === `${state}/link` ? `${state}/l\u00c3\u00bcnk is a file` : null),
    })
    expect(machine.done).toEqual([chown.shell])
    expect(steps.map(({outcome, reason}) => [outcome, reason])).toEqual([
      ['ineffective', `another step was refused: ${state}/lünk is a file`],
      ['refused', `${state}/lünk is a file`],
    ])
  })

  test('what a human has to do', async () => {
    const machine = new Machine()
    const checks = [
      broken('secrets/keys', machine, remedy('Add the key', 'manual', [restart])),
      broken(
        'static/collected',
        machine,
        remedy('Collect', 'disruptive', [hand('manage.py collectstatic'), restart]),
      ),
    ]
    const {steps, journalled} = await repaired({checks, machine})
    expect({steps, journalled, done: machine.done}).toEqual({steps: [], journalled: [], done: []})
  })

  test.each(['unknown', 'warning', 'absent'])(
    'what needs another check to be ok, which is %s',
    async how => {
      const machine = new Machine()
      const cure = {
        ...remedy('Create', 'disruptive', [createdb]),
        requires: ['database/cluster' as const],
      }
      const cluster = literalCheck(
        'database/cluster',
        how === 'unknown'
          ? new Error('nobody could look')
          : warning('other', 'an older one lies beside it', cure),
      )
      const checks = [
        broken('database/exists', machine, cure),
        ...(how === 'absent' ? [] : [cluster]),
      ]
      const {steps} = await repaired({checks, machine})
      expect(machine.done).toEqual([])
      expect(steps[0]).toMatchObject({
        outcome: 'refused',
        reason: expect.stringMatching(/^only when database\/cluster is ok, and it is /),
      })
    },
  )

  test('anything, in a dry run', async () => {
    const machine = new Machine()
    const checks = [
      broken('state/ownership', machine, own),
      broken('service/active', machine, again),
    ]
    const journal = (): never => {
      throw new Error('a dry run has no journal')
    }
    const {steps, report} = await repaired({checks, machine, options: {dryRun: true, journal}})
    expect(steps.map(({outcome}) => outcome)).toEqual(['planned', 'planned'])
    expect(report.fix).toMatchObject({run: null, dryRun: true})
    expect(machine.done).toEqual([])
  })

  test('anything, when nobody can be asked', async () => {
    const machine = new Machine()
    const consent: Consent = {
      show: async () => undefined,
      ask: async () => null,
    }
    const {steps} = await repaired({
      checks: [broken('state/ownership', machine, own)],
      machine,
      options: {consent},
    })
    expect(steps.map(({outcome}) => outcome)).toEqual(['planned'])
    expect(machine.done).toEqual([])
  })

  test.each([
    ['a change', broken('state/ownership', new Machine(), own)],
    ['a program', broken('service/active', new Machine(), again)],
  ])('%s whose record cannot be written', async (_, check) => {
    const machine = new Machine()
    const {steps, report} = await repaired({
      checks: [check],
      machine,
      write: () => denied('ENOSPC'),
    })
    expect(steps).toMatchObject([
      {
        outcome: 'refused',
        reason: 'the journal of this run cannot be written (ENOSPC), so nothing was changed',
      },
    ])
    expect([machine.done, report.status]).toEqual([[], 'critical'])
  })

  test('anything, when the journal cannot be written', async () => {
    const machine = new Machine()
    const journal = (): never => denied('ENOSPC')
    const {steps} = await repaired({
      checks: [broken('state/ownership', machine, own)],
      machine,
      options: {journal},
    })
    expect(steps).toMatchObject([
      {
        outcome: 'refused',
        reason: 'the journal of this run cannot be written (ENOSPC), so nothing was changed',
      },
    ])
    expect(machine.done).toEqual([])
  })
})
