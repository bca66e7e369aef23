/** A module for batches of one size. */
export type ReadyProgram = {
  readonly batch: number
  /** Address of the last batch's loss. */
  readonly loss: number | undefined
  /** Runs the batches first ... below last; resolves to how many were run. */
  run(first: number, last: number): Promise<number>
}
