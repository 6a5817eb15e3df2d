import {otherPages} from '../../facts/django/page.ts'
import {type Unheeded, unheededBind} from '../../facts/django/unheeded.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import {isSamePlace} from '../../facts/fronts/front.ts'
import {allowedHost, askPage, pagesOf, redirectsToHttps} from '../../facts/http.ts'
import {shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {findWhoListens} from '../../facts/unit/listeners.ts'
import {foreignListener, isForeign, notHeeded, pageRefused, unanswered} from '../../findings/http-app.ts'
import {serverError} from '../../findings/server-error.ts'
import {CannotLook, type Host, type HttpAnswer} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {remedy} from '../../remedies/remedy.ts'
import {ok, warning} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'

/** An address that the unit states and the server does not heed counts where a front forwards to it. */
async function missedByFronts(host: Host, target: Target): Promise<Unheeded | null> {
  const unheeded = unheededBind(target)
  if (!unheeded) return null
  const fronts = (await ifSeen(findFronts(host, target))) ?? []
  const places = fronts.flatMap(({sites}) =>
    sites.flatMap(({routes}) => routes.flatMap(({forward}) => forward?.places ?? [])),
  )
  return places.some(place => isSamePlace(place, unheeded.bind)) ? unheeded : null
}

interface Asked {
  readonly path: string
  readonly answer: HttpAnswer
}

export const httpApp: Check = {
  id: 'http/app',
  title: 'The application answers at its own address',
  fix: 'starts or restarts the service',
  explanation: {
    why: `A unit that systemd calls active proves nothing: gunicorn starts without a database and answers every page with an
error, of which Django's default logging writes nothing to the journal.`,
    asks: `The login pages and the front page are asked for at the address where the application was told to listen, by a name that
ALLOWED_HOSTS admits, and with the cookie of a session that does not exist, so that the database is needed for the answer. uWSGI is
asked in its own protocol where its socket speaks that. As root it is
made sure that the process that listens belongs to the unit.`,
    findings: {
      'server-error': {
        means: `A page fails with a 5xx. Where the journal holds the exception, that is quoted; where it holds none, the page is
made once more inside a new process of the unit, where the exception shows itself.`,
        remedy: `Correct what is quoted, and deploy it. Where nothing is, find the error in the journal, or let Django log it there
(LOGGING with a StreamHandler), and restart.`,
      },
      refused: {
        means: 'Nobody listens at the address, or there is no such socket.',
        remedy: 'Start the service; where it is active, restart it and see where it listens.',
      },
      starting: {
        means: 'Nobody listens yet, since the service is starting.',
        remedy: 'Wait until it has started, then look again.',
      },
      'other-address': {
        means: "The unit's own process listens at another address than it was asked to.",
        remedy: 'Let the application obey its setting, or correct the setting, and restart the service.',
      },
      'foreign-listener': {
        means: 'Another program listens at the address, whatever it answers.',
        remedy: 'End or move that program yourself, then restart the service.',
      },
      timeout: {
        means: `The connection is taken and no answer comes: all workers hang. Where the database says that they wait for a lock, who
holds it is said.`,
        remedy:
          'End the session that holds the lock; else restart the service, and see what its workers were waiting for.',
      },
      denied: {
        means: 'The socket may not be connected to.',
        remedy: 'Let those who ask pass to it; namei -l shows where the way is closed.',
      },
      'empty-reply': {
        means: 'The connection ends without an answer, as when a worker dies over a request.',
        remedy: 'See in the journal what became of the workers.',
      },
      'not-http': {
        means: 'Something answers, and not in HTTP.',
        remedy: 'See who listens (ss -ltnp), and in the journal what became of the workers.',
      },
      'bad-request': {
        means: `The application answers 400 to a name that ALLOWED_HOSTS has, so it does not read that; or the name has an
underscore, which Django takes from nobody.`,
        remedy: 'Correct ALLOWED_HOSTS, and restart the service.',
      },
      'no-hosts': {
        means: 'ALLOWED_HOSTS is empty: the application answers 400 to everybody.',
        remedy: 'Name the hosts in ALLOWED_HOSTS, and restart the service; where the unit has them already, restart.',
      },
      'unknown-hosts': {
        means: 'The application answers 400, and which names it admits is not known here.',
        remedy: "Name one in prism-doctor's configuration (hosts under [target]).",
      },
      'not-found': {
        means: 'The application answers, and has none of the pages that were asked for.',
        remedy: 'Make sure that this is the right application.',
      },
    },
    mistakenFor: `An application that is asked by its address rightly answers 400, and static files come for any name. A redirect to
https is no fault: it is asked again as a proxy with TLS would ask. A clean journal proves nothing. Where
systemd listens for a unit that its socket starts, no other program has its port.`,
  },
  needs: [serviceUnit],
  explainedBy: [
    'service/active',
    'service/package',
    'service/dependencies',
    'app/settings',
    'secrets/*',
    'database/*',
    'static/root',
    'static/collected',
    'static/manifest',
    'state/modes',
  ],
  async run({host, target}) {
    if (!target.bind)
      throw new CannotLook('where the application listens could not be read from its unit', {privilege: host.uid !== 0})
    const who = await findWhoListens(host, target.unit, target.bind)
    if (isForeign(target, who)) return foreignListener(target, target.bind, who)
    const {bind} = target
    const missed = await missedByFronts(host, target)
    if (missed) return notHeeded(target, missed)
    const name = allowedHost(target.hosts)
    const asked = name ?? ('socketPath' in bind ? 'localhost' : shownBind(bind))
    const ask = async (path: string): Promise<Asked> => ({path, answer: await askPage(host, target, bind, asked, path)})
    const paths = pagesOf(target)
    const first = await Promise.all(paths.map(ask))
    const isLost = first.every(({answer}) => answer.kind === 'response' && answer.status === 404)
    // None of the usual ones: Django knows which pages it has.
    const others = isLost ? (await otherPages(host, target)).filter(path => !paths.includes(path)) : []
    const pages = [...first, ...(await Promise.all(others.map(ask)))]
    for (const {path, answer} of pages) {
      if (answer.kind === 'unreachable') return unanswered(host, target, bind, answer)
      if (answer.status >= 500) return serverError(host, target, bind, path, answer)
    }
    const refused = pages.every(({answer}) => answer.kind === 'response' && answer.status === 400)
    if (refused) return pageRefused(target, bind, name)
    const found =
      pages.find(({answer}) => answer.kind === 'response' && answer.status < 400) ??
      pages.find(({answer}) => answer.kind === 'response' && answer.status !== 404) ??
      pages[0]
    if (found?.answer.kind !== 'response') throw new CannotLook('no page was asked for')
    const {path, answer} = found
    if (answer.status === 404) {
      return warning(
        'not-found',
        `${shownBind(bind)} answers, and has none of the pages ${pages.map(each => each.path).join(', ')}`,
        remedy('Make sure that this is the right application', 'manual', [hand(`systemctl cat ${target.unit.name}`)]),
      )
    }
    const evidence = who.processKnown ? [] : ['who listens there could not be told: only root sees that']
    const insists = redirectsToHttps(answer) ? ' and redirects to https' : ''
    return ok(`${shownBind(bind)} answers ${path} with ${answer.status}${insists}`, {evidence})
  },
}
