import type {RequestListener} from 'node:http'
import {expect, test} from 'vitest'
import {httpProxy} from '../../../src/checks/http/proxy.ts'
import type {Stat} from '../../../src/host/host.ts'
import type {Finding} from '../../../src/report/finding.ts'
import {liveTarget, running} from '../../facts/fronts/machine.ts'
import type {LiveMachine} from '../../live-host.ts'
import {findingsOf} from '../../machine.ts'
import {serving} from '../../serving.ts'

// Servers that answer as nginx, Apache, Caddy and the application would; their configuration is
// made up around them.
function page(title: string, type = 'text/html'): RequestListener {
  return (_, response) => {
    response.writeHead(200, {'content-type': type}).end(`<title>${title}</title>${Math.random()}`)
  }
}

function status(code: number, headers = {}): RequestListener {
  return (_, response) => {
    response.writeHead(code, headers).end()
  }
}

const login = page('Log in')

async function said(
  machine: LiveMachine,
  bind: string,
  hosts: readonly string[] = ['prism.example', 'localhost'],
): Promise<readonly Finding[]> {
  const printed = (stdout: string) => ({exitCode: 0, stdout, stderr: ''})
  const programs = {
    ...machine.programs,
    'getent passwd prism': printed('prism:x:997:995::/var/empty:/bin/false\n'),
    'id -G prism': printed('995\n'),
  }
  const {host, target} = liveTarget({...machine, programs}, bind, hosts)
  const findings = await findingsOf(httpProxy, {host, target: await target})
  host.close()
  return findings
}

function nginx(text: string): LiveMachine {
  const units = {
    'nginx.service': running('/usr/sbin/nginx -g daemon on; master_process on;', {User: ''}),
  }
  return {units, uid: 1000, files: {'/etc/nginx/nginx.conf': `http {\n${text}\n}`}}
}

function server(port: number, name: string, to: string): string {
  return `server { listen ${port}; server_name ${name};\nlocation / { ${to} proxy_set_header Host $host; }\n}`
}

/** A port on which nobody listens. */
const dead = 9

test('what the application gives must come through: the title, the type, the status and the redirect', async () => {
  const app = await serving(login)
  const through = async (front: RequestListener): Promise<Finding | undefined> => {
    const port = await serving(front)
    const [finding] = await said(
      nginx(server(port, 'prism.example', `proxy_pass http://127.0.0.1:${app};`)),
      `127.0.0.1:${app}`,
    )
    return finding
  }
  expect(await through(login)).toMatchObject({
    status: 'ok',
    message: 'nginx forwards prism.example to the application',
  })
  const welcome = await through(page('Welcome to nginx!'))
  expect(welcome).toMatchObject({status: 'critical', code: 'answered-elsewhere', kind: 'cause'})
  expect(welcome?.message).toContain(
    'with the page "Welcome to nginx!", and the application with "Log in"',
  )
  expect((await through(page('Log in', 'text/plain')))?.message).toContain(
    'as text/plain, and the application as text/html',
  )
  expect((await through(status(404)))?.message).toContain('with 404, and the application with 200')
  // Sent on to another name, or to log in somewhere first: that is meant.
  expect(await through(status(302, {location: 'https://sso.example/'}))).toMatchObject({
    status: 'ok',
  })
})

test('a redirect to another path than the one that the application gives', async () => {
  const app = await serving(status(302, {location: '/next/'}))
  const port = await serving(status(302, {location: 'http://prism.example/other/'}))
  const [finding] = await said(
    nginx(server(port, 'prism.example', `proxy_pass http://127.0.0.1:${app};`)),
    `127.0.0.1:${app}`,
  )
  expect(finding?.message).toContain('with a redirect to /other/, and the application to /next/')
})

test('the site that takes the request is named, of two with the same name', async () => {
  const app = await serving(login)
  const port = await serving(page('Welcome to nginx!'))
  const text = `server { listen ${port}; server_name prism.example; root /var/www/html; }
${server(port, 'prism.example', `proxy_pass http://127.0.0.1:${app};`)}`
  const [finding] = await said(nginx(text), `127.0.0.1:${app}`)
  expect(finding?.message).toContain(
    'the site at /etc/nginx/nginx.conf:2 takes the request, not that at /etc/nginx/nginx.conf:3',
  )
  expect(finding?.remedy?.summary).toBe(
    'Correct the site that takes the request in /etc/nginx/nginx.conf:2, then test and reload nginx',
  )
  expect(finding?.remedy?.steps.map(({shell}) => shell).slice(1)).toEqual([
    'sudo nginx -t',
    'sudo systemctl reload nginx.service',
  ])
  expect(finding?.remedy?.nix).toBeNull()
})

test('a dead upstream is found although no host name is known', async () => {
  const app = await serving(login)
  const port = await serving(status(502))
  const text = server(port, '_', `proxy_pass http://127.0.0.1:${dead};`)
  for (const hosts of [[], ['*'], ['localhost']]) {
    const [finding] = await said(nginx(text), `127.0.0.1:${app}`, hosts)
    expect(finding).toMatchObject({status: 'critical', code: 'wrong-upstream', kind: 'cause'})
    expect(finding?.message).toBe(
      `nginx forwards localhost to 127.0.0.1:9 (/etc/nginx/nginx.conf:3), where nobody listens, and answers 502; the application listens at 127.0.0.1:${app}`,
    )
  }
})

test("another application's site is not ours, dead or alive", async () => {
  const app = await serving(login)
  const port = await serving(status(502))
  const others = [
    server(port, 'localhost', `proxy_pass http://127.0.0.1:${dead};`),
    server(port, 'grafana.example', `proxy_pass http://127.0.0.1:${dead};`),
    `server { listen ${port} default_server; server_name _; root /var/www/html; location / { try_files $uri =404; } }`,
  ]
  for (const text of others) {
    const [finding] = await said(nginx(text), `127.0.0.1:${app}`)
    expect(finding).toMatchObject({
      status: 'ok',
      message: 'nginx forwards nothing to the application',
    })
  }
  // Beside one that leads here as well.
  const own = await serving(login)
  const both = [
    ...others,
    server(own, 'prism.example', `proxy_pass http://127.0.0.1:${app};`),
  ].join('\n')
  expect(await said(nginx(both), `127.0.0.1:${app}`)).toMatchObject([{status: 'ok'}])
})

test('by way of a cache it is the application all the same; of another program it is not', async () => {
  const app = await serving(login)
  const [cache, other] = [await serving(login), await serving(page('Grafana'))]
  const text = server(cache, 'prism.example', 'proxy_pass http://127.0.0.1:6081;')
  expect(await said(nginx(text), `127.0.0.1:${app}`)).toMatchObject([{status: 'ok'}])
  const [finding] = await said(
    nginx(text.replace(String(cache), String(other))),
    `127.0.0.1:${app}`,
  )
  expect(finding).toMatchObject({status: 'critical', code: 'wrong-upstream'})
})

/** Whom nginx runs as where nothing else is said. */
const nobody = {
  'getent passwd nobody': {
    exitCode: 0,
    stdout: 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    stderr: '',
  },
  'id -G nobody': {exitCode: 0, stdout: '65534\n', stderr: ''},
  'id -G -- nobody': {exitCode: 0, stdout: '65534\n', stderr: ''},
}

test('uwsgi_pass to a place where nobody listens', async () => {
  const app = await serving(login)
  const port = await serving(status(502))
  const text = `server { listen ${port}; server_name prism.example;\n location / { include uwsgi_params; uwsgi_pass unix:/run/wrong.sock; } }`
  const [finding] = await said({...nginx(text), programs: nobody}, `127.0.0.1:${app}`)
  expect(finding?.message).toMatch(
    /to unix:\/run\/wrong\.sock \(\S+:3\), where nobody listens, and answers 502/,
  )
  expect(finding?.remedy?.summary).toMatch(/^Correct uwsgi_pass in /)
})

test.each([
  [
    0o700,
    "Open the application's socket to its group and put nginx into it, then restart the service and restart nginx",
    ['sudo systemctl edit prism-django.service', 'sudo systemctl restart prism-django.service'],
  ],
  [0o750, "Put nginx into the group of the application's socket, then restart nginx", []],
])('the directory of the socket does not let nginx in: mode %o', async (mode, summary, opening) => {
  const port = await serving(status(502))
  const text = `server { listen ${port}; server_name prism.example; location / { proxy_pass http://unix:/run/prism/web.sock; } }`
  const {host, target} = liveTarget(
    {...nginx(text), programs: nobody},
    'unix:/run/prism/web.sock',
    ['prism.example'],
  )
  const statOf = (path: string): Stat => ({
    type: path.endsWith('.sock') ? 'socket' : 'directory',
    mode: path === '/run/prism' ? mode : 0o755,
    uid: 5100,
    gid: 5100,
    nlink: 1,
    size: 0,
    mtime: 0,
    dev: 1,
  })
  const stat = async (path: string) =>
    /^\/(?:run(?:\/prism(?:\/web\.sock)?)?)?$/.test(path) ? statOf(path) : null
  const [finding] = await findingsOf(httpProxy, {host: {...host, stat}, target: await target})
  host.close()
  expect(finding).toMatchObject({
    code: 'socket-denied',
    kind: 'cause',
    remedy: {summary, risk: 'manual'},
  })
  expect(finding?.message).toBe(
    `nobody may not pass /run/prism (mode ${mode.toString(8).padStart(4, '0')}): prism.example answers 502`,
  )
  expect(finding?.remedy?.steps.map(({shell}) => shell)).toEqual([
    'ls -ld /run/prism',
    ...opening,
    'sudo usermod -aG prism nobody',
    'sudo systemctl restart nginx.service',
  ])
})

test('502 while the application is down is its consequence', async () => {
  const port = await serving(status(502))
  const [finding] = await said(
    nginx(server(port, 'prism.example', `proxy_pass http://127.0.0.1:${dead};`)),
    `127.0.0.1:${dead}`,
  )
  expect(finding).toMatchObject({status: 'critical', code: 'bad-gateway', kind: 'symptom'})
  expect(finding?.because).toBeUndefined()
})

test('Apache is called by its name, and told in its own words', async () => {
  const app = await serving(login)
  const port = await serving(status(503))
  const apache = (text: string, change = {}): LiveMachine => ({
    uid: 1000,
    units: {'apache2.service': running('/usr/sbin/apachectl start', change)},
    files: {'/etc/apache2/apache2.conf': `Listen ${port}\n${text}`},
  })
  const site = (to: number): string =>
    `<VirtualHost *:${port}>\nServerName prism.example\nProxyPass / http://127.0.0.1:${to}/\n</VirtualHost>\n`
  const [wrong] = await said(apache(site(dead)), `127.0.0.1:${app}`)
  expect(wrong?.message).toMatch(
    /^apache forwards prism\.example to 127\.0\.0\.1:9 \(\/etc\/apache2\/apache2\.conf:4\)/,
  )
  expect(wrong?.remedy?.steps.map(({shell}) => shell)).toEqual([
    'sudo apache2ctl configtest',
    'sudo systemctl reload apache2.service',
  ])
  const [stopped] = await said(
    apache(site(app), {ActiveState: 'inactive', SubState: 'dead'}),
    `127.0.0.1:${app}`,
  )
  expect(stopped?.message).toBe('apache2.service is inactive (dead): nobody reaches prism.example')
  const refusing = await serving(status(400))
  const [name] = await said(
    apache(site(app).replaceAll(String(port), String(refusing))),
    `127.0.0.1:${app}`,
  )
  expect(name).toMatchObject({code: 'host-not-forwarded'})
  expect(name?.message).toContain(
    `apache forwards the name 127.0.0.1:${app} (/etc/apache2/apache2.conf:4 sets no Host)`,
  )
  expect(name?.remedy?.summary).toContain('ProxyPreserveHost On')
})

test('no front was found, and that is said', async () => {
  const app = await serving(login)
  expect(await said({}, `127.0.0.1:${app}`)).toMatchObject([
    {status: 'ok', message: 'no front was found: nobody but this machine was asked'},
  ])
})

test('somebody of whom nothing is known has the ports of the web', async () => {
  const app = await serving(login)
  const listeners = 'tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("haproxy",pid=71,fd=4))\n'
  const asking = async (
    front: RequestListener,
    hosts?: readonly string[],
  ): Promise<readonly Finding[]> => {
    const port = await serving(front)
    const redirectRequest: LiveMachine['redirectRequest'] = asked =>
      'port' in asked.address && asked.address.port === 80
        ? {...asked, address: {...asked.address, port}}
        : asked
    return said({listeners, redirectRequest}, `127.0.0.1:${app}`, hosts)
  }
  const [dead] = await asking(status(503))
  expect(dead).toMatchObject({status: 'critical', code: 'bad-gateway', because: 'itself'})
  expect(dead?.message).toContain('haproxy (pid 71) at 127.0.0.1:80 answers 503 for prism.example')
  expect(await asking(login)).toMatchObject([
    {message: 'haproxy (pid 71) at 127.0.0.1:80 answers prism.example as the application does'},
  ])
  expect(await asking(page('Something else'))).toMatchObject([{status: 'ok'}])
})

test('a configuration that may not be read is nothing that is well', async () => {
  const app = await serving(login)
  await expect(said({...nginx(''), files: {}}, `127.0.0.1:${app}`)).rejects.toThrow(
    /nginx\.conf .* may not be read/,
  )
})
