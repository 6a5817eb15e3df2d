import {CannotLook, type Host, NotRecorded} from './host.ts'

/**
 * The same machine, where a question that its recording was never asked is one that nobody could
 * look at: who can do without an answer does.
 * @param miss told what was not recorded.
 */
export function asFarAsRecorded(host: Host, miss: (message: string) => void): Host {
  const lenient =
    <Arguments extends readonly unknown[], Answer>(
      question: (...args: Arguments) => Promise<Answer>,
    ) =>
    async (...args: Arguments): Promise<Answer> => {
      try {
        return await question(...args)
      } catch (error) {
        if (!(error instanceof NotRecorded)) throw error
        miss(error.message)
        throw new CannotLook(error.message)
      }
    }
  return {
    uid: host.uid,
    secrets: host.secrets,
    now: () => host.now(),
    units: lenient(host.units),
    journal: lenient(host.journal),
    exec: lenient(host.exec),
    asUnit: lenient(host.asUnit),
    sandbox: lenient(host.sandbox),
    readFile: lenient(host.readFile),
    stat: lenient(host.stat),
    list: lenient(host.list),
    walk: lenient(host.walk),
    digests: lenient(host.digests),
    query: lenient(host.query),
    request: lenient(host.request),
    activity: lenient(host.activity),
  }
}
