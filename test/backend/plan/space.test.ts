import { describe, expect, test } from 'vitest'

import { refine, Space } from '../../../src/backend/plan/space.ts'

/** The sizes of the loops and the axes that an attempt arrives at. */
function refined(sizes: number[], attempt: (space: Space) => readonly number[] | undefined): unknown {
  const found = refine(new Space([sizes]), attempt)
  return found && { sizes: found[0].sizes, axes: found[1] }
}

describe('the loops of a broadcast', () => {
  test('are all of them where shapes are equal', () => {
    expect(refined([24], (space) => space.broadcast(space.all, [4, 6], [4, 6]))).toEqual({
      sizes: [24],
      axes: [0],
    })
  })

  test('split where a row or a column is repeated', () => {
    expect(refined([24], (space) => space.broadcast(space.all, [6], [4, 6]))).toEqual({
      sizes: [4, 6],
      axes: [1],
    })
    expect(refined([24], (space) => space.broadcast(space.all, [4, 1], [4, 6]))).toEqual({
      sizes: [4, 6],
      axes: [0],
    })
  })

  test('merge neighbors that are repeated alike', () => {
    expect(refined([120], (space) => space.broadcast(space.all, [1, 1, 4, 5], [2, 3, 4, 5]))).toEqual({
      sizes: [6, 20],
      axes: [1],
    })
  })

  test('do not exist where axes do not fall on loops', () => {
    const attempt = (space: Space) => {
      const first = space.broadcast(space.all, [6, 1], [6, 4])
      return first && space.broadcast(space.all, [9, 1], [9, 2])
    }
    expect(refine(new Space([[24]]), attempt)).toBeUndefined()
  })
})

test('a transpose permutes loops, whose strides follow', () => {
  const found = refine(new Space([[24]]), (space) => space.transpose(space.all, [4, 6], [1, 0]))
  expect(found?.[0].sizes).toEqual([4, 6])
  expect(found?.[1]).toEqual([1, 0])
  expect(found?.[0].strides(found[1])).toEqual([1, 4])
})
