import type { Arithmetic } from '../backend/plan/arithmetic.ts'
import { compileForward } from '../engine/compiled/forward.ts'
import type { Graph } from '../model/graph.ts'
import { FORWARD_VERSION } from '../runtime/forward.ts'
import type { SavedForward } from '../runtime/forward.ts'
import { sha256 } from '../sha256.ts'
import type { Spec } from '../spec/schema/spec.ts'
import { forwardNames } from './forward-names.ts'

/** The compiled forward pass of a model: files by their names, and their description. */
export type ForwardFiles = {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly saved: SavedForward
}

/**
 * Compiles the forward pass of a model in the arithmetic of its config: for `auto` and `fma`, fused where the host can, else
 * with two roundings. `parameters` are in the order of the weights file. Undefined for a network too large for WebAssembly.
 */
export function forwardFiles(
  { spec, graph }: { readonly spec: Spec; readonly graph: Graph },
  parameters: readonly string[],
): ForwardFiles | undefined {
  const arithmetics: readonly Arithmetic[] =
    spec.fit.arithmetic === 'mul_add' ? ['mul_add'] : ['fma', 'mul_add']
  const task = { graph, outputs: [], optimizer: spec.compile.optimizer, seed: spec.seed }
  const compiled = compileForward(task, parameters, arithmetics)
  if (compiled === undefined) return undefined
  const { modules, ...layout } = compiled
  const named = Array.from(modules, ([arithmetic, bytes]) => [forwardNames[arithmetic], bytes] as const)
  const files = named.map(([path, bytes]) => {
    return { path, sha256: sha256(bytes) }
  })
  return { files: new Map(named), saved: { version: FORWARD_VERSION, ...layout, modules: files } }
}
