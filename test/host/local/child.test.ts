import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {afterEach, describe, expect, it} from 'vitest'
import {CannotLook} from '../../../src/host/host.ts'
import {type Child, startChild} from '../../../src/host/local/child.ts'

const children: Child[] = []

function start(): Child {
  const child = startChild('../../../test/host/local/children/obedient')
  children.push(child)
  return child
}

async function pidOf(child: Child): Promise<number> {
  return ((await child.ask({kind: 'who'})) as {pid: number}).pid
}

/** Whether a process is there and is no zombie, whose parent has yet to ask after it. */
function lives(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const isGone = (pid: number): Promise<void> =>
  expect.poll(() => lives(pid), {timeout: 30_000}).toBe(false)

afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})

describe('a child', () => {
  it('answers, in order', async () => {
    const child = start()
    const questions = [1, 2, 3].map(number => ({kind: 'echo', number, bytes: Buffer.from('ä')}))
    const answers = await Promise.all(questions.map(child.ask))
    expect(answers).toEqual(questions.map(each => ({...each, bytes: expect.any(Uint8Array)})))
  })

  it('throws what was thrown there', async () => {
    const child = start()
    await expect(child.ask({kind: 'cannot'})).rejects.toEqual(
      new CannotLook('only root sees it', {privilege: true}),
    )
    await expect(child.ask({kind: 'cannot'})).rejects.toMatchObject({privilege: true})
    await expect(child.ask({kind: 'errno'})).rejects.toMatchObject({code: 'ENOENT'})
  })

  it('is given nothing of ours', async () => {
    const {directory, variables} = (await start().ask({kind: 'who'})) as {
      directory: string
      variables: string[]
    }
    expect(directory).toBe('/')
    expect(variables).toContain('LC_ALL')
    expect(variables).not.toContain('HOME')
  })

  it('can be killed while it hangs, and whoever asked or asks is told', async () => {
    const child = start()
    const pid = await pidOf(child)
    const hanging = child.ask({kind: 'hang'})
    const behind = child.ask({kind: 'echo'})
    child.kill()
    await expect(hanging).rejects.toThrow(CannotLook)
    await expect(behind).rejects.toThrow(CannotLook)
    await expect(child.ask({kind: 'echo'})).rejects.toThrow(CannotLook)
    await isGone(pid)
  })

  it('that dies says so', async () => {
    const child = start()
    expect(child.isAlive()).toBe(true)
    await expect(child.ask({kind: 'die'})).rejects.toThrow(/SIGKILL/)
    expect(child.isAlive()).toBe(false)
  })
})

describe('the process that started it', () => {
  const parents: ChildProcess[] = []
  const parent = async (how: string): Promise<{self: ChildProcess; pid: number}> => {
    const script = fileURLToPath(new URL('children/parent.ts', import.meta.url))
    const self = spawn(process.execPath, [script, how], {stdio: ['ignore', 'pipe', 'inherit']})
    parents.push(self)
    const [said] = (await once(self.stdout, 'data')) as [Buffer]
    return {self, pid: Number(said)}
  }
  afterEach(() => {
    for (const each of parents.splice(0)) each.kill('SIGKILL')
  })

  it('ends although it has an idle child, which ends then', async () => {
    const {self, pid} = await parent('ends')
    expect(await once(self, 'exit')).toEqual([0, null])
    await isGone(pid)
  })

  it('takes a child with it that hangs', async () => {
    const {self, pid} = await parent('leaves')
    expect(await once(self, 'exit')).toEqual([0, null])
    await isGone(pid)
  })

  it('takes it with it even where it is killed', async () => {
    const {self, pid} = await parent('stays')
    self.kill('SIGKILL')
    await isGone(pid)
  })
})
