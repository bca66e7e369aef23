import type { Program, Value } from '../../ir/ir.ts'
import type { Length } from '../batch.ts'
import type { OperatorRanges } from '../int8.ts'
import type { ModelWriter, LitertTensor } from './model.ts'

/** Tools for writing a value. */
export type LitertWriting = {
  readonly model: ModelWriter
  /** The tensor that an input is. */
  inputOf(name: string): LitertTensor
  tensorOf(value: Value): LitertTensor
  /** A condition as a truth value. */
  truthOf(value: Value): LitertTensor
  /** The numbers of a value that follows from the weights alone. */
  knownOf(value: Value): ArrayLike<number> | undefined
  /** The ranges of what an operator takes and makes, where it computes in int8. */
  rangesOf(taken: Value, made: Value): OperatorRanges | undefined
  lengthsOf(value: Value): readonly Length[]
  /** The part of a scan's result that begins at an offset. */
  partOf(value: Value<'scan'>, offset: number): LitertTensor
  /** Zeros of a length that grows with the batch. */
  zeros(length: Length): LitertTensor
  /** Writes the body of a scan, which captures values; returns its outputs. */
  writeBody(
    body: Program,
    given: ReadonlyMap<string, LitertTensor>,
    captured: ReadonlyMap<string, Value>,
  ): ReadonlyMap<string, LitertTensor>
}

/** The tensor of a value. */
export type LitertValue = {
  readonly tensor: LitertTensor
  /** A comparison as LiteRT has it, a truth value. */
  readonly truth?: LitertTensor
  /** Makes the parts of a scan's result, by their offsets. */
  readonly parts?: ReadonlyMap<number, () => LitertTensor>
}

/** The bias that is added to each unit of a product, and the sum. */
export type AddedBias = { readonly bias: Float32Array; readonly sum: Value }
