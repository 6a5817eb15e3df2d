import {isSamePlace} from '../fronts/front.ts'
import {type Bind, parseBind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'

/** An address in a variable of the unit that nobody reads, while the server listens elsewhere. */
export interface Unheeded {
  readonly variable: string
  readonly value: string
  readonly bind: Bind
}

export function unheededBind({environment, binds, django}: Target): Unheeded | null {
  if (django.answer === null || binds.length === 0) return null
  for (const [variable, value] of environment) {
    if (!/(?:^|_)BIND$/.test(variable) || django.answer.read.includes(variable)) continue
    const bind = parseBind(value)
    if (bind !== null && !binds.some(own => isSamePlace(own, bind))) return {variable, value, bind}
  }
  return null
}
