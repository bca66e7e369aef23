import type { Arithmetic } from '../../backend/plan/arithmetic.ts'
import { compile, RESERVED } from '../../backend/wasm/module.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { optimize } from '../../ir/passes/index.ts'
import { shapeOf } from '../../model/graph.ts'
import type { Graph } from '../../model/graph.ts'
import { vocabulariesOf } from '../../model/vocabularies.ts'
import type { ForwardArray, ForwardLayout } from '../../runtime/forward.ts'
import { Recent } from '../../recent.ts'
import { stepKey } from '../../step/step-key.ts'
import { namedInputs } from '../../step/step-program.ts'
import { buildStep } from '../../step/step.ts'
import type { Task } from '../../step/task.ts'
import { aligned, ALIGNMENT, PAGE } from './arena.ts'
import { FEWEST_ROWS } from './session.ts'

export type CompiledForward = ForwardLayout & {
  /** A module for each arithmetic, by its name. */
  readonly modules: ReadonlyMap<Arithmetic, Uint8Array<ArrayBuffer>>
}

/** Those of the trials of a sweep are often the same. */
const recent = new Recent<CompiledForward | undefined>(4)

/**
 * Compiles the predictions of a model for hosts that have neither threads nor a compiler. `parameters` are the ids of its
 * parameters in the order in which their values are written. Undefined where the memory would exceed what WebAssembly has.
 */
export function compileForward(
  task: Task,
  parameters: readonly string[],
  arithmetics: readonly Arithmetic[],
): CompiledForward | undefined {
  const key = JSON.stringify([task.seed, stepKey(task, 'predict', FEWEST_ROWS), parameters, arithmetics])
  return recent.get(key, () => makeForward(task, parameters, arithmetics))
}

function makeForward(
  task: Task,
  parameters: readonly string[],
  arithmetics: readonly Arithmetic[],
): CompiledForward | undefined {
  const { graph, seed } = task
  const rows = FEWEST_ROWS
  const step = buildStep(task, rows, 'predict')
  const { weights, addresses, top } = placeWeights(graph, parameters)
  let base = top
  const place = (name: string, shape: Shape): ForwardArray => {
    const address = base
    base = aligned(base + 4 * rows * sizeOf(shape) + ALIGNMENT)
    return { name, shape, address }
  }
  const counter = place('counter', []).address
  const vocabularies = vocabulariesOf(graph)
  const inputs = graph.inputs.map(({ name, shape }) => ({
    ...place(name, shape),
    vectors: vocabularies.get(name),
  }))
  const outputs = graph.outputs.map((name) => place(name, shapeOf(graph, name)))
  const placed = namedInputs<number>(step, { parameters: addresses, inputs: addressesOf(inputs), counter })
  const made = addressesOf(outputs)
  for (const [name, result] of step.outputs) placed.set(result, made.get(name) ?? 0)
  const program = optimize(step.program)
  const compiled = arithmetics.map((arithmetic) => {
    return { arithmetic, ...compile(program, { arithmetic, seed, placed, base, alone: true }) }
  })
  const pages = Math.max(...compiled.map(({ memoryBytes }) => memoryBytes)) / PAGE
  if (pages > PAGE) return undefined
  const modules = new Map(compiled.map(({ arithmetic, bytes }) => [arithmetic, bytes]))
  return { rows, pages, weights, inputs, outputs, modules }
}

/** All weights one after the other. */
function placeWeights(graph: Graph, parameters: readonly string[]) {
  const sizes = new Map(
    graph.nodes.flatMap((node) => node.parameters.map(({ id, shape }) => [id, 4 * sizeOf(shape)])),
  )
  const weights = aligned(RESERVED)
  const addresses = new Map<string, number>()
  let end = weights
  for (const id of parameters) {
    addresses.set(id, end)
    end += sizes.get(id) ?? 0
  }
  return { weights, addresses, top: aligned(end + ALIGNMENT) }
}

function addressesOf(arrays: readonly ForwardArray[]): Map<string, number> {
  return new Map(arrays.map(({ name, address }) => [name, address]))
}
