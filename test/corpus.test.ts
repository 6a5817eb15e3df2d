import {describe, expect, test} from 'vitest'
import {checks} from '../src/checks/index.ts'
import {recognise} from '../src/facts/journal/signatures.ts'
import {parseEnvironmentFile} from '../src/host/environment-file.ts'
import {corpus, type Proof} from './corpus.ts'
import * as hosts from './hosts/cases.ts'
import {diagnosed} from './literal.ts'
import * as midship from './midship/cases.ts'

/** How many failures each part of the collection has. */
const parts = {S: 24, D: 29, U: 25, C: 16, G: 28, N: 12} as const

const entries = Object.entries(corpus)

/** The proofs of one kind, each with the failure that it proves. */
function proofs<K extends Proof['kind']>(kind: K) {
  return entries.flatMap(([id, {title, proofs}]) =>
    proofs.flatMap(proof =>
      proof.kind === kind ? [[`${id}: ${title}`, proof as Extract<Proof, {kind: K}>] as const] : [],
    ),
  )
}

test('the table holds all 134, and no other; what nothing shows says why', () => {
  const ids = Object.entries(parts).flatMap(([part, count]) =>
    Array.from({length: count}, (_, index) => `${part}${index + 1}`),
  )
  expect(ids).toHaveLength(134)
  expect(Object.keys(corpus)).toEqual(ids)
  const silent = entries.filter(
    ([, {proofs, outOfReach}]) => proofs.length > 0 === (outOfReach !== undefined),
  )
  expect(silent.map(([id]) => id)).toEqual([])
  const excuses = entries.flatMap(([, {outOfReach}]) => outOfReach ?? [])
  expect(excuses.filter(sentence => !/^[A-Z].{30,}\.$/.test(sentence))).toEqual([])
})

test('every message is recognised for what it is', () => {
  const told = proofs('message').map(([failure, {text, by}]) => [
    failure,
    recognise({text, by})?.signature.name,
  ])
  expect(told).toEqual(proofs('message').map(([failure, {signature}]) => [failure, signature]))
})

test('every case is one that a real host is broken by, and must give the root cause that names the failure', () => {
  const known = [...midship.casesOf([]), ...hosts.casesOf([])]
  const wanted = proofs('case').map(([failure, {name}]) => [
    failure,
    name,
    known.find(each => each.name === name)?.expect.rootCauses,
  ])
  expect(wanted).toEqual(
    proofs('case').map(([failure, {name, rootCauses}]) => [failure, name, rootCauses]),
  )
})

test('every line of an EnvironmentFile is read as systemd reads it', () => {
  for (const [failure, {text, variables}] of proofs('environment-file'))
    expect(Object.fromEntries(parseEnvironmentFile(text).variables), failure).toEqual(variables)
})

describe('a machine on which it was made gives the finding that names it', () => {
  test.each(proofs('machine'))('%s', async (_, {on, check, code, message}) => {
    const report = await diagnosed(checks, {host: on()})
    const findings = report.checks.find(({id}) => id === check)?.findings
    expect(findings).toContainEqual(
      expect.objectContaining({code, message: expect.stringMatching(message)}),
    )
  })
})
