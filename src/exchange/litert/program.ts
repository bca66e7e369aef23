import type { Op, Program, Value } from '../../ir/ir.ts'
import { required } from '../../step/step-program.ts'
import { BatchLengths } from '../batch.ts'
import type { Length } from '../batch.ts'
import type { NumberRange } from '../int8.ts'
import { knownValues } from '../known-values.ts'
import { fixed, product, reshape } from './lengths.ts'
import type { ModelWriter, LitertTensor } from './model.ts'
import { LitertType } from './model.ts'
import { OPERATORS, truthOf } from './operators.ts'
import type { LitertValue, LitertWriting } from './writing.ts'

/** The tensors of a program's inputs, and the numbers of those that are weights. */
export type Given = {
  readonly tensors: ReadonlyMap<string, LitertTensor>
  readonly known: ReadonlyMap<string, ArrayLike<number>>
  /** The ranges of values by their places in the program, where it computes in int8. */
  readonly ranges?: ReadonlyMap<number, NumberRange> | undefined
}

/**
 * Writes a program, given for two batches; `batched` is a tensor whose first axis is that of the rows. Returns the tensors
 * of the program's outputs.
 */
export function writeProgram(
  model: ModelWriter,
  [program, other]: readonly [Program, Program],
  given: Given,
  batched: LitertTensor,
): ReadonlyMap<string, LitertTensor> {
  const lengths = new BatchLengths(program, other)
  const zeros = zerosOf(model, batched)
  const ranges = new Map<Value, NumberRange>()
  for (const [place, value] of program.values.entries()) {
    const range = given.ranges?.get(place)
    // Numbers that are all 0 have no scale.
    if (range && range[0] < range[1]) ranges.set(value, range)
  }
  /** The values that the inputs of bodies stand for. */
  const captures = new Map<Value, Value>()
  const grows = (value: Value): boolean => lengths.of(value).some((length) => 'rows' in length)
  const knownOf = knownValues(given.known, grows, captures)
  const write = (
    part: Program,
    inputOf: (name: string) => LitertTensor,
  ): ReadonlyMap<string, LitertTensor> => {
    const written = new Map<Value, LitertValue>()
    const of = (value: Value): LitertValue => {
      const before = written.get(value)
      if (before !== undefined) return before
      const result = knownTensor(model, value, knownOf(value)) ?? writeValue(value, writing)
      const made = typeof result === 'number' ? { tensor: result } : result
      written.set(value, made)
      return made
    }
    const writing: LitertWriting = {
      model,
      inputOf,
      tensorOf: (value) => of(value).tensor,
      truthOf: (value) => of(value).truth ?? truthOf(model, of(value).tensor, lengths.of(value)),
      knownOf,
      rangesOf(taken, made) {
        const [input, output] = [ranges.get(taken), ranges.get(made)]
        return input && output && { input, output }
      },
      lengthsOf: (value) => lengths.of(value),
      partOf: (value, offset) => required(of(value).parts ?? new Map<number, () => LitertTensor>(), offset)(),
      zeros,
      writeBody(body, tensors, captured) {
        for (const [name, value] of captured) captures.set(required(body.inputs, name), value)
        return write(body, (name) => tensors.get(name) ?? of(required(captured, name)).tensor)
      },
    }
    return new Map(Array.from(part.outputs, ([name, value]) => [name, of(value).tensor]))
  }
  return write(program, (name) => required(given.tensors, name))
}

function writeValue<K extends Op>(value: Value<K>, writing: LitertWriting): LitertTensor | LitertValue {
  return OPERATORS[value.op](value, writing)
}

function knownTensor(
  model: ModelWriter,
  { dtype, shape }: Value,
  numbers: ArrayLike<number> | undefined,
): LitertTensor | undefined {
  if (numbers === undefined) return undefined
  return model.constant(shape, dtype === 'i32' ? Int32Array.from(numbers) : Float32Array.from(numbers))
}

/** Returns what makes zeros of a length that grows with the batch, from a tensor of rows. */
function zerosOf(model: ModelWriter, batched: LitertTensor): (length: Length) => LitertTensor {
  let column: LitertTensor | undefined
  const ofRows = (): LitertTensor => {
    const own = model.lengthsOf(batched)
    const [rows = { rows: 1 }] = own
    const flat = reshape(model, batched, [rows, product(own.slice(1))])
    const [begins, sizes] = [model.integers([0, 0]), model.integers([-1, 1])]
    const lengths = [rows, ...fixed(1)]
    const first = model.node('SLICE', [flat, begins, sizes], { lengths })
    // No number is less than itself.
    const never = model.node('LESS', [first, first], { lengths, type: LitertType.bool })
    return model.node('CAST', [never], { lengths }, { in: LitertType.bool, out: LitertType.float })
  }
  return (length) => {
    column ??= ofRows()
    if (!('rows' in length)) throw new Error('only rows grow')
    if (length.rows === 1) return column
    const lengths = [{ rows: 1 }, ...fixed(length.rows)]
    const wide = model.constant([1, length.rows], new Float32Array(length.rows))
    return reshape(model, model.node('ADD', [column, wide], { lengths }), [length])
  }
}
