import type {Host} from './host.ts'

/** Answers a repeated question from its first answer, so that probes stay plain functions. */
export function once(host: Host): Host {
  const answers = new Map<string, Promise<unknown>>()
  const ask =
    <Arguments extends readonly unknown[], Answer>(
      name: string,
      question: (...args: Arguments) => Promise<Answer>,
    ) =>
    (...args: Arguments): Promise<Answer> => {
      const key = `${name} ${JSON.stringify(args)}`
      const known = answers.get(key)
      if (known) return known as Promise<Answer>
      const answer = question(...args)
      answers.set(key, answer)
      return answer
    }
  return {
    uid: host.uid,
    secrets: host.secrets,
    now: () => host.now(),
    units: ask('units', host.units),
    journal: ask('journal', host.journal),
    exec: ask('exec', host.exec),
    asUnit: ask('asUnit', host.asUnit),
    sandbox: ask('sandbox', host.sandbox),
    activity: ask('activity', host.activity),
    readFile: ask('readFile', host.readFile),
    stat: ask('stat', host.stat),
    list: ask('list', host.list),
    walk: ask('walk', host.walk),
    digests: ask('digests', host.digests),
    query: ask('query', host.query),
    request: ask('request', host.request),
  }
}
