// Models as LiteRT reads them: tensorflow/lite/schema/schema.fbs, version 3.
import { sizeOf } from '../../ir/ir.ts'
import { sha256 } from '../../sha256.ts'
import { sizesOf } from '../batch.ts'
import type { Length } from '../batch.ts'
import type { Quantization } from '../int8.ts'
import { byte, flatFile, int32, list, numbers, string, table } from './flatbuffer.ts'
import type { FlatObject } from './flatbuffer.ts'
import { OPERATORS } from './schema.ts'
import type { OperatorOptions, OperatorName } from './schema.ts'

const IDENTIFIER = 'TFL3'
const VERSION = 3

/** Types of elements. Symbol: tflite.TensorType. */
export const LitertType = { float: 0, int32: 2, bool: 6, int8: 9 } as const
export type LitertType = (typeof LitertType)[keyof typeof LitertType]

/** The number of a tensor. */
export type LitertTensor = number & { readonly tensor?: never }

type TensorForm = {
  readonly lengths: readonly Length[]
  readonly type: LitertType
  readonly quantization?: Quantization | undefined
}

type KnownData = Float32Array | Int32Array | Int8Array

/** An operand that is left out. */
export const NONE: LitertTensor = -1

/** Tensors and operators of a graph, in an order in which operands come first. */
export class ModelWriter {
  readonly #tensors: FlatObject[] = []
  readonly #forms: TensorForm[] = []
  /** The first one is that of all tensors that operators make. */
  readonly #buffers: FlatObject[] = [table()]
  readonly #operators: FlatObject[] = []
  readonly #codes = new Map<OperatorName, number>()
  readonly #constants = new Map<string, LitertTensor>()
  readonly #inputs: SignatureTensor[] = []
  readonly #outputs: SignatureTensor[] = []

  input(name: string, lengths: readonly Length[]): LitertTensor {
    const tensor = this.#tensor({ lengths, type: LitertType.float }, 0, name)
    this.#inputs.push({ name, tensor })
    return tensor
  }

  output(name: string, tensor: LitertTensor): void {
    this.#outputs.push({ name, tensor })
  }

  /** Known numbers; equal ones are written once. */
  constant(shape: readonly number[], data: KnownData, quantization?: Quantization): LitertTensor {
    if (data.length !== sizeOf(shape)) throw new Error(`${data.length} numbers for [${shape.join(', ')}]`)
    const type = elementType(data)
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const numbersKey = sha256(bytes)
    const key = JSON.stringify([type, shape, numbersKey, quantization])
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    this.#buffers.push(table(numbers(bytes, 16)))
    const lengths = shape.map((fixed) => ({ fixed }))
    const tensor = this.#tensor({ lengths, type, quantization }, this.#buffers.length - 1)
    this.#constants.set(key, tensor)
    return tensor
  }

  /** Whole numbers that an operator takes as an operand. */
  integers(values: readonly number[]): LitertTensor {
    return this.constant([values.length], Int32Array.from(values))
  }

  /** The result of an operator. */
  node(
    name: OperatorName,
    inputs: readonly LitertTensor[],
    form: Omit<TensorForm, 'type'> & { readonly type?: LitertType },
    options: OperatorOptions = {},
  ): LitertTensor {
    const result = this.#tensor({ type: LitertType.float, ...form }, 0)
    const { optionsType, fields } = OPERATORS[name]
    const known = this.#codes.get(name) ?? this.#codes.size
    this.#codes.set(name, known)
    this.#operators.push(
      table(
        int32(known),
        numbers(Int32Array.from(inputs)),
        numbers(Int32Array.of(result)),
        optionsType === 0 ? undefined : byte(optionsType),
        optionsType === 0 ? undefined : table(...fields.map(([field, of]) => of(options[field] ?? 0))),
      ),
    )
    return result
  }

  /** The lengths of the axes of a tensor. */
  lengthsOf(tensor: LitertTensor): readonly Length[] {
    return this.#forms[tensor]?.lengths ?? []
  }

  typeOf(tensor: LitertTensor): LitertType {
    return this.#forms[tensor]?.type ?? LitertType.float
  }

  #tensor(form: TensorForm, buffer: number, name = `tensor_${this.#tensors.length}`): LitertTensor {
    const { lengths, type, quantization } = form
    const grows = lengths.some((length) => 'rows' in length)
    const shape = lengths.map((length) => ('rows' in length ? length.rows : length.fixed))
    this.#forms.push(form)
    return (
      this.#tensors.push(
        table(
          numbers(Int32Array.from(shape)),
          byte(type),
          int32(buffer),
          string(name),
          quantization && quantizationOf(quantization),
          undefined,
          undefined,
          grows ? numbers(Int32Array.from(sizesOf(lengths))) : undefined,
        ),
      ) - 1
    )
  }

  /** The file of a model of this graph. */
  file(name: string): Uint8Array {
    const codes = Array.from(this.#codes.keys(), (operator) => {
      const { code, version } = OPERATORS[operator]
      // A code beyond a byte stands in the second field alone.
      return table(byte(Math.min(code, 127)), undefined, int32(version), int32(code))
    })
    const subgraph = table(
      list(this.#tensors),
      numbers(Int32Array.from(this.#inputs, ({ tensor }) => tensor)),
      numbers(Int32Array.from(this.#outputs, ({ tensor }) => tensor)),
      list(this.#operators),
      string(name),
    )
    const signature = table(signatureOf(this.#inputs), signatureOf(this.#outputs), string('serving_default'))
    return flatFile(
      IDENTIFIER,
      table(
        int32(VERSION),
        list(codes),
        list([subgraph]),
        string(name),
        list(this.#buffers),
        undefined,
        undefined,
        list([signature]),
      ),
    )
  }
}

type SignatureTensor = { readonly name: string; readonly tensor: LitertTensor }

function signatureOf(named: readonly SignatureTensor[]): FlatObject {
  return list(named.map(({ name, tensor }) => table(string(name), int32(tensor))))
}

function quantizationOf({ scales, zeroPoint, axis }: Quantization): FlatObject {
  const zeros = BigInt64Array.from(scales, () => BigInt(zeroPoint))
  return table(undefined, undefined, numbers(scales), numbers(zeros), undefined, undefined, int32(axis))
}

function elementType(data: KnownData): LitertType {
  if (data instanceof Float32Array) return LitertType.float
  return data instanceof Int32Array ? LitertType.int32 : LitertType.int8
}
