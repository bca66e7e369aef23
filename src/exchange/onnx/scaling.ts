// Fitted scalings, computed in float64 as they are here.
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { ElementType } from './graph.ts'
import type { GraphWriter } from './graph.ts'

/** Rows of a shape scaled, as float32; there is no scaling, one for all numbers, or one for each of the last axes. */
export function writeScaled(
  graph: GraphWriter,
  x: string,
  scalings: readonly FittedScaling[],
  shape: Shape,
): string {
  return inDouble(graph, x, scalings, shape, (double, subtract, multiply) =>
    graph.node('Mul', [graph.node('Sub', [double, subtract]), multiply]),
  )
}

/** The numbers before they were scaled. */
export function writeUnscaled(
  graph: GraphWriter,
  x: string,
  scalings: readonly FittedScaling[],
  shape: Shape,
): string {
  return inDouble(graph, x, scalings, shape, (double, subtract, multiply) =>
    graph.node('Add', [graph.node('Div', [double, multiply]), subtract]),
  )
}

function inDouble(
  graph: GraphWriter,
  x: string,
  scalings: readonly FittedScaling[],
  shape: Shape,
  compute: (x: string, subtract: string, multiply: string) => string,
): string {
  if (scalings.length === 0) return x
  const first = shape.findIndex((_, axis) => sizeOf(shape.slice(axis)) === scalings.length)
  const axes = first < 0 ? [] : shape.slice(first)
  const constant = (numbers: readonly number[]): string => graph.constant(axes, Float64Array.from(numbers))
  const double = graph.node('Cast', [x], { to: ElementType.double })
  const [subtract, multiply] = [scalings.map((one) => one.subtract), scalings.map((one) => one.multiply)]
  return graph.node('Cast', [compute(double, constant(subtract), constant(multiply))], {
    to: ElementType.float,
  })
}
