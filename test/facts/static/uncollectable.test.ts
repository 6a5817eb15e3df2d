import {expect, test} from 'vitest'
import {linesOf} from '../../../src/facts/journal/journal.ts'
import {reasonFromJournal} from '../../../src/facts/journal/reason.ts'
import {uncollectable} from '../../../src/facts/static/uncollectable.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import type {FileAnswer, Host} from '../../../src/host/host.ts'
import {edited, plainStorage} from '../../checks/static/machines.ts'
import {journal, service, systemd, unitName} from '../../journal.ts'
import type {DjangoEdit} from '../../machine.ts'

const latin1: FileAnswer = {kind: 'file', text: '/* caf\uFFFD */', utf8: false}
const text = (content: string): FileAnswer => ({kind: 'file', text: content, utf8: true})

/** The healthy machine, whose package holds these style sheets and nothing else that is text. */
function withSheets(sheets: Readonly<Record<string, FileAnswer>>, django: DjangoEdit = {}): Host {
  const host = edited({django})
  const answerOf = (path: string): FileAnswer | undefined =>
    Object.entries(sheets).find(([name]) =>
      path.endsWith(`/share/prism-django/static/${name}`),
    )?.[1]
  return {
    ...host,
    readFile: async (path, options) =>
      answerOf(path) ?? (/\.(?:css|js)$/.test(path) ? text('') : host.readFile(path, options)),
  }
}

/** What is said of a start that ended with this exception. */
async function said(host: Host, exception: string) {
  const target = await findTarget(host, {unit: unitName})
  const lines = [
    service('Traceback (most recent call last):'),
    service('    content = original_file.read().decode("utf-8")'),
    service(exception),
    systemd('Control process exited, code=exited, status=1/FAILURE'),
    systemd("Failed with result 'exit-code'."),
  ]
  const reason = reasonFromJournal(target.unit, linesOf(journal(lines), unitName, 5100))
  return reason && uncollectable(host, target, reason)
}

const undecodable =
  "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 6: invalid continuation byte"
const circular = 'RuntimeError: Max post-process passes exceeded.'

test('a style sheet that is no UTF-8 text is named, since the exception does not', async () => {
  const reason = await said(withSheets({'css/theme.css': latin1}), undecodable)
  expect(reason).toMatchObject({because: 'itself', text: expect.stringContaining('css/theme.css')})
  expect(reason?.quotes).toContain(undecodable)
})

test('style sheets that import one another are named', async () => {
  const sheets = {
    'css/site.css': text('@import "theme.css";'),
    'css/theme.css': text('@import "site.css";'),
  }
  const reason = await said(withSheets(sheets), circular)
  expect(reason?.text).toMatch(/circle: css\/(?:site|theme)\.css, css\/(?:site|theme)\.css, css\//)
})

test.each([
  ['every file of the package is UTF-8', withSheets({}), undecodable],
  ['nothing imports in a circle', withSheets({}), circular],
  [
    'the exception is of another kind',
    withSheets({'css/theme.css': latin1}),
    "KeyError: 'SECRET_KEY'",
  ],
  [
    'nothing is decoded, since the storage keeps no manifest',
    withSheets({'css/theme.css': latin1}, plainStorage),
    undecodable,
  ],
])('nothing is added where %s', async (_, host, exception) => {
  expect(await said(host, exception)).toBeNull()
})
