import {execFileSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'

/** Builds the program once before its tests: they run what ships. */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.ts'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'inherit',
  })
}
