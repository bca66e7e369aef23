// The elementwise expressions of an anchor's result, applied to each vector of results before it is stored.

import type { Value } from '../../../ir/ir.ts'
import type { FunctionBuilder, FunctionIndex, Vector } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { Expressions } from './expression.ts'
import type { Scene } from './scene.ts'
import { positionOf } from './tile.ts'
import type { Epilogue, ResultPosition } from './tile.ts'

/** The value that the anchor's kernel stores itself: the anchor, or else the first of the group that is stored. */
export function outputOf(anchor: Value, scene: Scene): Value {
  return storedOf(anchor, scene)[0] ?? anchor
}

/** Members from which an epilogue is a function: a tile holds a dozen copies of what is inlined. */
const LONG = 6

export function epilogueOf(anchor: Value, scene: Scene): Epilogue | undefined {
  const inline = loopEpilogueOf(anchor, scene)
  return inline === undefined || scene.group.members.size < LONG ? inline : asFunction(scene.module, inline)
}

/** The same, never a function: for a loop, which holds one copy. */
export function loopEpilogueOf(anchor: Value, scene: Scene): Epilogue | undefined {
  const [output, ...others] = storedOf(anchor, scene)
  if (output === undefined || (output === anchor && others.length === 0)) return undefined
  return (f, result, at) => emitExpressions(f, anchor, scene, result, at)
}

function emitExpressions(
  f: FunctionBuilder,
  anchor: Value,
  scene: Scene,
  result: Vector,
  at: ResultPosition,
): void {
  const { space } = scene
  const axes = space.all
  const [row, column] = [space.segment(1)[0], space.segment(2)[0]]
  const places = [[row, at.row] as const, [column, at.column] as const]
  const index = new Map(
    places.flatMap(([axis, place]) => (axis === undefined ? [] : [[axis, place] as const])),
  )
  const depth = new Map(axes.map((axis) => [axis, 2] as const))
  const code = new Expressions(f, scene, { depth, index, element: at.element, vector: column })
  code.enter(2)
  code.at(0, at.lanes)
  code.bind({ value: anchor, axes }, result)
  const [first, ...others] = code.compute(storedOf(anchor, scene).map((value) => ({ value, axes })))
  // The kernel stores the first.
  for (const { item, local } of others) code.store(item, local)
  f.get(first?.local ?? result)
}

/** An epilogue that calls a function, one for each number of lanes. */
function asFunction(module: ModuleBuilder, inline: Epilogue): Epilogue {
  const known = new Map<number, FunctionIndex>()
  return (f, result, at) => {
    const { lanes } = at
    const index =
      known.get(lanes) ??
      module.function(
        { params: ['v128', 'i32', 'i32', 'i32'], results: ['v128'] },
        (g, vector, element, row, column) => {
          const at = { element: positionOf(element), row: positionOf(row), column: positionOf(column), lanes }
          inline(g, vector, at)
        },
      )
    known.set(lanes, index)
    f.get(result)
    for (const { local, bytes } of [at.element, at.row, at.column]) {
      f.get(local)
      if (bytes !== 0) f.i32(bytes).op('i32.add')
    }
    f.call(index)
  }
}

/** Values that the group stores, the anchor first. */
export function storedOf(anchor: Value | undefined, { group, stored }: Scene): Value[] {
  return [...(anchor ? [anchor] : []), ...group.members.keys()].filter((value) => stored.has(value))
}
