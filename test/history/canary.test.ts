import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import type {Picture} from '../../src/engine/picture.ts'
import {memory} from '../../src/history/remember.ts'
import {historyOf} from '../../src/history/tell.ts'
import {once} from '../../src/host/once.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {replayHost} from '../../src/host/replay.ts'
import type {Report} from '../../src/report/report.ts'
import {leaked} from '../canaries.ts'
import {canaries, canaryMachine} from '../canary-machine.ts'
import {ownPlace} from './machine.ts'

const machines = ['healthy', 'wrong-password', 'port-taken', 'secret-key-missing'] as const

describe.each(machines)('where everybody tells every secret there is: %s', name => {
  const leaks = (text: string): readonly string[] => leaked(text, canaries())

  test.each([true, false])(
    'none is kept, or told of what was kept; all is well: %s',
    async isWell => {
      const place = ownPlace()
      const recording = canaryMachine(name)
      const remember = memory({directory: place, isWhole: true})
      const seen: Picture[] = []
      const run = async (status: Report['status'] | null): Promise<Report> =>
        diagnose({
          host: once(replayHost(recording, createSecrets())),
          hostname: recording.host,
          checks,
          settings: {unit: recording.unit},
          deadline: 30_000,
          async remember(look) {
            const picture = await look.picture
            seen.push(picture)
            // Whatever is wrong with it: all of it would be kept.
            const report = status === null ? look.report : {...look.report, status, rootCauses: []}
            return remember({...look, report})
          },
        })
      const first = await run('ok')
      const second = await run(isWell ? 'ok' : null)
      expect([first, second].map(({history}) => history?.note)).toEqual([null, null])
      expect(leaks(JSON.stringify([first, second]))).toEqual([])
      const directory = join(place, 'history')
      const files = readdirSync(directory).map(file => readFileSync(join(directory, file), 'utf8'))
      expect(leaks(files.join('\n'))).toEqual([])
      expect(leaks(JSON.stringify(historyOf(place, undefined, undefined)))).toEqual([])
      // They were there to be kept.
      const values = seen.flatMap(({facts}) => [...facts.values()].map(({value}) => value))
      expect(leaks(values.join('\n')).length).toBeGreaterThan(20)
    },
  )
})
