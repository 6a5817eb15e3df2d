import type {UnitSetting} from '../host.ts'
import {fixed} from './experiment.ts'
import {propertyOf, type Setting, type Shown} from './shown.ts'
import {isMapped, showUnit} from './transient.ts'
import {ceilings} from './transient-settings.ts'
import {translate} from './unit-properties.ts'

/** Host.sandbox */
export async function findSandbox(unit: string): Promise<readonly UnitSetting[]> {
  return sandboxOf(...(await showUnit(unit)))
}

/**
 * By the table that asUnit itself goes by, so that no list of settings is kept for experiments.
 * @param defaults the same of a unit that does not exist.
 */
export function sandboxOf(of: Shown, defaults: Shown): readonly UnitSetting[] {
  const passed = [...translate(of, defaults, isMapped).settings, ...lessThanOurs(of)]
  const values = new Map<string, string>()
  for (const setting of passed) {
    const {name, value} = inPlainWords(setting)
    const plain = name.replace(/Ex$/, '')
    if (fixed.test(plain) || isOrdinary(plain, of, defaults)) continue
    const before = values.get(plain)
    values.set(plain, before === undefined ? value : `${before} ${value}`)
  }
  return [...values].map(([name, value]) => ({name, value}))
}

/** PrivateTmp=yes, as a unit has it, where PrivateTmpEx=connected is what is passed on. */
function inPlainWords(setting: Setting): Setting {
  return setting.or ? inPlainWords(setting.or) : setting
}

/** What the unit allows less of than whoever looks may take. */
function lessThanOurs(unit: Shown): readonly Setting[] {
  return Object.entries(ceilings).flatMap(([name, most]) => {
    const value = propertyOf(unit, name)
    return /^\d+$/.test(value) && Number(value) < most ? [{name, value}] : []
  })
}

/** A limit that is passed on always, and is the same for every unit. */
function isOrdinary(name: string, unit: Shown, defaults: Shown): boolean {
  return (
    /^Limit[A-Z]+$/.test(name) &&
    [name, `${name}Soft`].every(each => propertyOf(unit, each) === propertyOf(defaults, each))
  )
}
