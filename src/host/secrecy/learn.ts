import type {Secrets} from '../secrets.ts'
import {assignmentsIn} from '../unit.ts'
import {addAssignment} from './assignments.ts'
import {secretsUnder} from './told.ts'

/** No answer goes deeper; what somebody made to be deep is not read that far. */
const deepest = 100

/**
 * Registers the secrets that answers tell unasked: in a program's arguments, in somebody else's
 * configuration, in a document within a text, or in the environment of another unit.
 */
export function learnFrom(item: unknown, secrets: Secrets, depth = 0): void {
  if (depth > deepest) return
  if (typeof item === 'string') {
    secrets.learn(item)
    for (const document of documentsIn(item)) learnFrom(document, secrets, depth + 1)
  }
  // An option and what it is given.
  if (Array.isArray(item) && item.every(word => typeof word === 'string'))
    secrets.learn(item.join('\0'))
  if (typeof item !== 'object' || item === null) return
  for (const [name, inner] of Object.entries(item)) {
    learnFrom(inner, secrets, depth + 1)
    if (typeof inner === 'string') learnMember(name, inner, secrets)
  }
}

function learnMember(name: string, text: string, secrets: Secrets): void {
  for (const value of secretsUnder(name, text)) secrets.add(value)
  if (name !== 'Environment') return
  for (const [variable, value] of assignmentsIn(text))
    addAssignment(secrets, variable, value, 'environment')
}

/** What programs answer in JSON: one document, or one in a line. */
function documentsIn(text: string): readonly unknown[] {
  const candidates = new Set(text.split('\n').filter(line => /^\s*[{[]/.test(line)))
  if (/^\s*[{[]/.test(text)) candidates.add(text)
  return [...candidates].flatMap(each => {
    try {
      return [JSON.parse(each) as unknown]
    } catch {
      return []
    }
  })
}
