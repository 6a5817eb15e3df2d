import {expect, test} from 'vitest'
import {exitCodes} from '../../../src/report/report.ts'
import {formats, render} from '../../../src/report/reporters/index.ts'
import {plainTerminal} from '../../../src/report/terminal.ts'
import {reports, still} from '../../reports.ts'

process.env.TZ = 'UTC'

const options = {verbose: false, privileged: false, terminal: plainTerminal}

/** A new format needs no line here: its first run writes the files, for whoever adds it to read. */
test.each(formats)('every report as %s', async format => {
  for (const [name, make] of Object.entries(reports)) {
    const report = still(await make())
    const file = `../snapshots/${name}.${exitCodes[report.status]}.${format}`
    await expect(await render(report, format, options)).toMatchFileSnapshot(file)
  }
})
