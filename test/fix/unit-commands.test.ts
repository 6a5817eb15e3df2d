import {expect, test} from 'vitest'
import {withUnitCommands} from '../../src/fix/unit-commands.ts'
import {runAs} from '../../src/report/step.ts'
import {machine} from '../machine.ts'

test('a command of the unit is run within this process, and any other program as it is', async () => {
  const ran: string[] = []
  const answer = {exitCode: 0, stdout: '', stderr: ''}
  const never = (): never => {
    throw new Error('nobody expected this')
  }
  const hands = {
    run: async (argv: readonly string[]) => {
      ran.push(`root: ${argv.join(' ')}`)
      return answer
    },
    survey: never,
    alter: never,
    restore: never,
  }
  const both = withUnitCommands(
    hands,
    machine('static-never-collected'),
    async (unit, argv, options) => {
      ran.push(
        `${unit}: ${argv.join(' ').replace(/^.*\//, '')} ${options?.timeout} ${options?.unbounded}`,
      )
      return answer
    },
  )
  const step = runAs({name: 'prism-django.service'}, 'manage', 'migrate', '--noinput')
  expect(step.shell).toBe('sudo prism-doctor run -- manage migrate --noinput')
  await both.run(step.argv ?? [])
  await both.run(['systemctl', 'restart', 'prism-django.service'])
  expect(ran).toEqual([
    'prism-django.service: prism-manage migrate --noinput 300000 true',
    'root: systemctl restart prism-django.service',
  ])
  expect(runAs({name: 'bot.service'}, 'manage', 'check').argv).toEqual([
    ...['prism-doctor', 'run', '--unit', 'bot.service', '--', 'manage', 'check'],
  ])
})
