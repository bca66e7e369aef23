import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // One less is the default, which leaves half of a small machine idle.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
  },
})
