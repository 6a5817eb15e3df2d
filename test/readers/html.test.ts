import {readdirSync} from 'node:fs'
import {basename} from 'node:path'
import axe from 'axe-core'
import fc from 'fast-check'
import {type Browser, type BrowserContextOptions, chromium, type Page} from 'playwright-core'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import type {Report} from '../../src/report/report.ts'
import {render} from '../../src/report/reporters/index.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {diagnosed} from '../literal.ts'
import {machine} from '../machine.ts'
import {hostile, pages, saying} from '../pages.ts'
import {installed} from '../programs.ts'

const program = installed('chromium')

/** Nobody serves these: the test answers for them. Browsers copy for pages of the first only. */
const secure = 'https://midship.example/report.html'
const insecure = 'http://midship.example/report.html'

const fixtures = readdirSync(new URL('../../fixtures', import.meta.url)).map(file =>
  basename(file, '.json'),
)

const reports: Readonly<Record<string, () => Promise<Report>>> = {
  ...pages,
  ...Object.fromEntries(
    fixtures.map(name => [name, () => diagnosed(checks, {host: machine(name)})] as const),
  ),
}

async function written(report: Report): Promise<string> {
  return render(report, 'html', {verbose: false, privileged: false, terminal: plainTerminal})
}

interface Opened {
  readonly page: Page
  /** What the page wanted to ask for, itself included. */
  readonly requests: readonly string[]
  /** What of that its own policy let out. */
  readonly asked: readonly string[]
  /** What it said on the console, and what it died of. */
  readonly said: readonly string[]
}

/** Slow machines take their time; only what hangs is given up. */
const patience = 120_000

describe.skipIf(program === null)('in Chromium', {timeout: 4 * patience}, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: program ?? '',
      timeout: patience,
      // The directory of its profile is a new one each time; nothing may leave the machine.
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  }, patience)

  afterAll(() => browser?.close())

  /** Opens a page as its reader would, and closes it when `look` is done. */
  async function reading(
    html: string,
    look: (opened: Opened) => Promise<void>,
    {address = secure, ...options}: BrowserContextOptions & {readonly address?: string} = {},
  ): Promise<void> {
    const context = await browser.newContext(options)
    context.setDefaultTimeout(patience)
    try {
      const requests: string[] = []
      const asked: string[] = []
      const said: string[] = []
      const page = await context.newPage()
      page.on('request', request => requests.push(request.url()))
      page.on('console', message => said.push(message.text()))
      page.on('pageerror', error => said.push(String(error)))
      await context.route('**/*', route => {
        const url = route.request().url()
        asked.push(url)
        return url === address
          ? route.fulfill({body: html, contentType: 'text/html; charset=utf-8'})
          : route.abort()
      })
      await page.goto(address)
      await look({page, requests, asked, said})
    } finally {
      await context.close()
    }
  }

  const phone = {width: 360, height: 640}
  const desk = {width: 1280, height: 800}

  /** What axe-core has against the page as it is now. */
  async function violations(page: Page): Promise<readonly string[]> {
    return page.evaluate<string[]>(`axe.run(document, {resultTypes: ['violations']}).then(
      ({violations}) => violations.flatMap(({id, nodes}) =>
        nodes.map(({html}) => id + ': ' + html)))`)
  }

  const overflow = (page: Page): Promise<number> =>
    page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )

  test.each(Object.entries(reports))('%s can be read by everyone', async (_, make) => {
    await reading(
      await written(await make()),
      async ({page, requests, said}) => {
        expect(await overflow(page)).toBe(0)
        await page.evaluate(axe.source)
        expect(await violations(page)).toEqual([])
        await page.emulateMedia({colorScheme: 'dark'})
        await page.setViewportSize(phone)
        expect(await overflow(page)).toBe(0)
        // What is folded away is read as well.
        await page.evaluate(
          `for (const each of document.querySelectorAll('details')) each.open = true`,
        )
        expect(await violations(page)).toEqual([])
        expect(await overflow(page)).toBe(0)
        await page.emulateMedia({colorScheme: 'light'})
        expect(await violations(page)).toEqual([])
        expect(requests).toEqual([secure])
        expect(said).toEqual([])
      },
      {viewport: desk, colorScheme: 'light'},
    )
  })

  test('a hostile report runs nothing', async () => {
    await reading(await written(await pages.hostile()), async ({page, requests, said}) => {
      for (const each of await page.locator('summary').all()) await each.click()
      for (const each of await page.locator('.node a, h2').all()) await each.hover()
      expect(await page.evaluate('window.hacked')).toBeUndefined()
      expect(await page.locator('img, script').count()).toBe(1)
      expect(await page.locator('h2', {hasText: '<script>window.hacked=1</script>'}).count()).toBe(
        1,
      )
      expect(requests).toEqual([secure])
      expect(said).toEqual([])
    })
  })

  test('no text of a report changes what the page consists of', async () => {
    const shape = `JSON.stringify([...document.querySelectorAll('*')].map(each =>
      [each.tagName, ...each.getAttributeNames()]))`
    await reading(await written(await saying('plain')), async ({page}) => {
      const expected = await page.evaluate(shape)
      const texts = fc.sample(fc.string({unit: 'grapheme', minLength: 1, maxLength: 40}), 20)
      for (const text of [hostile, '</title>', '<!--', ']]>', '&#0;', ...texts]) {
        await page.setContent(await written(await saying(`x${text}x`)), {waitUntil: 'load'})
        expect(await page.evaluate(shape), text).toBe(expected)
      }
    })
  })

  test('a script that got into the page all the same would neither run nor ask', async () => {
    await reading(await written(await pages.one()), async ({page, requests, asked, said}) => {
      await page.evaluate(`{
        const script = document.createElement('script')
        script.textContent = 'window.hacked = 1'
        document.body.append(script)
        document.body.insertAdjacentHTML('beforeend',
          '<img src="/leak.png" onerror="window.hacked = 2">' +
            '<p style="background: url(/leak2.png)">')
      }`)
      const answer = await page.evaluate(`fetch('/leak').then(() => 'answered', () => 'refused')`)
      expect(answer).toBe('refused')
      expect(await page.evaluate('window.hacked')).toBeUndefined()
      expect(requests).toContain('https://midship.example/leak.png')
      expect(asked).toEqual([secure])
      expect(said.length).toBeGreaterThanOrEqual(4)
      expect(said.filter(text => !text.includes('Content Security Policy'))).toEqual([])
    })
  })

  describe('a command', () => {
    const command = 'sudo systemctl start postgresql.service'

    test('is copied as it stands', async () => {
      const {one} = pages
      await reading(
        await written(await one()),
        async ({page}) => {
          const button = page.getByRole('button', {name: `Copy ${command}`})
          await button.click()
          await page.getByRole('status').getByText('Copied').waitFor()
          expect(await button.textContent()).toBe('Copied')
          expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command)
        },
        {permissions: ['clipboard-read', 'clipboard-write']},
      )
    })

    test('with every space and line of it', async () => {
      const text = `printf '%s  %s' "<a>" \\\n    '&amp;'`
      await reading(
        await written(await saying(text)),
        async ({page}) => {
          await page.locator('.command button').first().click()
          await page.getByRole('status').getByText('Copied').waitFor()
          expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text)
        },
        {permissions: ['clipboard-read', 'clipboard-write']},
      )
    })

    test('also where the page came without encryption', async () => {
      await reading(
        await written(await pages.one()),
        async ({page}) => {
          expect(await page.evaluate('navigator.clipboard')).toBeUndefined()
          await page.getByRole('button', {name: `Copy ${command}`}).click()
          await page.getByRole('status').getByText('Copied').waitFor()
          expect(await page.evaluate('String(getSelection())')).toBe(command)
        },
        {address: insecure},
      )
    })

    test('says so where nothing may be copied', async () => {
      await reading(
        await written(await pages.one()),
        async ({page}) => {
          await page.evaluate(`document.execCommand = () => false`)
          await page.getByRole('button', {name: `Copy ${command}`}).click()
          await page.getByRole('status').getByText('Selected: copy it by hand').waitFor()
        },
        {address: insecure},
      )
    })
  })

  test('all is there without scripts, and nothing that would do nothing', async () => {
    await reading(
      await written(await pages.many()),
      async ({page}) => {
        expect(await page.locator('button').count()).toBe(0)
        expect(await page.locator('.old').isVisible()).toBe(false)
        expect(await page.locator('.when').innerText()).toMatch(
          /^Looked at 23 Nov 2026, \d\d:\d\d UTC/,
        )
        expect(
          await page.getByText('sudoedit /etc/prism/secrets.env', {exact: true}).isVisible(),
        ).toBe(true)
        const evidence = page.getByText('FATAL: password authentication failed').first()
        expect(await evidence.isVisible()).toBe(false)
        await page.locator('.evidence summary').first().click()
        expect(await evidence.isVisible()).toBe(true)
      },
      {javaScriptEnabled: false},
    )
  })

  test.each([true, false])('on paper nothing is folded away (with scripts: %s)', async scripts => {
    await reading(
      await written(await pages.many()),
      async ({page}) => {
        const folded = page.locator('details > :not(summary)')
        expect(await folded.first().isVisible()).toBe(false)
        await page.emulateMedia({media: 'print'})
        for (const each of await folded.all()) expect(await each.isVisible()).toBe(true)
        for (const each of await page.locator('button').all())
          expect(await each.isVisible()).toBe(false)
      },
      {javaScriptEnabled: scripts},
    )
  })

  test('what a browser cannot style is opened to be printed, and closed again', async () => {
    await reading(await written(await pages.many()), async ({page}) => {
      const open = page.locator('details[open]')
      await page.locator('.evidence summary').first().click()
      expect(await open.count()).toBe(1)
      await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
      expect(await page.locator('details:not([open])').count()).toBe(0)
      await page.evaluate(`dispatchEvent(new Event('afterprint'))`)
      expect(await open.count()).toBe(1)
    })
  })

  test.each([
    [-3600, '', false],
    [30, ' (less than two minutes ago)', false],
    [3000, ' (50 minutes ago)', false],
    [3 * 3600, ' (3 hours ago)', true],
    [72 * 3600, ' (3 days ago)', true],
  ])('%i s after the look', async (seconds, age, isOld) => {
    const report = await pages.one()
    await reading(await written(report), async ({page}) => {
      await page.clock.setFixedTime(Date.parse(report.startedAt) + seconds * 1000)
      await page.reload()
      expect(await page.locator('.when [data-ago]').textContent()).toBe(age)
      expect(await page.locator('.old').isVisible()).toBe(isOld)
    })
  })

  test('a page that stays open grows old', async () => {
    const report = await pages.one()
    await reading(await written(report), async ({page}) => {
      await page.clock.install({time: Date.parse(report.startedAt) + 60_000})
      await page.reload()
      expect(await page.locator('.old').isVisible()).toBe(false)
      await page.clock.runFor('02:00:00')
      expect(await page.locator('.old').innerText()).toBe(
        '2 hours old: look again before you act on it',
      )
    })
  })

  test("the keyboard reaches everything in the page's order, and shows where it is", async () => {
    await reading(await written(await pages.many()), async ({page}) => {
      const usable = await page.evaluate<number>(`{
        const all = [...document.querySelectorAll('a, button, summary')]
        const usable = all.filter(each => each.checkVisibility())
        usable.forEach((each, at) => { each.dataset.at = at })
        usable.length
      }`)
      expect(usable).toBeGreaterThan(40)
      for (let at = 0; at < usable; at++) {
        await page.keyboard.press('Tab')
        const focused = await page.evaluate(`{
          const style = getComputedStyle(document.activeElement);
          [document.activeElement.dataset.at, style.outlineStyle, style.outlineWidth]
        }`)
        expect(focused).toEqual([String(at), 'solid', '3px'])
      }
    })
  })

  test('a link to a check or to a cause leads there', async () => {
    await reading(await written(await pages.many()), async ({page}) => {
      const dangling = await page.evaluate(
        `[...document.querySelectorAll('a')].map(each => each.getAttribute('href'))
          .filter(href => !href.startsWith('#') || !document.getElementById(href.slice(1)))`,
      )
      expect(dangling).toEqual([])
      const ids = await page.evaluate<string[]>(
        `[...document.querySelectorAll('[id]')].map(({id}) => id)`,
      )
      expect(new Set(ids).size).toBe(ids.length)
    })
  })

  test('nothing moves for whoever wants it so', async () => {
    await reading(
      await written(await pages.one()),
      async ({page}) => {
        const behaviour = 'getComputedStyle(document.documentElement).scrollBehavior'
        expect(await page.evaluate(behaviour)).toBe('auto')
        await page.emulateMedia({reducedMotion: 'no-preference'})
        expect(await page.evaluate(behaviour)).toBe('smooth')
      },
      {reducedMotion: 'reduce'},
    )
  })
})
