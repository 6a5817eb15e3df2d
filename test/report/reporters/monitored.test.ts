import {expect, test} from 'vitest'
import {exitCodes} from '../../../src/report/report.ts'
import {formats, render} from '../../../src/report/reporters/index.ts'
import {plainTerminal} from '../../../src/report/terminal.ts'
import {monitored} from '../../monitored.ts'
import {still} from '../../reports.ts'

process.env.TZ = 'UTC'

const options = {verbose: false, privileged: true, terminal: plainTerminal}

/** Text and pages are for people: they have tests of their own. */
test.each(formats.filter(format => !['text', 'html'].includes(format)))(
  'what a monitor is told as %s',
  async format => {
    for (const [name, make] of Object.entries(monitored)) {
      const report = still(await make())
      const file = `../snapshots/${name}.${exitCodes[report.status]}.${format}`
      await expect(await render(report, format, options)).toMatchFileSnapshot(file)
    }
  },
)
