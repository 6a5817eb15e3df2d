const source = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f6; --surface: #fff; --well: #f1f3f5; --line: #d3d8de;
  --ink: #16191d; --faint: #57606a; --link: #0a4fa3; --focus: #0a4fa3;
  --critical: #b3261e; --warning: #8a5a00; --unknown: #6a3fb0; --ok: #1a7035; --skipped: #57606a;
  --critical-band: #a8201a; --warning-band: #f4c15a; --unknown-band: #5d37a0; --ok-band: #17652f;
  --band-ink: #fff; --warning-band-ink: #241a00;
  --mono: ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1115; --surface: #161a20; --well: #0e1115; --line: #333b45;
    --ink: #e4e7eb; --faint: #9aa5b1; --link: #8ab8ff; --focus: #8ab8ff;
    --critical: #ff8e84; --warning: #f0b84a; --unknown: #c7a6f7; --ok: #6fd08c; --skipped: #9aa5b1;
    --critical-band: #6b1712; --warning-band: #5c4000; --unknown-band: #402671; --ok-band: #134a26;
    --warning-band-ink: #fff;
  }
}
* { box-sizing: border-box; }
html { font: 1rem/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: anywhere; }
h1, h2, h3, h4, p, ul, ol, dl, dd, pre { margin: 0; padding: 0; font: inherit; }
ul, ol { list-style: none; }
h1, h2, h3, h4, b, th { font-weight: 650; }
code, pre { font-family: var(--mono); font-size: .9em; }
pre { white-space: pre-wrap; unicode-bidi: plaintext; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.page { max-width: 76rem; margin: 0 auto; padding: 0 clamp(.75rem, 3vw, 2rem); }
.faint, .counts, .time, .risk, .more, .also, .since, .relation { color: var(--faint); }
.lines { white-space: pre-wrap; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.badge {
  display: inline-block; padding: 0 .5em; border: 1px solid currentColor; border-radius: 99px;
  font-size: .8em;
}

.mark {
  --sign: var(--surface); width: 1.15em; height: 1.15em; flex: none; vertical-align: -.2em;
  overflow: visible; fill: currentColor;
}
.mark.critical { color: var(--critical); }
.mark.warning { color: var(--warning); }
.mark.unknown { color: var(--unknown); }
.mark.ok { color: var(--ok); }
.mark.skipped { color: var(--skipped); }
.outline { stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; }
.sign {
  fill: none; stroke: var(--sign); stroke-width: 2.4; stroke-linecap: round;
  stroke-linejoin: round;
}
.node .mark, .explained .mark, .waived .mark { color: var(--faint); }
.node .mark, .explained .mark, .waived .mark, .mark.skipped { fill: none; --sign: currentColor; }
.mark.skipped .outline { stroke-dasharray: 3 2; }
.shapes { position: absolute; width: 0; height: 0; }

.verdict {
  padding: 1.25rem 0; color: var(--band-ink); background: var(--band); --focus: currentColor;
}
.verdict.critical { --band: var(--critical-band); }
.verdict.warning { --band: var(--warning-band); color: var(--warning-band-ink); }
.verdict.unknown { --band: var(--unknown-band); }
.verdict.ok { --band: var(--ok-band); }
.verdict a { color: inherit; }
.where { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: center; }
[data-ago] { white-space: nowrap; }
h1 {
  display: flex; gap: .6rem; align-items: flex-start; margin: .35rem 0;
  font-size: clamp(1.5rem, 1.1rem + 2vw, 2.25rem); line-height: 1.2;
}
.verdict .mark { --sign: var(--band); width: 1.2em; height: 1.2em; color: inherit; }
.causes { margin: .5rem 0; padding-left: 1.5rem; list-style: decimal; }
.causes li { padding: .15rem 0; }
.old {
  display: inline-block; margin-top: .6rem; padding: .35rem .7rem;
  border: 2px solid currentColor; border-radius: 6px; font-weight: 650;
}
.old[hidden] { display: none; }
.besides { margin-bottom: .35rem; }

.card {
  margin: 1rem 0; padding: clamp(.9rem, 2.5vw, 1.5rem); border: 1px solid var(--line);
  border-radius: 10px; background: var(--surface);
}
.card.critical { border-left: 6px solid var(--critical); }
.card.warning { border-left: 6px solid var(--warning); }
.card.unknown { border-left: 6px solid var(--unknown); }
.card:target, .check:target { outline: 3px solid var(--focus); outline-offset: 2px; }
.card > h2 { font-size: clamp(1.15rem, 1rem + .8vw, 1.35rem); line-height: 1.3; }
.card h3 { margin-top: 1rem; font-size: 1.05rem; }
.card h4 { margin-top: .75rem; font-size: .95rem; }
.origin {
  display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: center; margin-bottom: .25rem;
}
.others { margin-top: .5rem; padding-left: 1.2rem; list-style: disc; }
.more, .risk { font-size: .9rem; }
.what-to-do .more { margin-top: 1rem; }

.typed {
  display: flex; align-items: center; gap: .5rem; margin: .4rem 0; padding: .55rem .7rem;
  border: 1px solid var(--line); border-radius: 6px; background: var(--well);
}
.typed pre { flex: 1; min-width: 0; padding: .1rem 0; }
.typed button {
  flex: none; min-height: 2rem; padding: 0 .7rem; border: 1px solid var(--line);
  border-radius: 5px; background: var(--surface); color: var(--link); font: inherit;
  font-size: .85rem; cursor: pointer;
}
.typed button:hover { border-color: currentColor; }

details { margin-top: .6rem; }
summary { padding: .2rem 0; cursor: pointer; color: var(--link); }
.other { padding-left: .75rem; border-left: 2px solid var(--line); }
.evidence li {
  margin-top: .3rem; padding: .3rem .6rem; border-left: 2px solid var(--line);
  background: var(--well);
}

.branch .branch { margin-left: .5em; }
.branch li { position: relative; padding: .3rem 0 0 1.4rem; }
.branch li::before {
  content: ''; position: absolute; left: .3rem; top: 0; bottom: 0;
  border-left: 1.5px solid var(--line);
}
.branch li::after {
  content: ''; position: absolute; left: .3rem; top: 1.1rem; width: .85rem;
  border-top: 1.5px solid var(--line);
}
.branch li:last-child::before { bottom: auto; height: 1.1rem; }
.node { padding-left: .2rem; line-height: 1.4; font-size: .95rem; }
.node a { color: inherit; text-decoration-color: var(--faint); }
.node.skipped a { color: var(--faint); }
.said { display: block; padding-left: 1.65em; color: var(--faint); font-size: .9rem; }

.ids { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .2rem 0 .6rem; }
.rows { margin-top: .5rem; }
.row {
  display: grid; grid-template-columns: minmax(0, 13rem) minmax(0, 1fr); gap: .2rem 1rem;
  padding: .6rem 0; border-top: 1px solid var(--line);
}

.check {
  display: grid; grid-template-columns: auto minmax(0, 12rem) minmax(0, 1fr) auto; gap: 0 .7rem;
  padding: .5rem 0; border-top: 1px solid var(--line);
}
.check > code, .check > .time { line-height: 1.66rem; }
.check .mark { margin-top: .2rem; }
.time {
  font-variant-numeric: tabular-nums; font-size: .9rem; text-align: right; white-space: nowrap;
}
.check .faint, .check .relation, .check details { font-size: .92rem; }
.check details { margin-top: .1rem; }
h3 .counts { font-weight: 400; font-size: .9rem; }

table { width: 100%; margin-top: .5rem; border-collapse: collapse; }
th, td {
  padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: break-word;
}
th:last-child, td:last-child { padding-right: 0; }
thead th { border: 0; color: var(--faint); font-size: .9rem; }
tbody th a { display: block; font-weight: 400; }
td { font-variant-numeric: tabular-nums; }
.bar { display: block; width: 100%; max-width: 14rem; height: .5rem; margin-top: .3rem; }
.whole { fill: var(--line); }
.part { fill: var(--link); }
.tick { fill: var(--ink); }

.about { padding-bottom: 2rem; color: var(--faint); font-size: .9rem; }
.about h2 { font-size: 1rem; }
.about dl {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr));
  gap: .4rem 1.5rem; margin: .5rem 0 1rem;
}
dt { font-size: .85em; }
dd { color: var(--ink); font-family: var(--mono); font-size: .9em; }

@media screen and (min-width: 60rem) {
  .columns { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 2.5rem; }
}
@media (max-width: 40rem) {
  .row { grid-template-columns: minmax(0, 1fr); }
  .check { grid-template-columns: auto minmax(0, 1fr) auto; }
  .check .found { grid-column: 2 / -1; }
  .check .time { grid-area: 1 / 3; }
  table { font-size: .9rem; }
  th, td { padding-right: .4rem; }
}
@media (prefers-reduced-motion: no-preference) {
  html { scroll-behavior: smooth; }
}
@page { margin: 1.5cm; }
@media print {
  html { font-size: 10pt; }
  body { background: none; }
  .verdict { padding: 0 0 .5rem; background: none; color: #000; }
  .verdict .mark { --sign: #fff; }
  .card { margin: .75rem 0; border-radius: 0; }
  .typed button, .old, [data-ago] { display: none; }
  details::details-content {
    content-visibility: visible; display: block; height: auto; opacity: 1;
  }
  summary { list-style: none; color: inherit; }
  a { color: inherit; text-decoration: none; }
  .typed, .node, .row, .check, tr, h2, h3, h4 { break-inside: avoid; }
  h2, h3, h4, summary { break-after: avoid; }
  .mark, .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`

/** The style sheet, in one line: in the golden files the page itself is what should be read. */
export const styles: string = source.replace(/\s*\n\s*/g, '')
