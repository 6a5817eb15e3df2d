import {readdirSync, readFileSync} from 'node:fs'
import type {Metafile} from 'esbuild'

/** What the bundles hold of a package of others. */
interface Bundled {
  /** Name and version. */
  readonly title: string
  /** By its SPDX identifier. */
  readonly license: string
  /** What its licence demands to be passed on. */
  readonly text: string
}

/** Patterns of src/host/secrecy/vendor-tokens.ts: no package, so no bundler knows of them. */
const patterns: Bundled = {
  title: 'gitleaks 8.30 (patterns of its configuration)',
  license: 'MIT',
  text: readFileSync('LICENSE', 'utf8').replace(/Copyright .*/, 'Copyright (c) 2019 Zachary Rice'),
}

/**
 * The licences of everything that the bundles hold and others wrote, as they ask to be passed on;
 * each text once, below the packages that it is of.
 * @throws where a package does not say what its licence is.
 */
export function thirdParty({outputs}: Metafile): string {
  const inputs = Object.values(outputs).flatMap(({inputs}) => Object.entries(inputs))
  const directories = inputs
    .filter(([, {bytesInOutput}]) => bytesInOutput > 0)
    .map(([path]) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
  const packages = [...new Set(directories)].filter(path => path !== undefined).map(bundled)
  const byText = Map.groupBy([...packages, patterns], ({text}) => text)
  const parts = [...byText].map(
    ([text, sharing]) => `${[...new Set(sharing.map(titleOf))].sort().join('\n')}\n\n${text}`,
  )
  const line = `\n\n${'-'.repeat(80)}\n\n`
  return `prism-doctor is bundled with the work of others:${line}${parts.sort().join(line)}\n`
}

const titleOf = ({title, license}: Bundled): string => `${title}, ${license}`

function bundled(directory: string): Bundled {
  const {name, version, license} = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'))
  const files = readdirSync(directory).sort()
  const texts = files
    .filter(file => /^(?:licen[cs]e|copying|notice)\b/i.test(file))
    .map(file => readFileSync(`${directory}/${file}`, 'utf8'))
  if (texts.length === 0) texts.push(...licenseIn(directory, files))
  if (texts.length === 0 || typeof license !== 'string')
    throw new Error(`${name} does not say what its licence is: do not ship it`)
  const text = texts.map(each => each.replaceAll('\r', '').trim()).join('\n\n')
  return {title: `${name} ${version}`, license, text}
}

/** Some say it in the last section of their README only. */
function licenseIn(directory: string, files: readonly string[]): string[] {
  const readme = files.find(file => /^readme\b/i.test(file))
  if (readme === undefined) return []
  const text = readFileSync(`${directory}/${readme}`, 'utf8')
  const section = /^#+[ \t]*licen[cs]e\b.*\n(?<body>[\s\S]*)/im.exec(text)?.groups?.body
  return section && /copyright/i.test(section) ? [section] : []
}
