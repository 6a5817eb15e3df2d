import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {oncePerHost} from '../once-per-host.ts'
import {factOf} from './facts.ts'

/** The locales that programs of this machine may choose (setlocale(3)). */
export const findLocales = oncePerHost(async (host: Host): Promise<readonly Seen[]> => {
  const answer = await ifTold(host.exec(['locale', '-a'], {question: 'locales'}))
  if (answer?.exitCode !== 0) return []
  const names = answer.stdout.split('\n').filter(name => name !== '')
  return [whole('locale/'), ...names.map(name => factOf(`locale/${name}`, 'locale -a', 'there'))]
})
