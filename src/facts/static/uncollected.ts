import type {Entry} from '../../host/host.ts'
import {hashIn, unhashedName} from './hashed-name.ts'
import type {SourceFile, StaticFiles} from './static-files.ts'

/**
 * Which of these lie in STATIC_ROOT neither under their own names nor hashed. WhiteNoise may keep
 * only the hashed ones (WHITENOISE_KEEP_ONLY_HASHED_FILES); static/manifest judges hashed ones that
 * are missing.
 */
export function notCollected(
  files: readonly SourceFile[],
  entries: readonly Entry[],
): readonly SourceFile[] {
  const names = new Set(entries.flatMap(({path}) => [path, unhashedName(path)]))
  return files.filter(({name}) => !names.has(name))
}

/** A storage that nobody tells of is known by the hashed copies that it leaves. */
export function needsManifest(
  {keepsManifest, manifestElsewhere, servesUncollected}: StaticFiles,
  entries: readonly Entry[],
): boolean {
  if (manifestElsewhere || servesUncollected) return false
  if (keepsManifest !== null) return keepsManifest
  const names = new Set(entries.map(({path}) => path))
  return entries.some(({path}) => hashIn(path) !== null && names.has(unhashedName(path)))
}
