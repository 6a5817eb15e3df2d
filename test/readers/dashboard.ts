/** A dashboard of Grafana, as far as we look into it. */
export interface Dashboard {
  readonly uid: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: {readonly list: readonly Variable[]}
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly description: string
  readonly gridPos: {readonly x: number; readonly y: number; readonly w: number; readonly h: number}
  readonly datasource: {readonly uid: string}
  readonly targets: readonly {readonly refId: string; readonly expr: string}[]
  readonly fieldConfig: {readonly defaults: {readonly mappings?: readonly Mapping[]}}
}

/** What is shown in place of a number. */
interface Mapping {
  readonly options: Readonly<Record<string, {readonly text: string}>>
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query: string | {readonly query: string}
}

export const parseDashboard = (text: string): Dashboard => JSON.parse(text) as Dashboard

/** Every PromQL of its panels, with its variables as Grafana fills in "All". */
export function queriesOf(text: string): readonly string[] {
  return parseDashboard(text).panels.flatMap(({targets}) =>
    targets.map(({expr}) => expr.replaceAll(/\$(?:instance|unit)\b/g, '.*')),
  )
}
