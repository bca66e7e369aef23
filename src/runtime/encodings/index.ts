import { dateEncoding } from './date.ts'
import type { DateState } from './date.ts'
import type { Encoding } from './encoding.ts'
import { oneHotEncoding } from './one-hot.ts'
import type { OneHotState } from './one-hot.ts'
import { ordinalEncoding } from './ordinal.ts'
import type { OrdinalState } from './ordinal.ts'
import { tokensEncoding } from './tokens.ts'
import type { TokensState } from './tokens.ts'

/** The type of a transform and what it learned from the training split. */
export type FittedEncoding =
  | { transform: 'one_hot'; state: OneHotState }
  | { transform: 'ordinal'; state: OrdinalState }
  | { transform: 'date'; state: DateState }
  | { transform: 'tokens'; state: TokensState }

export function encodingOf(fitted: FittedEncoding): Encoding {
  switch (fitted.transform) {
    case 'one_hot':
      return oneHotEncoding(fitted.state)
    case 'ordinal':
      return ordinalEncoding(fitted.state)
    case 'date':
      return dateEncoding(fitted.state)
    case 'tokens':
      return tokensEncoding(fitted.state)
  }
}
