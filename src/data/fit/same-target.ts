import { inputNamed } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { mapFloat32 } from '../../float-arrays.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Feature, InputState, NumbersState } from '../../runtime/preprocessing.ts'
import { widthOf } from '../../runtime/replay.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { list, quote } from '../../wording.ts'
import type { EncodedInput, EncodedTarget } from '../rows/encoded-rows.ts'
import { describedPort } from './target.ts'
import type { OutputPort } from './target.ts'

/** A target that is an input: the output has its size, and predictions are in the units of its columns. */
export function fitSameTarget(inputs: readonly InputState[], port: OutputPort, sameAs: string): NumbersState {
  const input = inputNamed(inputs, sameAs)
  if (!input) {
    throw new DataError(
      `data.target.same_as: the model has no input ${quote(sameAs)}; it has ${list(inputs.map(({ name }) => name))}`,
    )
  }
  const [wanted, found] = [sizeOf(input.shape), sizeOf(port.shape)]
  if (wanted !== found) {
    throw new DataError(
      `data.target.same_as: the model's input ${quote(input.name)} has ${wanted} numbers per row (shape [${input.shape.join(', ')}]), but its output ${quote(port.name)} has ${found} (shape [${port.shape.join(', ')}])`,
      { hint: `give the last layer ${input.shape.at(-1) ?? wanted} units` },
    )
  }
  const { features } = input
  const [first, ...others] = features
  const isArray = first?.kind === 'array' && others.length === 0
  return {
    kind: 'numbers',
    ...describedPort(port),
    columns: isArray ? [] : features.flatMap(namesOf),
    same_as: input.name,
    scalings: isArray ? first.scalings : features.flatMap(scalingsOf),
  }
}

/** The numbers of an input as the target of an output that reproduces it; undefined for any other output. */
export function encodeSameTarget(
  inputs: readonly EncodedInput[],
  { name, shape, same_as: sameAs }: NumbersState,
): EncodedTarget | undefined {
  const input = inputs.find((one) => one.name === sameAs)
  if (!input) return undefined
  const { data, scale: { multiply, add } = { multiply: 1, add: 0 } } = input
  const numbers = data instanceof Float32Array ? data : mapFloat32(data, (value) => value * multiply + add)
  return { kind: 'numbers', name, shape, data: numbers }
}

/** The names of the numbers of a feature. */
function namesOf(feature: Feature): string[] {
  const width = widthOf(feature)
  return Array.from({ length: width }, (_, i) =>
    width === 1 ? feature.column : `${feature.column}_${i + 1}`,
  )
}

const unscaled: FittedScaling = { subtract: 0, multiply: 1 }

/** The scaling of each number of a feature. */
function scalingsOf(feature: Feature): FittedScaling[] {
  const own =
    feature.kind === 'array'
      ? feature.scalings
      : feature.kind === 'number'
        ? [feature.scaling ?? unscaled]
        : []
  const shared = feature.kind === 'array' ? own[0] : undefined
  return Array.from({ length: widthOf(feature) }, (_, i) => own[i] ?? shared ?? unscaled)
}
