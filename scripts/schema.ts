import {writeFileSync} from 'node:fs'
import {toJsonSchema} from '@valibot/to-json-schema'
import {reportSchema} from '../src/report/schema.ts'

/** schema/report.schema.json, as the program's own definition of the report says it. */
export function reportJsonSchema(): string {
  // How the boundary handles a string is nobody else's concern.
  const {$schema, ...schema} = toJsonSchema(reportSchema, {
    target: 'draft-2020-12',
    ignoreActions: ['metadata'],
  })
  const head = {
    $schema,
    title: 'prism-doctor report, version 1',
    description: 'What `prism-doctor --json` prints.',
  }
  // Fields are only ever added: whoever validates with an older copy must not be broken by that.
  return `${JSON.stringify({...head, ...schema}, (key, value) => (key === 'additionalProperties' ? undefined : value), 2)}\n`
}

if (import.meta.main)
  writeFileSync(new URL('../schema/report.schema.json', import.meta.url), reportJsonSchema())
