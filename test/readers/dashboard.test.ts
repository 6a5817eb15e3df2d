import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {renderPrometheus} from '../../src/report/reporters/prometheus.ts'
import {monitored} from '../monitored.ts'
import {installed} from '../programs.ts'
import {reports} from '../reports.ts'
import {parseDashboard, queriesOf} from './dashboard.ts'

const require = createRequire(import.meta.url)
const repository = join(import.meta.dirname, '../..')
const text = readFileSync(join(repository, 'packaging/monitoring/grafana-dashboard.json'), 'utf8')
const dashboard = parseDashboard(text)

/** A panel's options, by what Grafana calls it. */
const panels = {
  stat: ['stat', 'StatPanelCfg'],
  table: ['table', 'TablePanelCfg'],
  'state-timeline': ['statetimeline', 'StateTimelinePanelCfg'],
  timeseries: ['timeseries', 'TimeSeriesPanelCfg'],
} as const

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'prism-doctor-dashboard-'))
})
afterAll(() => rmSync(directory, {recursive: true}))

/** A type whose enumerations are their words, as JSON has them. */
const plain = `type Plain<T> = unknown extends T ? T
  : T extends string ? \`\${T}\`
  : T extends readonly (infer E)[] ? Plain<E>[]
  : T extends object ? {[K in keyof T]: Plain<T[K]>}
  : T`

/**
 * What TypeScript says of a dashboard as Grafana's own schema types it, enumerations as their
 * words: an unknown field and a word that Grafana does not know are errors.
 */
function typed(json: unknown): string {
  const types = join(dirname(require.resolve('@grafana/schema/package.json')), 'dist/types')
  const all = (json as {panels: {type: keyof typeof panels; options: unknown}[]}).panels
  const imports = Object.entries(panels).map(
    ([, [name, config]]) =>
      `import type {Options as ${config}} from '${types}/raw/composable/${name}/panelcfg/x/types.gen.d.ts'`,
  )
  const source = [
    `import type {Dashboard, Panel} from '${types}/raw/dashboard/x/types.gen.d.ts'`,
    ...imports,
    plain,
    `export const dashboard: Plain<Omit<Dashboard, 'panels'>> & {panels: Plain<Panel>[]} = ${JSON.stringify(json)}`,
    ...all.map(
      ({type, options}, at) =>
        `export const options${at}: Plain<Partial<${panels[type][1]}>> = ${JSON.stringify(options)}`,
    ),
  ].join('\n')
  writeFileSync(join(directory, 'dashboard.ts'), source)
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        module: 'preserve',
        moduleResolution: 'bundler',
        allowImportingTsExtensions: true,
        types: [],
      },
      files: ['dashboard.ts'],
    }),
  )
  const {stdout} = spawnSync(
    process.execPath,
    [join(repository, 'node_modules/typescript/bin/tsc'), '-p', directory],
    {encoding: 'utf8'},
  )
  return stdout
}

describe('the dashboard', () => {
  test("is one by Grafana's own types", () => {
    expect(typed(dashboard)).toBe('')
  })

  test.each([
    ['a field that there is not', {titel: 'x'}],
    ['a word that Grafana does not know', {graphTooltip: 'shared'}],
  ])('is judged by them: %s', (_, wrong) => {
    expect(typed({...dashboard, ...wrong})).toContain('error TS')
  })

  test('can be imported anywhere: no data source and no number of ours', () => {
    expect([dashboard.uid, 'id' in dashboard]).toEqual(['prism-doctor', false])
    const [first, ...others] = dashboard.templating.list
    expect([first?.type, others.map(({name}) => name)]).toEqual([
      'datasource',
      ['instance', 'unit'],
    ])
    for (const {datasource} of dashboard.panels)
      expect(datasource.uid).toBe(['$', '{datasource}'].join(''))
  })

  test('has panels with numbers of their own that do not overlap', () => {
    const ids = dashboard.panels.map(({id}) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const cells = dashboard.panels.flatMap(({gridPos: {x, y, w, h}}) =>
      Array.from({length: w * h}, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(dashboard.panels.every(({gridPos: {x, w}}) => x + w <= 24)).toBe(true)
  })

  test('asks only for metrics that we write', async () => {
    const known = await Promise.all(Object.values({...reports, ...monitored}).map(make => make()))
    const written = known.map(renderPrometheus).join('')
    const queries = [
      ...queriesOf(text),
      ...dashboard.templating.list.map(({query}) => (typeof query === 'string' ? '' : query.query)),
    ]
    const asked = new Set(queries.join('\n').match(/\bprism_doctor_\w+/g))
    expect(asked.size).toBeGreaterThan(10)
    for (const name of asked) expect(written).toContain(`# TYPE ${name} gauge\n`)
  })
})

const promtool = installed('promtool')

const statuses = ['ok', 'warning', 'critical', 'unknown', 'skipped']

describe.skipIf(promtool === null)('its queries', () => {
  // A panel's number, as its own words for numbers have it.
  test.each([
    ['Verdict', 'prism_doctor_status', statuses.slice(0, 4)],
    ['Verdict over time', 'prism_doctor_status', statuses.slice(0, 4)],
    ['Checks over time', 'prism_doctor_check_status', statuses],
  ])('find each status: %s', (title, metric, all) => {
    const panel = dashboard.panels.find(each => each.title === title)
    const [mapping] = panel?.fieldConfig.defaults.mappings ?? []
    const numbers = Object.entries(mapping?.options ?? {}).map(([number, {text}]) => [text, number])
    expect(numbers.map(([text]) => text).sort()).toEqual(all.toSorted())
    const [query = ''] = queriesOf(JSON.stringify({panels: [panel]}))
    const tests = numbers.map(([text, number]) => ({
      interval: '1m',
      input_series: all.map(status => ({
        series: `${metric}{instance="m",unit="u",check="a/b",status="${status}"}`,
        values: status === text ? '1' : '0',
      })),
      promql_expr_test: [
        {
          expr: `max(${query})`,
          eval_time: '0m',
          exp_samples: [{labels: '{}', value: Number(number)}],
        },
      ],
    }))
    const file = join(directory, 'statuses.yml')
    writeFileSync(file, JSON.stringify({tests}))
    const {status, stdout} = spawnSync(promtool ?? '', ['test', 'rules', file], {encoding: 'utf8'})
    expect([status, stdout]).toEqual([0, expect.stringContaining('SUCCESS')])
  })

  test.each(queriesOf(text))('are PromQL: %s', query => {
    const rules = join(directory, 'rules.yml')
    const rule = JSON.stringify({groups: [{name: 'x', rules: [{record: 'x', expr: query}]}]})
    writeFileSync(rules, rule)
    const {status, stderr} = spawnSync(promtool ?? '', ['check', 'rules', rules], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })
})
