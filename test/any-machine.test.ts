import fc from 'fast-check'
import {expect, test} from 'vitest'
import {anyMachine, diagnosedMachine} from './any-machine.ts'

test.each(['healthy', 'postgres-stopped', 'secret-key-missing'])(
  'whatever a machine like %s says, every check answers, and nothing acts on the terminal',
  async name => {
    const holds = fc.asyncProperty(anyMachine(name), async edits => {
      const {checks} = await diagnosedMachine(name, edits)
      const crashed = checks.flatMap(({id, findings}) =>
        findings
          .map(({message}) => `${id}: ${message}`)
          .filter(said => said.includes(': this check failed: ')),
      )
      expect(crashed).toEqual([])
      const said = checks.flatMap(({findings}) =>
        findings.flatMap(each => [each.message, ...each.evidence]),
      )
      expect(said.filter(text => /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u.test(text))).toEqual(
        [],
      )
    })
    await fc.assert(holds, {seed: 20_261_126, numRuns: 60, endOnFailure: true})
  },
)
