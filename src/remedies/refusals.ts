import {letters} from '../facts/refusals/acl.ts'
import type {Need} from '../facts/refusals/look.ts'
import type {Refusal} from '../facts/refusals/refusal.ts'
import type {Target} from '../facts/target/target.ts'
import type {Remedy, Step} from '../report/finding.ts'
import {byHand, hand, readJournal, run} from '../report/step.ts'
import {mend, or, remedy} from './remedy.ts'
import {restart} from './service.ts'

/** Lets the service to what it was refused, by what refuses. */
export function letIn(target: Target, refusal: Refusal): Remedy {
  const {at, why} = refusal
  if (rulesTheMachine(refusal)) return lookWhy(target, refusal)
  switch (why.kind) {
    case 'group':
      return joinGroup(target, refusal)
    case 'mask':
      return manual(target, `Let the mask of ${at.path} admit it again`, [
        byHand('getfacl', '-p', at.path),
        run('setfacl', '-m', `m::${letters(needsOf(refusal))}`, at.path),
      ])
    case 'list':
      return manual(target, `Admit the service in the access control list of ${at.path}`, [
        byHand('getfacl', '-p', at.path),
        admit(refusal),
      ])
    case 'read-only':
      return remedy(`Find out why ${why.point} is read-only, then mount it writable`, 'manual', [
        hand('sudo dmesg --level=err,warn | tail'),
        byHand('sudo', 'mount', '-o', 'remount,rw', why.point),
      ])
    case 'no-exec':
      return remedy(`Move the program, or let ${why.point} execute programs`, 'manual', [
        byHand('grep', '-F', ` ${why.point} `, '/etc/fstab'),
        byHand('sudo', 'mount', '-o', 'remount,exec', why.point),
        restart(target),
      ])
    case 'immutable':
      return manual(target, `Let ${at.path} be changed again`, [
        byHand('lsattr', '-d', at.path),
        byHand('sudo', 'chattr', '-i', '-a', at.path),
      ])
    case 'security':
      return manual(target, "Read what the kernel says of it, and correct the module's rules", [
        hand('sudo journalctl -k -g "DENIED|denied" --no-pager'),
        byHand('ls', '-ldZ', at.path),
      ])
    default:
      return open(target, refusal)
  }
}

/** Whoever may open these, or is in one of these groups, is as good as root. */
const mighty = {
  paths:
    /^\/(?:etc\/(?:g?shadow-?|sudoers(?:\.d)?|ssh\/\w+_key)|(?:root|home\/[^/]+)\/\.(?:ssh|gnupg)|proc|sys|dev\/(?:k?mem|port|(?:sd|vd|xvd|nvme|dm-)\w+))(?:\/|$)/,
  groups: new Set(['root', 'shadow', 'disk', 'kmem', 'sudo', 'wheel', 'docker', 'lxd', 'incus']),
} as const

/** The path stands in what the service logged, and who asks it for a page may have put it there. */
function rulesTheMachine({at, group, why}: Refusal): boolean {
  return mighty.paths.test(at.path) || (why.kind === 'group' && mighty.groups.has(group))
}

function lookWhy({unit}: Target, {at, named}: Refusal): Remedy {
  const summary = `See why the service wants ${at.path}: whoever may open that is as good as root`
  return remedy(summary, 'manual', [byHand('namei', '-l', named.path), readJournal(unit.name)])
}

/** A running process keeps the groups that it was started with. */
export function withNewGroups(target: Target): Remedy {
  return remedy('Restart the service, so that it gets its groups', 'disruptive', [restart(target)])
}

function joinGroup(target: Target, refusal: Refusal): Remedy {
  const {platform, unit} = target
  const {group, at} = refusal
  const means = platform.unitSetting(unit.name, {SupplementaryGroups: [group]})
  const cure = mend(`Put the service into the group ${group}`, means, {
    first: [byHand('ls', '-ld', at.path)],
  })
  return or(cure, manual(target, `Admit the service alone to ${at.path}`, [admit(refusal)]))
}

/** By owner and mode. */
function open(target: Target, refusal: Refusal): Remedy {
  const {at, who, named, why} = refusal
  const look = byHand('namei', '-l', named.path)
  const bits = letters(needsOf(refusal))
  const group = target.group ?? who.name
  if (isHome(at.path))
    return or(
      manual(target, `Move what the service needs out of ${at.path}, which is somebody's home`, [
        look,
      ]),
      manual(target, `Let the service alone pass ${at.path}`, [look, admit(refusal)]),
    )
  if (why.kind === 'mode' && why.by === 'owner')
    return manual(target, `Let the owner of ${at.path} in`, [
      look,
      run('chmod', `u+${bits}`, at.path),
    ])
  if (why.kind === 'mode' && why.by === 'group')
    return manual(target, `Let the group of ${at.path} in`, [
      look,
      run('chmod', `g+${bits}`, at.path),
    ])
  // What another group has been given is not taken from it.
  if (at.gid !== 0)
    return or(
      manual(target, `Admit the service to ${at.path}`, [look, admit(refusal)]),
      manual(target, `Admit everybody to ${at.path}`, [run('chmod', `o+${bits}`, at.path)]),
    )
  const gives = [run('chgrp', group, at.path), run('chmod', `g+${bits}`, at.path)]
  return manual(target, `Let the group of the service in at ${at.path}`, [look, ...gives])
}

/** Of a directory in which something is made, both. */
function needsOf({need, at}: Refusal): readonly Need[] {
  if (at.type !== 'directory') return [need]
  return need === 'pass' ? ['pass'] : [need, 'pass']
}

function admit(refusal: Refusal): Step {
  const {who, at} = refusal
  return run('setfacl', '-m', `u:${who.name}:${letters(needsOf(refusal))}`, at.path)
}

function isHome(path: string): boolean {
  return /^\/(?:root|home\/[^/]+)$/.test(path)
}

function manual(target: Target, summary: string, steps: readonly Step[]): Remedy {
  return remedy(`${summary}, then restart the service`, 'manual', [...steps, restart(target)])
}
