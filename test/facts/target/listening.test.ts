import {expect, it} from 'vitest'
import {findTarget} from '../../../src/facts/target/find.ts'
import {type Edits, machine} from '../../machine.ts'
import {targetWith, unit} from './targets.ts'

it("believes gunicorn's own word for where it listens, and the configuration before it", async () => {
  const binds = [{path: '/run/prism.sock'}, {host: '0.0.0.0', port: 8100}]
  const edits: Edits = {django: {server: {binds}}}
  const {bind, binds: all} = await targetWith(edits)
  expect(bind).toEqual({socketPath: '/run/prism.sock'})
  expect(all).toEqual([{socketPath: '/run/prism.sock'}, {host: '0.0.0.0', port: 8100}])
  const chosen = await findTarget(machine('healthy', edits), {unit, bind: '127.0.0.1:9000'})
  expect(chosen.bind).toEqual({host: '127.0.0.1', port: 9000})
})
