import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Whole commands first: they take longest, and none is to run alone at the end. */
class CommandsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isCommand = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/e2e/')
    return [...sorted.filter(isCommand), ...sorted.filter((file) => !isCommand(file))]
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    pool: 'forks',
    // One more than processors: tests of whole commands wait for processes, pipes and timers.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: CommandsFirst },
    testTimeout: 60_000,
    // The files of a worker share their modules, whose loading would take a third of the time: a test must not change what they hold.
    isolate: false,
    // What was transformed once is kept by its content: one file of tests starts in half the time.
    experimental: { fsModuleCache: true },
  },
})
