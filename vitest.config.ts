import {defineConfig} from 'vitest/config'

// For what hangs: a slow machine is none of a test's business.
const common = {testTimeout: 60_000, hookTimeout: 60_000}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'source',
          include: ['test/**/*.test.ts'],
          exclude: ['test/midship/**', 'test/bundle/**', 'test/host/**', 'test/readers/**'],
          // Half of the time went into loading the same modules anew for every file; what these test keeps no state.
          isolate: false,
        },
      },
      // What has state: connections, a lock, the environment of the process.
      {test: {...common, name: 'host', include: ['test/host/**/*.test.ts']}},
      // What programs of others say of what we write: a browser, promtool, nix-instantiate, …
      // These take longest: a build by Nix 20 s where others work, too.
      {
        test: {
          name: 'readers',
          testTimeout: 240_000,
          hookTimeout: 240_000,
          include: ['test/readers/**/*.test.ts'],
        },
      },
      {
        // What ships: bin/run.js and the bundle, built once.
        test: {
          ...common,
          name: 'cli',
          include: ['test/bundle/**/*.test.ts'],
          globalSetup: 'test/bundle/build.ts',
        },
      },
    ],
  },
})
