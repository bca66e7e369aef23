/** A file in the folder of a run that grows; what was written after a checkpoint is cut off when training resumes from it. */
export interface Log {
  /** Opens the file and keeps its first bytes, which it must have. */
  open(bytes?: number): void
  /** Length of the file with everything that was logged. */
  readonly bytes: number
  write(data: string | Uint8Array): void
}
