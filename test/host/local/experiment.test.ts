import {readFileSync} from 'node:fs'
import {describe, expect, it, test} from 'vitest'
import {CannotLook} from '../../../src/host/host.ts'
import {addedTo, assertHarmless} from '../../../src/host/local/experiment.ts'
import {sandboxOf} from '../../../src/host/local/sandbox.ts'
import {parseShown, type Shown} from '../../../src/host/local/shown.ts'
import {limitsOf} from '../../../src/host/local/transient-settings.ts'

/** What `systemctl show --all UNIT no-such.service` printed on a real machine (systemd 257). */
function shown(name: string): readonly [Shown, Shown] {
  const [unit, defaults] = parseShown(
    readFileSync(new URL(`shown/${name}.txt`, import.meta.url), 'utf8'),
  )
  if (!unit || !defaults) throw new Error(`${name} does not hold two units`)
  return [unit, defaults]
}

const withValues = (unit: Shown, values: Readonly<Record<string, string>>): Shown =>
  new Map([...unit, ...Object.entries(values).map(([name, value]) => [name, [value]] as const)])

describe('the sandbox of a unit', () => {
  const [midship, defaults] = shown('prism-django')
  const names = sandboxOf(midship, defaults).map(({name}) => name)

  it('is what asUnit passes on, each setting once and in the words of a unit', () => {
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining(['PrivateTmp', 'ProtectHome', 'ProtectSystem', 'ReadWritePaths']),
    )
    expect(sandboxOf(midship, defaults)).toContainEqual({name: 'PrivateTmp', value: 'yes'})
  })

  it('holds nothing of who the process is, what it may become and what it is given', () => {
    const others =
      /^(?:User|Group|DynamicUser|NoNewPrivileges|.*Capabilit|WorkingDirectory|.*Environment|UMask)/
    expect(names.filter(name => others.test(name))).toEqual([])
  })

  it('holds a limit only where the unit sets it', () => {
    const limits = names.filter(name => /^(?:Limit[A-Z]+|MemoryMax|TasksMax)$/.test(name))
    // What a unit that does not exist has, systemd takes from itself: the two may differ.
    expect(limits).toEqual(['LimitCORE', 'LimitNOFILE'])
    const limited = withValues(midship, {
      LimitNOFILE: '48',
      LimitNOFILESoft: '48',
      MemoryMax: '157286400',
    })
    expect(sandboxOf(limited, defaults)).toEqual(
      expect.arrayContaining([
        {name: 'LimitNOFILE', value: '48:48'},
        {name: 'MemoryMax', value: '157286400'},
      ]),
    )
  })

  it('of memory leaves out what the unit has, never what whoever looks may take', () => {
    const bounds = {timeout: 1000, unbounded: false}
    const limited = withValues(midship, {MemoryMax: '157286400'})
    expect(limitsOf(limited, bounds)).toContainEqual({name: 'MemoryMax', value: '157286400'})
    expect(limitsOf(limited, bounds, ['MemoryMax'])).toContainEqual({
      name: 'MemoryMax',
      value: String(1024 ** 3),
    })
  })
})

describe('an experiment', () => {
  const [midship] = shown('prism-django')

  it('lets nobody gain privileges, and changes nothing where it is none', () => {
    const none = {name: 'NoNewPrivileges', value: 'yes'}
    expect(addedTo({})).toEqual([])
    expect(addedTo({without: ['ProtectHome']})).toEqual([none])
    const added = {name: 'PrivateTmp', value: 'yes'}
    expect(addedTo({with: [added]})).toEqual([added, none])
  })

  test.each([
    'User',
    'Group',
    'SupplementaryGroups',
    'DynamicUser',
    'NoNewPrivileges',
    'CapabilityBoundingSet',
    'AmbientCapabilities',
    'SecureBits',
    'AppArmorProfile',
    'RootDirectory',
    'EnvironmentFile',
    'LoadCredential',
    'StateDirectory',
  ])('neither leaves %s= out nor sets it', name => {
    const refuses = (options: Parameters<typeof assertHarmless>[2]) =>
      expect(() => assertHarmless(midship, 'prism-django.service', options)).toThrow(TypeError)
    refuses({without: ['ProtectHome', name]})
    refuses({with: [{name, value: 'x'}]})
  })

  test.each(['', 'root', '0'])('is refused for a unit of root (User=%s)', User => {
    const unit = withValues(midship, {User})
    const without = ['ProtectSystem']
    const of = (options: Parameters<typeof assertHarmless>[2]) => () =>
      assertHarmless(unit, 'x.service', options)
    expect(of({without})).toThrow(CannotLook)
    expect(of({with: [{name: 'ReadWritePaths', value: '/srv'}]})).toThrow(CannotLook)
    expect(of({})).not.toThrow()
    expect(of({without, as: {user: 'www-data', group: null}})).not.toThrow()
    expect(of({without, as: {user: 'root', group: null}})).toThrow(CannotLook)
  })

  it('is refused for a unit that is nearly root by its capabilities', () => {
    const of = (AmbientCapabilities: string) => () =>
      assertHarmless(withValues(midship, {AmbientCapabilities}), 'x.service', {
        without: ['ProtectSystem'],
      })
    expect(of('cap_net_bind_service')).not.toThrow()
    expect(of('cap_net_bind_service cap_dac_override')).toThrow(CannotLook)
    expect(of('cap_sys_admin')).toThrow(CannotLook)
  })

  it('is made for a user of its own, and for a dynamic one', () => {
    const without = ['ProtectSystem']
    expect(() => assertHarmless(midship, 'x.service', {without})).not.toThrow()
    const dynamic = withValues(midship, {User: '', DynamicUser: 'yes'})
    expect(() => assertHarmless(dynamic, 'x.service', {without})).not.toThrow()
  })
})
