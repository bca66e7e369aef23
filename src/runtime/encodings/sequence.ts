import type { Encoding } from './encoding.ts'

/** Id of a place that no word has. */
const PADDING = 0

/** The end at which a sequence is filled up, or cut off: `pre` is its start. */
export type SequenceEnd = 'pre' | 'post'
export type SequenceForm = {
  readonly length: number
  /** Default: post. */
  readonly padding?: SequenceEnd | undefined
  /** Default: post. */
  readonly truncating?: SequenceEnd | undefined
}
export type SequenceState = SequenceForm & {
  /** One more than the largest id of the rows of the run. */
  readonly size: number
}

export function sequenceEncoding({ size, ...form }: SequenceState): Encoding {
  return {
    width: form.length,
    title: `${form.length} ids of ${size}`,
    write(text, data, at) {
      const ids = idsIn(text)
      if (!ids) return 'is not a list of whole numbers from 0 on, such as 3 17 5'
      writeSequence(ids, form, data, at)
      return undefined
    },
  }
}

/** The ids that a text lists, as in `3 17 5` or `[3, 17, 5]`; undefined where it lists something else. */
export function idsIn(text: string): number[] | undefined {
  const parts = text.split(/[\s,;[\]]+/).filter((part) => part !== '')
  return parts.every((part) => /^\d+(\.0*)?$/.test(part)) ? parts.map(Number) : undefined
}

/** Writes ids to data[at...], padded or cut off to their length. */
export function writeSequence(
  ids: readonly number[],
  { length, padding = 'post', truncating = 'post' }: SequenceForm,
  data: Float32Array,
  at: number,
): void {
  const kept = ids.length <= length ? ids : truncating === 'post' ? ids.slice(0, length) : ids.slice(-length)
  data.fill(PADDING, at, at + length)
  data.set(kept, padding === 'post' ? at : at + length - kept.length)
}
