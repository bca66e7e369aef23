import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { pickRows } from '../data/rows/picked-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { mapFloat32 } from '../float-arrays.ts'
import { Builder } from '../ir/builder.ts'
import { interpret } from '../ir/interpreter/interpreter.ts'
import { withAncestors } from '../ir/ops/index.ts'
import type { Graph } from '../model/graph.ts'
import type { Weights } from '../model/weights.ts'
import { buildForward } from '../step/forward.ts'

/** Rows whose masks are computed at once. */
const ROWS = 64

/**
 * The masks of the outputs of a graph for rows, [rows, steps] of 1 for a step that is kept, of those that have one. They follow
 * from the inputs; `weights` are asked for where they follow from results of layers, too.
 */
export function keptSteps(
  graph: Graph,
  weights: () => Weights,
  encoded: EncodedRows,
): ReadonlyMap<string, Float32Array> {
  const found = new Map<string, Float32Array>()
  for (let first = 0; first < encoded.rows; first += ROWS) {
    const rows = pickRows(encoded, inOrder(first, Math.min(first + ROWS, encoded.rows)))
    for (const [name, mask] of masksOf(graph, weights, rows)) {
      const steps = mask.length / rows.rows
      const whole = found.get(name) ?? new Float32Array(encoded.rows * steps)
      whole.set(mask, first * steps)
      found.set(name, whole)
    }
    if (found.size === 0) break
  }
  return found
}

function masksOf(
  graph: Graph,
  weights: () => Weights,
  { rows, inputs }: EncodedRows,
): ReadonlyMap<string, ArrayLike<number>> {
  const b = new Builder()
  const parameters = new Map(
    graph.nodes.flatMap((node) => node.parameters.map(({ id, shape }) => [id, b.input(id, shape)] as const)),
  )
  const { masks } = buildForward(b, graph, {
    inputs: new Map(graph.inputs.map(({ name, shape }) => [name, b.input(name, [rows, ...shape])])),
    parameters,
    training: false,
    counter: b.input('counter', [], 'i32'),
  })
  const needed = withAncestors(masks.values())
  const isWeighed = [...parameters.values()].some((value) => needed.has(value))
  const given = new Map<string, ArrayLike<number>>([...(isWeighed ? weights() : []), ['counter', [0]]])
  for (const { name, data, scale } of inputs)
    given.set(name, scale ? mapFloat32(data, (x) => x * scale.multiply + scale.add) : data)
  const { values, ...program } = b.program(masks)
  return interpret({ ...program, values: values.filter((value) => needed.has(value)) }, given)
}
