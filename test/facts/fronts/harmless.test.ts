import {describe, expect, test} from 'vitest'
import {isHarmless} from '../../../src/facts/fronts/harmless.ts'
import {linksIn} from '../../../src/facts/fronts/links.ts'

describe('a page that may be asked for', () => {
  const pages = [
    '/',
    '/accounts/login/',
    '/admin/',
    '/blog/2026/11/',
    '/about.html',
    '/sitemap.xml',
  ]
  test.each([...pages, '/de/impressum/', '/startups/', '/addresses/', '/postings/'])(
    'is %s',
    path => expect(isHarmless(path)).toBe(true),
  )

  const changing = [
    '/accounts/logout/',
    '/log-out',
    '/users/log_off/',
    '/signout',
    '/sign-out/',
    '/logoutall/',
    '/newsletter/unsubscribe/',
    '/items/delete/',
    '/deleteall',
    '/cron/',
    '/tasks/run/',
    '/i18n/setlang/',
    '/mail/send-all/',
    '/webhooks/stripe/',
    '/cache/clear',
    '/export.csv',
    '/backup.tar.gz',
    '/a/../b',
    '/a%2Fb',
    '//elsewhere.example/',
    '/search?q=1',
    '/abmelden/',
    '/Account/LogOut',
    '/runJob/',
    '/admin/sendMail',
    '/posts/1/like/',
  ]
  test.each(changing)('is not %s', path => expect(isHarmless(path)).toBe(false))
})

test('links are followed as a visitor would, on the same site and without a query', () => {
  const html = `<a href="/a/">A</a> <a class=x href='b/'>B</a> <a href=/c>C</a> <link href="/style.css">
    <a href="https://prism.example/d/#top">D</a> <a href="https://else.example/e/">E</a> <a href="#f">F</a>
    <a href="mailto:x@prism.example">G</a> <a href="/h/?next=1">H</a> <a href="/a/">A again</a>
    <a href="javascript:void(0)">I</a> <form action="/j/"> <a data-href="/k/">K</a> <a href="http://[">L</a>`
  expect(linksIn(html, 'prism.example')).toEqual(['/a/', '/b/', '/c', '/d/'])
})
