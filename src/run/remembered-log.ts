import type { LogFile } from './log-file.ts'
import type { Listener } from '../components/callbacks/listener.ts'

/** State of a log: its length. Lines after that are cut off when training resumes, and written again. */
export function rememberedLog(file: LogFile): { state: NonNullable<Listener['state']>; open(): void } {
  let bytes = 0
  return {
    state: {
      save: () => ({ values: { bytes: file.bytes } }),
      restore: ({ values }) => void (bytes = values['bytes'] ?? 0),
    },
    open: () => file.open(bytes),
  }
}
