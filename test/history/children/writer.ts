import {storeIn} from '../../../src/history/store.ts'

/**
 * Adds moments to a history, each by what is there then: `writer.ts DIRECTORY NAME COUNT`. Says
 * "added N" after each, and what the store tells of it.
 */
const [, , directory = '', name = '', count = ''] = process.argv
const store = storeIn(directory)

for (let number = 0; number < Number(count); number += 1) {
  const {note} = store.add(
    'shop.service',
    store.read('shop.service'),
    (kept, key) => ({
      entry: {
        event: {
          at: new Date().toISOString(),
          status: 'ok',
          rootCauses: [],
          // So many moments were there before this one.
          changes: [],
          more: kept.events[0] ? kept.events[0].more + 1 : 0,
        },
        picture: {
          version: '0.1.0',
          key: key.id,
          facts: [{name, source: 'a test', value: 'x'.repeat(5000), hash: null, checks: []}],
          wholes: [],
        },
      },
      seen: {ok: new Date().toISOString(), warning: null},
    }),
    Date.now(),
  )
  process.stdout.write(`added ${number}${note ? ` ${note}` : ''}\n`)
}
