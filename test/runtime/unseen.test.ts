import { describe, expect, it } from 'vitest'

import { oneHotEncoding } from '../../src/runtime/encodings/one-hot.ts'
import { ordinalEncoding } from '../../src/runtime/encodings/ordinal.ts'

describe.each([
  ['one_hot', oneHotEncoding({ categories: ['False', 'True'], unseen: 'error' })],
  ['ordinal', ordinalEncoding({ categories: ['False', 'True'], unseen: 'error' })],
])('%s', (_type, encoding) => {
  it.each(['True', 'true', 'TRUE', '1', 'False', 'false', '0', 'yes', 'maybe', '2'])(
    'calls %s unseen where it refuses it, in no other spelling of what it knows',
    (value) => {
      const isRefused = encoding.write(value, new Float32Array(encoding.width), 0) !== undefined
      expect(encoding.isUnseen?.(value)).toBe(isRefused)
    },
  )
})
