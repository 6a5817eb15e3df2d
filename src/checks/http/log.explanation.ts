import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `A front refuses uploads, cuts pages off or runs out of connections, and the application never
hears of it: only the front's own error log does.`,
  asks: `The error logs of each front that leads to the application are read, wherever its
configuration puts them: error_log of nginx at every level, ErrorLog of Apache, the journal. Of each
file at most the last 256 KiB are read, without following a link that others may have made. Lines
count since the front's start if they concern the application: its names, its address, its files.
What visitors wrote into a line is not shown. Where it can be seen whether a fault lasts (a limit, a
mode, a full disk), that is looked at, and what is over is not reported.`,
  findings: {
    'body-too-large': {
      means: `Visitors sent more than the front takes, and got 413. nginx takes 1 MiB unless
client_max_body_size says otherwise.`,
      remedy:
        'Raise client_max_body_size (LimitRequestBody of Apache) to what the application takes.',
    },
    'header-too-big': {
      means: `The application answered, and its headers did not fit into the front's buffer (4 or 8
KiB): visitors got 502. Large cookies and long redirects do that.`,
      remedy: 'Raise proxy_buffer_size (uwsgi_buffer_size), or let the application send less.',
    },
    'upstream-timeout': {
      means: `The front waited for the application until its own limit and gave up: visitors got 504.
Either the page is too slow, or every worker was busy.`,
      remedy: `Find out why the page is slow. If it has to be, raise proxy_read_timeout and the
server's own timeout.`,
    },
    'upstream-closed': {
      means: `A worker of the application ended, or closed the connection, before it had answered:
visitors got 502. A timeout of the server or the kernel's lack of memory ends workers so.`,
      remedy: "Read the service's journal at that time.",
    },
    'backlog-full': {
      means: `The queue of the application's socket was full, so the front was turned away: visitors
got 502 although the application works. There are too few workers, or they are slow.`,
      remedy: 'Give the server more workers or threads, or a longer queue.',
    },
    'no-live-upstreams': {
      means: `The front took every server behind it for dead after some had failed, and asked none for
a while: visitors got 502 at once.`,
      remedy: 'See why the application failed before. max_fails=0 lets nginx ask it all the same.',
    },
    'upstream-tls': {
      means: `The front speaks TLS to the application, which does not, or shows a certificate that the
front does not accept.`,
      remedy:
        'Forward to http:// if the application speaks plain HTTP; else correct the certificate.',
    },
    'file-denied': {
      means: `The front may not open a file that it is told to send: visitors get 403. A directory on
the way is closed to its user, or its own sandbox is (ProtectHome=).`,
      remedy: "Let the front's user read the file and pass every directory above it.",
    },
    'temp-denied': {
      means: `The front keeps large uploads and answers in temporary files, and may not write them:
uploads get 500, and large pages are cut off.`,
      remedy: "Give the directory back to the front's user.",
    },
    'no-space': {
      means: `The disk on which the front keeps temporary files or logs is full: uploads and large
answers fail.`,
      remedy: 'Free space on that disk.',
    },
    connections: {
      means: `Every connection that the front is configured for was in use: visitors waited or were cut
off. A connection that is forwarded counts twice.`,
      remedy: 'Raise worker_connections (MaxRequestWorkers of Apache).',
    },
    'open-files': {
      means: 'The front had as many files open as its limit allows, and turned visitors away.',
      remedy: 'Raise LimitNOFILE= of its unit.',
    },
    'configuration-refused': {
      means: `The configuration was changed, and nginx refuses it: it still runs with the one before,
and would not start with this one.`,
      remedy: 'Correct the line in the message, then reload it.',
    },
    'conflicting-name': {
      means: `Two sites of nginx have the same name at the same address. nginx uses the first and
ignores the other, whatever is changed there.`,
      remedy: 'Remove one of the two.',
    },
    'worker-killed': {
      means: 'A worker of the front crashed or was killed, with every connection that it had.',
      remedy: 'Look into the kernel log: memory may have run out.',
    },
    cycle: {
      means: 'A try_files or rewrite of the front leads back to itself: visitors get 500.',
      remedy: 'Correct the last word of try_files.',
    },
  },
  mistakenFor: `Files that are not there, forbidden directory listings and broken requests are what
scanners leave in every log: they are passed over, and so is what clients cut off themselves. A
refused upload counts only if it came from a page of the application or went to one. A connection
that was refused while the application was down or started is http/proxy's. Quiet WebSockets that
time out are no fault.`,
} satisfies Explanation
