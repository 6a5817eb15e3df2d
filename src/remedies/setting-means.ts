import {whereVariable} from '../facts/django/variables.ts'
import type {Target} from '../facts/target/target.ts'
import type {Means} from '../platform/platform.ts'
import {inSettings, restated} from './service.ts'

/**
 * How a setting of Django's is changed: in the variable that the settings look for, wherever that
 * is set; else in the file that makes it.
 * @param value null where it is for a human to say.
 */
export function settingMeans(target: Target, setting: string, value: string | null = null): Means {
  const stated = whereVariable(target, setting)
  if (stated) return restated(target, stated, value)
  const file = target.django.answer?.places[setting]?.file
  return file ? inSettings(target, file) : target.platform.variable(target, setting, value)
}
