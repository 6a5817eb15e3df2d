// An import of a built-in module makes a second face of all its exports; this does not.
const {readFileSync} = process.getBuiltinModule('node:fs')
const module = process.getBuiltinModule('node:module')
const {fileURLToPath} = process.getBuiltinModule('node:url')
const vm = process.getBuiltinModule('node:vm')

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const native = module.createRequire(`${dist}main.cjs`)

/** What was loaded, by file; the build makes the caches from it. */
export const scripts = new Map()

/**
 * Requires a bundle with V8's compiled code of it, which the build put beside it. Node's own compile cache is one per user
 * and holds no function that is first called after the bundle was loaded: half of the time to start.
 */
export function load(name) {
  const file = dist + name
  const known = native.cache[file]
  if (known) return known.exports
  // The build writes nothing but ASCII.
  const script = new vm.Script(module.wrap(readFileSync(file, 'latin1')), {filename: file, cachedData: cacheOf(file)})
  scripts.set(file, script)
  const loaded = new module(file)
  loaded.filename = file
  native.cache[file] = loaded
  script.runInThisContext()(loaded.exports, request, loaded, file, dist)
  loaded.loaded = true
  return loaded.exports
}

function request(name) {
  return name.startsWith('./') ? load(name.slice(2)) : native(name)
}

/** V8 itself refuses a cache of another version or of other code. */
function cacheOf(file) {
  try {
    return readFileSync(`${file}.cache`)
  } catch {
    return undefined
  }
}
