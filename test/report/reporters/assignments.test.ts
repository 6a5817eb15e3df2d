import {expect, test} from 'vitest'
import {merged} from '../../../src/report/reporters/assignments.ts'

const nginx = 'users.users.nginx.extraGroups ='

test('two lists for one option are one assignment, where the first of them stands', () => {
  const first = `systemd.services.x.serviceConfig.UMask = "0007";\n${nginx} [ "prism" ];`
  const second = `${nginx} [ "redis" "prism" ];`
  const other = 'systemd.services.x.environment.A = "1";'
  expect(merged([first, other, second, first])).toEqual(
    new Map([
      [first, `systemd.services.x.serviceConfig.UMask = "0007";\n${nginx} [ "prism" "redis" ];`],
      [other, other],
      [second, ''],
    ]),
  )
})

test('what stands in a list may be an attribute set, or have spaces', () => {
  const users = 'services.postgresql.ensureUsers ='
  const one = `${users} [ { name = "a"; ensureDBOwnership = true; } ];`
  const two = `${users} [ { name = "b"; ensureDBOwnership = true; } ];`
  expect(merged([one, two]).get(one)).toBe(
    `${users} [ { name = "a"; ensureDBOwnership = true; } { name = "b"; ensureDBOwnership = true; } ];`,
  )
  const rule = 'systemd.tmpfiles.rules = [ "d /var/lib/x 0750 x x - -" ];'
  expect(merged([rule]).get(rule)).toBe(rule)
})
