import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    pool: 'forks',
    // One less is the default, which leaves half of a small machine idle.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    // The files of a worker share their modules, whose loading would take a third of the time: a test must not change what they hold.
    isolate: false,
    // What was transformed once is kept by its content: one file of tests starts in half the time.
    experimental: { fsModuleCache: true },
  },
})
