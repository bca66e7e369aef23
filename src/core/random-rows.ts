import type { NamedArray } from '../exchange/program.ts'
import { sizeOf } from '../ir/ir.ts'
import type { Graph } from '../model/graph.ts'
import { vocabulariesOf } from '../model/vocabularies.ts'
import { randomUniform, stream } from '../random.ts'

/** Rows that are compared. */
const CHECKED_ROWS = 16

/** Numbers from 0 to 1 for each input, or from 0 to what an embedding has vectors for. */
export function randomRows(graph: Graph): NamedArray[] {
  const vocabularies = vocabulariesOf(graph)
  return graph.inputs.map(({ name, shape: row }) => {
    const shape = [CHECKED_ROWS, ...row]
    const words = vocabularies.get(name)
    const uniform = randomUniform(stream(0, `import/${name}`), 0, sizeOf(shape))
    return {
      name,
      shape,
      data: Float32Array.from(uniform, (x) => (words === undefined ? x : Math.floor(x * words))),
    }
  })
}
