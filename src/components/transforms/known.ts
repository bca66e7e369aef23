import * as z from 'zod'

/** A statistic that is known beforehand: one number, or one for each channel. */
export const knownOption = (what: string, number = z.number()) =>
  z
    .union([number, z.array(number).min(1)])
    .optional()
    .describe(`${what}: a number, or a list with one for each channel. Default: that of the training split`)

export const perChannelOption = () =>
  z
    .boolean()
    .default(false)
    .describe(
      'Scale each channel of images, the last axis of arrays, by itself, as the axis -1 of Keras. Lists of numbers do so anyway',
    )

type KnownNumbers = number | readonly number[] | undefined

/** The number for a channel. */
export function knownFor(known: KnownNumbers, channel: number): number | undefined {
  return typeof known === 'object' ? known[channel] : known
}

/** The lengths of the lists among these, each of one number for each channel. */
export function channelsIn(...known: readonly KnownNumbers[]): number[] {
  return known.flatMap((one) => (typeof one === 'object' ? [one.length] : []))
}
