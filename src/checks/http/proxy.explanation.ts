import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `Visitors come through a web server in front of the application, its front. An application
that answers at its own address is no use while the front sends visitors elsewhere.`,
  asks: `The configuration of nginx, Apache and Caddy is read: as nginx prints it (nginx -T) and
Caddy adapts it, or from their files. For each name of each site that leads to the application
(proxy_pass, uwsgi_pass, ProxyPass, reverse_proxy), a page that the application has is requested
from the front, at the address where it listens, over TLS as well (whatever the certificate says).
The status, the redirect, the Content-Type and the title must be the application's own. Then up to 20
pages of each site are requested from the application and through the front, and held against each
other: logins, the front page and up to 8 that it links to, 5 that failed within a day by the access
log, and of Django's URLs without arguments up to 2 for each location that none of these goes
through (with --deep all of them). Status, Content-Type, redirect, cookies, Cache-Control and length
count; tokens do not. What differs is asked again before it is said. Nothing is sent but GET, nobody
is logged in, and a page whose path sounds as if it did something (logout, delete, send, …) is not
asked. There are at most 90 requests and 8 MiB, and none is begun after 5 s. Where somebody else listens on 127.0.0.1:80
or :443, they are asked too, by the names that the application allows.`,
  findings: {
    'not-running': {
      means: `The front does not run, or refuses its configuration; in that case its own words are
quoted.`,
      remedy:
        'Start it if somebody stopped it. Otherwise correct what it refuses, and start it again.',
    },
    'site-disabled': {
      means: `The application listens for this machine alone and no site leads to it, but one that
would lies in sites-available and is not enabled.`,
      remedy:
        'Enable the site (a2ensite, a link in sites-enabled), then test and reload the front.',
    },
    maintenance: {
      means: `The front is told to answer 503 itself (return 503), as while somebody works on the
application.`,
      remedy: 'Take the maintenance page out of its configuration, then reload it.',
    },
    'not-listening': {
      means: 'The front runs, but nothing accepts connections where its configuration says.',
      remedy: 'Reload it, or see its journal.',
    },
    'wrong-upstream': {
      means: `A site with a name of the application, or for all names, forwards to another place
than the one where the application listens, and the page does not come from there. The message has
the file and the line.`,
      remedy: 'Correct where it forwards to, then test and reload the front.',
    },
    'socket-denied': {
      means: "The application's socket, or a directory above it, does not let the front's user in.",
      remedy: `Put that user into the group, give the group the missing permission, then restart the
front.`,
    },
    'bad-gateway': {
      means: `The front forwards to the right place and gets no answer there, or gets it too late.
Where the application answers when it is asked directly, the message quotes what the front says
about its upstream.`,
      remedy: `See why the application does not answer: mostly http/app says so. Otherwise correct
what the front complains about.`,
    },
    starting: {
      means: 'The front gets no answer yet: the service is still starting.',
      remedy: 'Wait until it has started, then look again.',
    },
    'host-not-allowed': {
      means:
        'The application refuses a name that a front serves (400): it is not in ALLOWED_HOSTS.',
      remedy: 'Add the name to ALLOWED_HOSTS, or correct the name that the front serves.',
    },
    'host-not-forwarded': {
      means: `The application allows the name and refuses the request: the front's configuration
forwards another name, mostly that of its upstream. One with an underscore is never allowed,
whatever ALLOWED_HOSTS says.`,
      remedy: `Forward the name that the visitor asked for: proxy_set_header Host $host
(recommendedProxySettings on NixOS), ProxyPreserveHost On.`,
    },
    'host-twice': {
      means: `nginx is told twice to set Host, and sends both: the application sees "name,name" and
answers 400. On NixOS recommendedProxySettings sets it already. X-Forwarded-Host is as bad, where
Django believes it (USE_X_FORWARDED_HOST).`,
      remedy: 'Keep only one of the two lines, or of the two names, in the message.',
    },
    'https-nowhere': {
      means: `The application redirects to https (SECURE_SSL_REDIRECT), but nothing on this machine
listens for TLS, and a proxy elsewhere would not help: the front says http in X-Forwarded-Proto
whatever came to it, or the application redirects what came over TLS as well.`,
      remedy: `Serve the site over TLS. Where TLS ends on another machine, pass its
X-Forwarded-Proto on and set SECURE_PROXY_SSL_HEADER. Otherwise turn SECURE_SSL_REDIRECT off.`,
    },
    'wrong-protocol': {
      means: `The front speaks HTTP to a socket of uWSGI that speaks uwsgi (socket = …), or the other
way round.`,
      remedy:
        'uwsgi_pass for "socket" of uWSGI, proxy_pass for "http-socket" and for other servers.',
    },
    'redirect-loop': {
      means: `The application redirects to https over TLS as well: nothing tells it that the visitor
came over TLS. Or the front and the application send visitors to each other, as where one takes the
slash away that the other adds.`,
      remedy: `Forward X-Forwarded-Proto and set SECURE_PROXY_SSL_HEADER. Of two redirects take one
away.`,
    },
    'page-differs': {
      means: `The application has the page, and through the front comes another status, another
redirect, another Content-Type or another page. The message has the location that takes it, with file
and line, and what arrives behind it where its proxy_pass has a path of its own: with
"location /admin/" and a slash at the end of proxy_pass, /admin/login/ arrives as /login/.`,
      remedy: `Correct that location: mostly the path at the end of proxy_pass has to go. Then test
and reload the front.`,
    },
    'page-cut': {
      means: `Only the beginning of the page comes through the front. Mostly it may not write where it
buffers (proxy_temp_path), or its disk is full: its error log says so.`,
      remedy: 'See the error log of the front, and correct what it complains about.',
    },
    'inside-address': {
      means: `A redirect or a link leads visitors to the application's own address, or to a name or a
port that only this machine knows. The application makes such addresses of the Host that it gets.`,
      remedy: 'Forward the name that the visitor asked for: proxy_set_header Host $host.',
    },
    'back-to-http': {
      means: `Over TLS a page redirects to plain http of the same name, and nothing there sends
visitors on to https: they go on in the clear.`,
      remedy: 'Forward X-Forwarded-Proto and set SECURE_PROXY_SSL_HEADER.',
    },
    'cookie-lost': {
      means: `The page has a form, and the cookie that must come back with it is not kept by browsers:
the front does not pass it on, or it is for another domain or path, or for TLS alone where there is
none. Whoever sends the form gets 403.`,
      remedy: `Pass Set-Cookie on as it is, or correct CSRF_COOKIE_DOMAIN, CSRF_COOKIE_PATH and
SESSION_COOKIE_DOMAIN.`,
    },
    'cached-page': {
      means: `The application says that nobody may keep the page, and the front says that browsers
may: they show it to whoever comes next, or send a token that is not valid any more.`,
      remedy: 'Leave Cache-Control to the application: no expires where its pages come through.',
    },
    'foreign-listener': {
      means: 'Another program listens where the front is told to, and answers in its place.',
      remedy: 'Stop or move that program yourself, then restart the front.',
    },
    'answered-elsewhere': {
      means: `The application has the page, but something else comes through the front: another
site, or another location, takes the request. The message says which site the front chooses, if its
configuration tells.`,
      remedy: 'Correct the site that takes the request: of two with the same name the first wins.',
    },
  },
  mistakenFor: `Sites that lead elsewhere are not judged, such as Debian's default site or another
application's server_name localhost. A password, denied addresses and rate limits of the front turn
away whoever asks from this machine, and are no fault. A redirect to https is no fault where TLS
ends on another machine. Names with wildcards are requested by names that the application allows. An
expired certificate is another matter. A front may well answer by itself: a redirect, a status that
its configuration names (return 404), files of its own, a page from its cache. It may pack pages, and
add headers. Tokens, nonces and numbers in a page are its own affair. 502 while the application itself is down is its consequence.
Where no front was found, nobody but this machine was asked, and more is not said.`,
} satisfies Explanation
