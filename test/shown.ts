import type {UnitProperties} from '../src/host/host.ts'
import {parseShow, type Unit, unitOf} from '../src/host/unit.ts'

/** A unit by the lines that `systemctl show` prints of it. */
export function shown(text: string): Unit {
  const properties = propertiesIn(text)
  const {Id = ''} = properties
  return unitOf(String(Id), properties)
}

export function propertiesIn(text: string): UnitProperties {
  return parseShow(text)[0] ?? {}
}
