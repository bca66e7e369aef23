/** Something that the reader of a report should know first. */
export type Finding = {
  readonly severity: 'serious' | 'note' | 'good'
  /** A sentence that names it. */
  readonly text: string
  /** The next step. */
  readonly advice?: string
}
