import type {Target} from '../facts/target/target.ts'
import type {Means} from '../platform/platform.ts'

/** How a variable that is set nowhere gets its value: beside the others that are read. */
export function secretMeans(target: Target, name: string): Means {
  const {platform, secretsFiles, django} = target
  const {files = [], absent = []} = django.answer ?? {}
  const [own] =
    secretsFiles.length > 0 ? [] : [...files.filter(path => /env/i.test(path)), ...absent]
  return platform.secret(target, name, own)
}
