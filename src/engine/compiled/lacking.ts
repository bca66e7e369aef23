import { lacking } from '../../backend/wasm/kernels/anchor.ts'
import { watchStep } from '../../step/measure.ts'
import type { Task } from '../../step/task.ts'

/** A part of a model that cannot be compiled: its place in the list of layers, unless it is no layer, and the reason in words. */
export type Lacking = { readonly index: number | undefined; readonly why: string }

/** The first part of a model that cannot be compiled; undefined where all of it can. */
export function lackingLayer(task: Task): Lacking | undefined {
  let found: Lacking | undefined
  watchStep(task, 1, (value, node) => {
    const reason = lacking(value)
    if (reason === undefined) return true
    const why = node
      ? `the layer ${node.name} (${node.component.type}) is not compiled yet: ${reason}`
      : `the losses and metrics are not compiled yet: ${reason}`
    found = { index: node?.index, why }
    return false
  })
  return found
}
