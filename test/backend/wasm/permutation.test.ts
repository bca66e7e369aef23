import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { permutations } from '../../../src/backend/wasm/permutation.ts'
import { randomPermutation, stream } from '../../../src/random.ts'

const permute = permutations()

describe('permutations in WebAssembly', () => {
  it('are those of randomPermutation', () => {
    const lengths = fc.oneof(fc.nat(40), fc.nat(5000))
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string(), fc.nat(), lengths, (seed, name, counter, length) => {
        const source = stream(seed, name)
        expect(permute(source, counter, length)).toEqual(randomPermutation(source, counter, length))
      }),
    )
  })

  it('are those of randomPermutation for lengths that grow the memory, and shrink again', () => {
    const source = stream(3, 'shuffle')
    for (const length of [100_000, 10, 300_001])
      expect(permute(source, 1, length)).toEqual(randomPermutation(source, 1, length))
  })

  it('stay as they are when others are made', () => {
    const [first, again] = [permute(stream(1, 'a'), 0, 50), randomPermutation(stream(1, 'a'), 0, 50)]
    permute(stream(1, 'b'), 0, 50)
    expect(first).toEqual(again)
  })
})
