import type {Fault} from '../container/fault.ts'
import {database} from './faults/database.ts'
import {first} from './faults/first.ts'
import {fronts, frontsThatAreWell} from './faults/fronts.ts'
import {healthy, variants} from './faults/healthy.ts'
import {held, mistypes, unheld} from './faults/holds.ts'
import {open} from './faults/open.ts'
import {passwordElsewhere, passwordLost} from './faults/passfile.ts'
import {publicFaults, publicVariants} from './faults/public.ts'
import {sandbox} from './faults/sandbox.ts'
import {secrets} from './faults/secrets.ts'
import {service} from './faults/service.ts'
import {state} from './faults/state.ts'
import {statics} from './faults/static.ts'
import {served} from './faults/statics.ts'
import {web} from './faults/web.ts'
import {who} from './faults/who.ts'
import {words} from './faults/words.ts'

const all: readonly Fault[] = [
  healthy,
  ...first,
  ...variants,
  ...passwordElsewhere,
  ...service,
  ...sandbox,
  ...secrets,
  ...passwordLost,
  ...state,
  ...statics,
  ...served,
  ...database,
  ...web,
  ...who,
  ...words,
  ...open,
  ...held,
  ...mistypes,
  ...unheld,
  ...publicFaults,
  ...publicVariants,
  ...fronts,
  ...frontsThatAreWell,
]

/** The cases of these names; without names every one. */
export function casesOf(names: readonly string[]): readonly Fault[] {
  if (names.length === 0) return all
  return names.map(name => {
    const found = all.find(each => each.name === name)
    if (!found) throw new Error(`there is no case ${name}; see midship cases`)
    return found
  })
}
