import {setDefaultAutoSelectFamilyAttemptTimeout} from 'node:net'

/**
 * Milliseconds. Of a name with several addresses ("localhost") Node gives up on each but the last
 * after 250: on a busy machine it then called a server that refuses at once one that does not
 * answer.
 */
setDefaultAutoSelectFamilyAttemptTimeout(2500)

/**
 * What became of the attempts at several addresses: an answer, even a refusal, tells more than a
 * silence.
 */
export function telling({errors}: AggregateError): NodeJS.ErrnoException {
  const attempts = errors as readonly NodeJS.ErrnoException[]
  return (
    attempts.find(({code}) => code !== 'ETIMEDOUT') ??
    attempts[0] ??
    new Error('no address was tried')
  )
}
