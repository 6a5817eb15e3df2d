import {describe, expect, it} from 'vitest'
import {serviceUser} from '../../../src/checks/service/user.ts'
import {codes, machine, verdicts} from '../../machine.ts'

const unit = 'prism-django.service'
const noSuch = {exitCode: 2, stdout: '', stderr: ''}

describe('service/user', () => {
  it('is silent on the healthy machine', async () => {
    expect(await codes(serviceUser, machine('healthy'))).toEqual(['ok ok'])
  })

  it('names the user that does not exist', async () => {
    const host = machine('healthy', {exec: {'user prism': noSuch}})
    const [finding] = await verdicts(serviceUser, host)
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'user-missing',
      message: `User=prism of ${unit} does not exist`,
    })
  })

  it('names a supplementary group that does not exist', async () => {
    const host = machine('healthy', {
      exec: {'group redis-prism': noSuch},
      show: {[unit]: {SupplementaryGroups: 'redis-prism'}},
    })
    const [finding] = await verdicts(serviceUser, host)
    expect(finding).toMatchObject({status: 'critical', code: 'group-missing'})
    expect(finding?.message).toContain('SupplementaryGroups=redis-prism')
  })

  it('wants no user for DynamicUser=yes, and none where the service runs as root', async () => {
    expect(
      await codes(serviceUser, machine('healthy', {show: {[unit]: {DynamicUser: 'yes'}}})),
    ).toEqual(['ok ok'])
    expect(
      await codes(
        serviceUser,
        machine('healthy', {show: {[unit]: {User: undefined, Group: undefined}}}),
      ),
    ).toEqual(['ok ok'])
  })

  it('does not call a user missing when getent itself failed', async () => {
    const host = machine('healthy', {
      exec: {'user prism': {exitCode: 1, stdout: '', stderr: 'broken'}},
    })
    await expect(codes(serviceUser, host)).rejects.toMatchObject({name: 'CannotLook'})
  })
})
