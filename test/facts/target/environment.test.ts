import {describe, expect, it} from 'vitest'
import {cannotLook} from '../../machine.ts'
import {path, targetWith, unit} from './targets.ts'

describe("the unit's environment", () => {
  it('learns from the process what PassEnvironment= gave it, unless the unit says otherwise', async () => {
    const {environment: found} = await targetWith({
      show: {
        [unit]: {PassEnvironment: 'POSTGRES_DB LC_ALL NOWHERE', Environment: 'LC_ALL=C.UTF-8'},
      },
      readFile: {'/run/secrets/prism-env': {kind: 'missing'}},
    })
    expect(found.get('POSTGRES_DB')).toBe('prism')
    expect(found.get('LC_ALL')).toBe('C.UTF-8')
    expect(found.has('NOWHERE')).toBe(false)
  })

  it('reads the files that a pattern of EnvironmentFile= stands for, in their order', async () => {
    const text = (more: string) => ({
      kind: 'file',
      text: `POSTGRES_USER=keeper\n${more}\n`,
      utf8: true,
    })
    const {secretsFiles, environment: found} = await targetWith({
      show: {[unit]: {EnvironmentFiles: '/run/keys/[!b]*.env (ignore_errors=no)'}},
      list: {'/run/keys': ['c.env', 'a.env', 'b.env', '.d.env', 'a.env.bak']},
      readFile: {
        '/run/keys/a.env': text('POSTGRES_DB=one'),
        '/run/keys/c.env': text('POSTGRES_DB=two'),
      },
    })
    expect(secretsFiles.map(file => file.path)).toEqual(['/run/keys/a.env', '/run/keys/c.env'])
    expect(found.get('POSTGRES_DB')).toBe('two')
  })

  it('says that the environment is incomplete when the secrets may not be read', async () => {
    const found = await targetWith({readFile: {[path]: cannotLook('denied', true)}})
    expect(found.environmentIncomplete).toBe(true)
  })
})
