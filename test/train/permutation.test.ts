import { expect, it } from 'vitest'

import { randomPermutation, stream } from '../../src/random.ts'
import { permutationOfRows } from '../../src/train/permutation.ts'

it('an epoch has the same order before and after its permutations are made in WebAssembly', () => {
  const source = stream(5, 'shuffle')
  for (let epoch = 0; epoch < 4; epoch++)
    expect(permutationOfRows(source, epoch, 100_000)).toEqual(randomPermutation(source, epoch, 100_000))
})
