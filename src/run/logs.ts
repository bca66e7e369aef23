import { dirname, join } from 'node:path'

import { callbacks } from '../components/callbacks/index.ts'
import type { ComponentConfig } from '../registry.ts'
import { makeFolder } from './atomic.ts'
import { disk } from './files.ts'
import type { FileSystem } from './files.ts'
import { LogFile } from './log-file.ts'

/** Names of the logs that every run has. */
export const LOGS = ['history.csv', 'events.jsonl'] as const

/** Names of the logs of callbacks. */
export const CALLBACK_LOGS: readonly string[] = callbacks.members.flatMap(({ logs = [] }) => logs)

/** The logs of a run in its folder: its own, and those of its callbacks. None is open. */
export class RunLogs {
  readonly all: readonly LogFile[]
  readonly #byName: ReadonlyMap<string, LogFile>

  private constructor(byName: ReadonlyMap<string, LogFile>) {
    this.#byName = byName
    this.all = [...byName.values()]
  }

  /** Makes the folders that the logs lie in. */
  static async in(
    folder: string,
    named: readonly ComponentConfig[],
    files: FileSystem = disk,
  ): Promise<RunLogs> {
    const names = [...LOGS, ...named.flatMap((config) => callbacks.of(config).logs ?? [])]
    const folders = new Set(names.map((name) => dirname(join(folder, name))))
    for (const each of folders) await makeFolder(each, files)
    return new RunLogs(new Map(names.map((name) => [name, new LogFile(join(folder, name), files, folder)])))
  }

  of(name: string): LogFile {
    const log = this.#byName.get(name)
    if (log === undefined) throw new Error(`the run has no log ${name}`)
    return log
  }
}
