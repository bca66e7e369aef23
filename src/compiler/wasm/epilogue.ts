// The elementwise expressions of an anchor's result, applied to each vector of results before it is stored.

import type { Value } from '../ir.ts'
import { Expressions } from './expression.ts'
import type { Scene } from './expression.ts'
import type { Epilogue } from './kernels/tile.ts'

/** The value that the anchor's kernel stores itself: the anchor, or else the first of the group that is stored. */
export function outputOf(anchor: Value, scene: Scene): Value {
  return storedOf(anchor, scene)[0] ?? anchor
}

export function epilogueOf(anchor: Value, scene: Scene): Epilogue | undefined {
  const [output, ...others] = storedOf(anchor, scene)
  if (output === undefined || (output === anchor && others.length === 0)) return undefined
  const { space } = scene
  const axes = space.all
  const [row, column] = [space.segment(1)[0], space.segment(2)[0]]
  return (f, result, at) => {
    const places = [[row, at.row] as const, [column, at.column] as const]
    const index = new Map(
      places.flatMap(([axis, place]) => (axis === undefined ? [] : [[axis, place] as const])),
    )
    const depth = new Map(axes.map((axis) => [axis, 2] as const))
    const code = new Expressions(f, scene, { depth, index, element: at.element, vector: column })
    code.enter(2)
    code.at(0, at.lanes)
    code.bind({ value: anchor, axes }, result)
    const locals = [output, ...others].map((value) => {
      const local = f.local('v128')
      code.push({ value, axes })
      f.set(local)
      return { value, local }
    })
    for (const { value, local } of locals.slice(1)) code.store({ value, axes }, local)
    f.get(locals[0]?.local ?? result)
  }
}

/** What the group stores, the anchor first. */
function storedOf(anchor: Value, { group, stored }: Scene): Value[] {
  return [anchor, ...group.members.keys()].filter((value) => stored.has(value))
}
