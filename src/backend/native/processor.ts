import type { VectorBytes } from './assembler.ts'

/** The processor and the system that functions are written for. */
export type Processor = {
  /** The widest vectors that it has. */
  readonly vector: VectorBytes
  /** It computes the widest vectors by halves. */
  readonly halves: boolean
  /** Callers pass arguments as Windows does, not as System V. */
  readonly windows: boolean
}
