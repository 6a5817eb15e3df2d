import type {Front} from '../facts/fronts/front.ts'
import {type Place, shownPlace} from '../facts/fronts/nginx-syntax.ts'
import type {Target} from '../facts/target/target.ts'
import {execCommands} from '../host/unit.ts'
import type {Remedy, Step} from '../report/finding.ts'
import {hand, run} from '../report/step.ts'
import {remedy} from './remedy.ts'
import {rebuild} from './service.ts'

/** What is to be corrected in a front's configuration. */
export interface Correction {
  /** A verb phrase: "Correct proxy_pass". */
  readonly summary: string
  /** Where; null where that is not known. */
  readonly at: Place | null
  /** What to look at first. */
  readonly first?: readonly Step[]
  /** The lines of Nix, for a front that NixOS configures. */
  readonly nix?: string | null
}

/** Whether NixOS writes a front's configuration: then a file of it is never edited. */
export function isNix({unit}: Pick<Front, 'unit'>): boolean {
  return execCommands(unit, 'ExecStart')[0]?.path.startsWith('/nix/store/') === true
}

/** Correct a file of a front, then let the front test it and read it; on NixOS correct its option, then rebuild. */
export function correct(target: Target, front: Front, {summary, at, first = [], nix = null}: Correction): Remedy {
  if (isNix(front)) return remedy(`${summary}, then rebuild`, 'manual', [...first, rebuild(target)], nix)
  const where = at === null ? '' : ` in ${shownPlace(at)}`
  return remedy(`${summary}${where}, then test and reload ${front.kind}`, 'manual', [...first, ...reload(front)])
}

/** Lets a front test its configuration, then read it anew. */
export function reload({kind, unit, file}: Front): readonly Step[] {
  const test = {
    nginx: ['nginx', '-t'],
    apache: [unit.name.startsWith('httpd') ? 'apachectl' : 'apache2ctl', 'configtest'],
    caddy: ['caddy', 'validate', '--config', file ?? '/etc/caddy/Caddyfile'],
  } as const
  return [run(...test[kind]), run('systemctl', 'reload', unit.name)]
}

export function readJournal({unit}: Pick<Front, 'unit'>): Step {
  return hand(`journalctl -u ${unit.name} -n 50 --no-pager`)
}
