import { applyScaling } from '../scaling.ts'
import type { FittedScaling } from '../scaling.ts'
import { dateEncoding } from './date.ts'
import type { DateState } from './date.ts'
import type { Encoding } from './encoding.ts'
import { oneHotEncoding } from './one-hot.ts'
import type { OneHotState } from './one-hot.ts'
import { ordinalEncoding } from './ordinal.ts'
import type { OrdinalState } from './ordinal.ts'
import { sequenceEncoding } from './sequence.ts'
import type { SequenceState } from './sequence.ts'
import { tokensEncoding } from './tokens.ts'
import type { TokensState } from './tokens.ts'

/** The type of a transform and what it learned from the training split. */
export type FittedEncoding =
  | { transform: 'one_hot'; state: OneHotState }
  | { transform: 'ordinal'; state: OrdinalState }
  | { transform: 'date'; state: DateState }
  | { transform: 'tokens'; state: TokensState }
  | { transform: 'sequence'; state: SequenceState }

/** An encoding, and the scalings of its numbers where others follow it. */
export type ScaledEncoding = Readonly<FittedEncoding> & {
  readonly scalings?: readonly FittedScaling[] | undefined
}

export function encodingOf(fitted: ScaledEncoding): Encoding {
  const encoding = plainEncoding(fitted)
  const { scalings } = fitted
  if (!scalings) return encoding
  return {
    ...encoding,
    write(string, data, at) {
      const fault = encoding.write(string, data, at)
      for (const [i, scaling] of scalings.entries()) data[at + i] = applyScaling(scaling, data[at + i] ?? 0)
      return fault
    },
  }
}

function plainEncoding(fitted: FittedEncoding): Encoding {
  switch (fitted.transform) {
    case 'one_hot':
      return oneHotEncoding(fitted.state)
    case 'ordinal':
      return ordinalEncoding(fitted.state)
    case 'date':
      return dateEncoding(fitted.state)
    case 'tokens':
      return tokensEncoding(fitted.state)
    case 'sequence':
      return sequenceEncoding(fitted.state)
  }
}
