import {posix} from 'node:path'
import {deniedFiles} from '../../facts/django/denied-files.ts'
import {isBelow} from '../../facts/files/paths.ts'
import {sqliteFiles} from '../../facts/files/state-tree.ts'
import {pagesFail} from '../../facts/http.ts'
import type {Named} from '../../facts/refusals/look.ts'
import {findNamed, isSettled} from '../../facts/refusals/named.ts'
import {olderGroups} from '../../facts/refusals/older-groups.ts'
import {findRefusal, type Refusal} from '../../facts/refusals/refusal.ts'
import type {Target} from '../../facts/target/target.ts'
import {letIn, withNewGroups} from '../../remedies/refusals.ts'
import {
  type CheckId,
  type Details,
  type Finding,
  finding,
  ok,
  type Said,
} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {explanation} from './access.explanation.ts'
import {accessFacts} from './access.facts.ts'
import {type Code, found} from './access.findings.ts'
import {serviceUnit} from './unit.ts'
import {serviceUser} from './user.ts'

export const serviceAccess: CheckOf<Code> = {
  id: 'service/access',
  title: 'No permission keeps the service from what it needs',
  explanation,
  findings: found,
  needs: [serviceUnit, serviceUser],
  facts: accessFacts,
  async run({host, target}) {
    const names = await findNamed(host, target)
    // One request of many that a running service ended so does not explain why all of them fail.
    const judged = async (
      one: Finding<'critical', Code>,
      {at}: Named,
    ): Promise<Finding<'critical' | 'warning', Code>> => {
      if (at === null || !isSettled(target.unit, host.now())) return one
      const status = (await pagesFail(host, target)) ? 'critical' : 'warning'
      return {...one, status, explains: ['service/journal']}
    }
    const refusal = names.length > 0 ? await findRefusal(host, target, names) : null
    if (refusal) {
      const cure = letIn(target, refusal)
      return judged(finding(refusalWords(refusal), cure, detailsOf(target, refusal)), refusal.named)
    }
    const [first] = names.filter(({isRefused}) => isRefused)
    const groups = first ? await olderGroups(host, target, first) : []
    if (first && groups.length > 0)
      return judged(
        finding(
          found['older-groups'](target.unit.name, first.path, groups),
          withNewGroups(target),
          {
            evidence: [first.said],
          },
        ),
        first,
      )
    return ok(
      names.length === 0
        ? `${target.unit.name} was refused nothing`
        : `nothing that ${target.unit.name} names is closed to it`,
    )
  },
}

/** What refuses, and why. */
export function refusalWords(refusal: Refusal): Said<Code, 'critical'> {
  const {why} = refusal
  switch (why.kind) {
    case 'group':
      return found.group(refusal)
    case 'mask':
    case 'list':
      return found.acl(refusal)
    case 'read-only':
    case 'no-exec':
      return found[why.kind](refusal, why.point)
    case 'immutable':
      return found.immutable(refusal)
    case 'security':
      return found.security(refusal, why.label)
    default:
      return found.refused(refusal)
  }
}

function detailsOf(target: Target, {named, at, owner, group, who}: Refusal): Details {
  const owners = ownersOf(target, at.path)
  const mode = at.mode.toString(8).padStart(4, '0')
  return {
    evidence: [
      named.said,
      `${mode} ${owner}:${group} ${at.path}${at.acl === null ? '' : ' (access control list)'}`,
      `${who.name}: uid ${who.uid}, groups ${who.groups.join(' ')}`,
    ],
    ...(owners.length > 0 && {because: owners}),
  }
}

/** The checks whose matter a place is: where one of them fails, it says the same better. */
export function ownersOf(target: Target, path: string): readonly CheckId[] {
  const {stateDirectory, staticRoot, mediaRoot, secretsFiles, django, workingDirectory} = target
  const logs = (django.answer?.logFiles ?? []).map(each => each.path)
  const roots = [staticRoot, mediaRoot].map(
    root => root && posix.resolve(workingDirectory ?? '/', root),
  )
  const kept = [stateDirectory, ...roots, ...logs, ...sqliteFiles(target).keys()]
  const secrets = [...secretsFiles.map(each => each.path), ...deniedFiles(target)]
  const lies = (places: readonly (string | null)[]): boolean =>
    places.some(place => place !== null && (isBelow(path, place) || isBelow(place, path)))
  return [
    ...(lies(kept)
      ? (['state/directory', 'state/ownership', 'state/modes', 'static/root'] as const)
      : []),
    ...(lies(secrets) ? (['secrets/file'] as const) : []),
  ]
}
