import {type DjangoAnswer, shownPlace} from '../../facts/django/django.ts'
import {pagesFail} from '../../facts/http.ts'
import type {Target} from '../../facts/target/target.ts'
import {ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {serviceUser} from '../service/user.ts'
import {explanation} from './settings.explanation.ts'
import {settingsFacts} from './settings.facts.ts'
import {type Code, found} from './settings.findings.ts'
import {judgeImports} from './settings.imports.ts'
import {judgeRefusedPath, judgeSandbox} from './settings.sandbox.ts'
import {goesOnWithout, judgeStart} from './settings.start.ts'
import {isOfStart, judgeUnasked} from './settings.unasked.ts'

export const appSettings: CheckOf<Code> = {
  id: 'app/settings',
  title: "Django starts in the unit's environment",
  explanation,
  findings: found,
  needs: [serviceUnit, serviceUser],
  facts: settingsFacts,
  async run({host, target}) {
    const {django, server, settings} = target
    if (django.unasked) {
      if (!isOfStart(django.unasked)) return judgeUnasked(target, django.unasked)
      const {walled, experiments} = await judgeSandbox(host, target)
      return walled ?? {...judgeUnasked(target, django.unasked), experiments}
    }
    const answer = django.answer as DjangoAnswer
    const failure = await judgeImports(host, target, answer)
    if (failure) {
      if (failure.code === 'missing-variable') return failure
      const [{chain} = {chain: []}] = answer.failures
      const {walled, experiments} = await judgeSandbox(host, target, {chain})
      return walled ?? {...failure, experiments}
    }
    const isAmiss = mayFail(target) || (await pagesFail(host, target))
    // Settings may do without a part that is for other machines: it counts where something fails.
    const [swallowed] = answer.swallowed ?? []
    if (swallowed && isAmiss) return goesOnWithout(target, swallowed)
    const further = isAmiss || settings.deep === true ? await judgeStart(host, target) : null
    if (further?.failure) return further.failure
    const runs = target.unit.get('ActiveState') === 'active'
    const {walled} = runs ? await judgeRefusedPath(host, target) : {walled: null}
    // Who runs and cannot do one thing of many is not down.
    if (walled) return (await pagesFail(host, target)) ? walled : {...walled, status: 'warning'}
    const shown = answer.file
      ? shownPlace({file: answer.file, line: null}, target.workingDirectory)
      : 'its settings'
    return ok(
      `Django ${answer.django} on Python ${answer.python} reads ${shown} in the unit's environment`,
      {
        evidence: [
          `asked in ${answer.tookMs} ms`,
          ...(server.interpreter ? [`interpreter: ${server.interpreter}`] : []),
          ...(answer.module ? [`settings: ${answer.module}`] : []),
          ...answer.files.map(path => `the settings read ${path}`),
        ],
        experiments: further?.experiments ?? [],
      },
    )
  },
}

/** A start that fails, or one that the settings alone do not vouch for. */
function mayFail({unit, django}: Target): boolean {
  const runs = unit.get('ActiveState') === 'active' && Number(unit.get('NRestarts') || 0) === 0
  return !runs || (django.answer?.failures.length ?? 0) > 0
}
