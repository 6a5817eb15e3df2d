import {startChild} from '../../../../src/host/local/child.ts'

/** Prints the pid of a child of its own, which then hangs; ends by itself unless it is to stay. */
const child = startChild('../../../test/host/local/children/obedient')
const {pid} = (await child.ask({kind: 'who'})) as {pid: number}
process.stdout.write(`${pid}\n`)
if (process.argv[2] === 'stays') {
  await child.ask({kind: 'hang'})
} else if (process.argv[2] === 'leaves') {
  child.ask({kind: 'hang'}).catch(() => undefined)
  // Sent, and begun, before this process ends.
  setTimeout(() => process.exit(), 200)
}
