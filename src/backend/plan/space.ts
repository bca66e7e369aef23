// The loops of a kernel, and how tensors lie in them. A tensor that is read or written inside a loop nest runs along
// some of the loops, in row-major order: its `Axes`. Reshaping leaves them, broadcasting drops some, transposing
// permutes them; where a tensor's axes do not fall on whole loops, a loop is split in two.
//
//   Sums over the middle axis of x [4, 6, 8]:         with a weight [3, 1] for x as [4, 2, 3, 8]:
//
//               outer   reduced   inner   segments             outer   reduced   inner
//                 0        1        2     loops                  0      1   2      3
//                 4        6        8     lengths                4      2   3      8
//
//   x             0        1        2     (full)       x         0      1   2      3
//   sum [4, 8]    0                 2     (kept)       weight               2
//   bias [8]                        2                  bias                        3

import { sameShape } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'

/** Loops of a space, outermost first. */
export type Axes = readonly number[]

export class Space {
  /** The lengths of the loops, in segments that stay together (outer, reduced, inner). */
  readonly segments: readonly (readonly number[])[]
  readonly sizes: readonly number[]
  /** All loops. */
  readonly all: Axes
  readonly #axes: readonly Axes[]
  #split: { readonly axis: number; readonly inner: number } | undefined

  constructor(segments: readonly (readonly number[])[]) {
    this.segments = segments.map((sizes) => sizes.filter((size) => size !== 1))
    this.sizes = this.segments.flat()
    this.all = this.sizes.map((_, axis) => axis)
    let start = 0
    this.#axes = this.segments.map((sizes) => this.all.slice(start, (start += sizes.length)))
  }

  /** The loops of one segment. */
  segment(index: number): Axes {
    return this.#axes[index] ?? []
  }

  size(axis: number): number {
    return this.sizes[axis] ?? 1
  }

  /** The loops that each dimension runs along; undefined where they do not fit (or only after a split). */
  regroup(axes: Axes, shape: Shape): Axes[] | undefined {
    const groups: number[][] = []
    let position = axes.length
    for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
      let rest = shape[dimension] ?? 1
      const taken: number[] = []
      while (rest > 1) {
        const axis = axes[--position]
        if (axis === undefined) return undefined
        const size = this.size(axis)
        if (rest % size === 0) {
          taken.unshift(axis)
          rest /= size
        } else {
          if (size % rest === 0) this.#split = { axis, inner: rest }
          return undefined
        }
      }
      groups.unshift(taken)
    }
    return groups
  }

  /** The loops of a tensor `from` that is broadcast to `to`, which runs along `axes`. */
  broadcast(axes: Axes, from: Shape, to: Shape): Axes | undefined {
    if (sameShape(from, to)) return axes
    const missing = to.length - from.length
    const kept = to.map((length, i) => i >= missing && from[i - missing] === length)
    // Neighbours that are both kept or both dropped need no loops of their own.
    const runs: { kept: boolean; size: number }[] = []
    to.forEach((length, i) => {
      if (length === 1) return
      const last = runs.at(-1)
      if (last !== undefined && last.kept === kept[i]) last.size *= length
      else runs.push({ kept: kept[i] === true, size: length })
    })
    if (runs.every((run) => run.kept)) return axes
    const groups = this.regroup(
      axes,
      runs.map(({ size }) => size),
    )
    return groups?.filter((_, i) => runs[i]?.kept).flat()
  }

  /** The loops of a tensor whose transpose has `shape` and runs along `axes`. */
  transpose(axes: Axes, shape: Shape, permutation: Shape): Axes | undefined {
    const runs: { first: number; size: number }[] = []
    permutation.forEach((source, i) => {
      const last = runs.at(-1)
      if (last !== undefined && permutation[i - 1] === source - 1) last.size *= shape[i] ?? 1
      else runs.push({ first: source, size: shape[i] ?? 1 })
    })
    const groups = this.regroup(
      axes,
      runs.map(({ size }) => size),
    )
    return groups
      ?.map((group, i) => ({ group, first: runs[i]?.first ?? 0 }))
      .sort((a, b) => a.first - b.first)
      .flatMap(({ group }) => group)
  }

  /** Elements from one step of each loop to the next, for a contiguous tensor along `axes`. */
  strides(axes: Axes, unit = 1): number[] {
    const strides = this.sizes.map(() => 0)
    let stride = unit
    for (const axis of axes.toReversed()) {
      strides[axis] = stride
      stride *= this.size(axis)
    }
    return strides
  }

  /** A space in which the last `regroup` that failed gets further, if there is one. */
  refined(): Space | undefined {
    const split = this.#split
    if (split === undefined) return undefined
    let start = 0
    return new Space(
      this.segments.map((sizes) => {
        const at = split.axis - start
        start += sizes.length
        if (at < 0 || at >= sizes.length) return sizes
        return sizes.toSpliced(at, 1, (sizes[at] ?? 1) / split.inner, split.inner)
      }),
    )
  }
}

/** Splits loops until the attempt succeeds; undefined where no split helps. */
export function refine<T>(start: Space, attempt: (space: Space) => T | undefined): [Space, T] | undefined {
  let space: Space | undefined = start
  while (space !== undefined) {
    const result = attempt(space)
    if (result !== undefined) return [space, result]
    space = space.refined()
  }
  return undefined
}
