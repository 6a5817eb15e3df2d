import {expect, test} from 'vitest'
import {mountOf, parseMountinfo} from '../../src/host/mountinfo.ts'

// A process under ProtectSystem=strict and ReadWritePaths=/var/lib/prism-django (systemd 257).
const sandboxed =
  parseMountinfo(`363 152 0:103 / / ro,nosuid,relatime shared:120 master:267 - overlay midship rw,lowerdir=/a
378 363 0:110 / /run rw,nosuid,nodev shared:158 master:432 - tmpfs tmpfs rw,size=4936820k,mode=755
396 378 0:110 /systemd/propagate /run/systemd/incoming ro,nosuid,nodev master:432 - tmpfs tmpfs rw,size=4936820k
408 363 0:103 /var/lib/prism-django /var/lib/prism-django rw,nosuid,relatime shared:189 master:267 - overlay midship rw
409 363 0:103 /var/lib/old//deleted /srv/a\\040b rw,nosuid - overlay midship ro,lowerdir=/a`)

test('the deepest mount decides', () => {
  expect(mountOf(sandboxed, '/var/lib')?.readOnly).toBe(true)
  expect(mountOf(sandboxed, '/var/lib/prism-django/staticfiles')?.readOnly).toBe(false)
  expect(mountOf(sandboxed, '/var/lib/prism-django-other')?.point).toBe('/')
  expect(mountOf(sandboxed, '/run/systemd/incoming')?.readOnly).toBe(true)
})

test('of several mounts at one point the last lies on top', () => {
  const twice = parseMountinfo('1 0 0:1 / /x ro - ext4 a rw\n2 1 0:2 / /x rw - ext4 b rw')
  expect(mountOf(twice, '/x/y')?.readOnly).toBe(false)
})

test('escaped points, removed sources, a filesystem that is read-only itself', () => {
  expect(mountOf(sandboxed, '/srv/a b/c')).toEqual({
    point: '/srv/a b',
    root: '/var/lib/old//deleted',
    type: 'overlay',
    readOnly: true,
    noExec: false,
  })
})
