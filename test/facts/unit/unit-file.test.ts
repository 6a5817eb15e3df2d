import {expect, test} from 'vitest'
import {onlyInFiles} from '../../../src/facts/unit/unit-file.ts'
import {unitOf} from '../../../src/host/unit.ts'
import {literalHost} from '../../literal.ts'

const path = '/etc/systemd/system/prism.service'
const dropIn = '/etc/systemd/system/prism.service.d/more.conf'
const unit = unitOf('prism.service', {FragmentPath: path, DropInPaths: dropIn})

const seen = async (files: Readonly<Record<string, string>>) => {
  const told = await onlyInFiles(
    literalHost({
      readFile: async asked => {
        const text = files[asked]
        return text === undefined ? {kind: 'missing'} : {kind: 'file', text, utf8: true}
      },
    }),
    unit,
  )
  return told && Object.fromEntries(told)
}

test('what systemd does not print is read in the unit’s files, of all its sections', async () => {
  const text = `[Unit]
ConditionPathExists=/srv/a
RequiresMountsFor=/mnt
After=network.target
[Service]
LoadCredential=key:/run/keys/one
User=prism
[Install]
WantedBy=multi-user.target`
  const more = '[Unit]\nConditionUser=\nConditionHost=midship\n[Service]\nLoadCredential=b:/b'
  expect(await seen({[path]: text, [dropIn]: more})).toEqual({
    RequiresMountsFor: ['/mnt'],
    ConditionHost: ['midship'],
    LoadCredential: ['key:/run/keys/one', 'b:/b'],
  })
})

test('where one of its files cannot be read nothing is known', async () => {
  expect(await seen({[path]: '[Unit]\nConditionHost=x'})).toBeNull()
})
