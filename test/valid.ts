import {readFileSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'

const schema = JSON.parse(
  readFileSync(new URL('../schema/report.schema.json', import.meta.url), 'utf8'),
)
const isDateTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text)
const validate = new Ajv2020({allErrors: true, formats: {'date-time': isDateTime}}).compile(schema)

/** What is wrong with a report by the published JSON Schema. */
export function invalidities(report: unknown): readonly string[] {
  validate(report)
  return (validate.errors ?? []).map(({instancePath, message}) =>
    `${instancePath} ${message}`.trim(),
  )
}
