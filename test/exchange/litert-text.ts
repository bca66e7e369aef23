// A LiteRT model as text: a line a tensor that is known and a line an operator. It reads the FlatBuffer from the
// specification, apart from what wrote it.

/** The names of the operators that the tests have, by their codes: tflite.BuiltinOperator. */
const OPERATORS: Readonly<Record<number, string>> = {
  0: 'ADD',
  1: 'AVERAGE_POOL_2D',
  3: 'CONV_2D',
  6: 'DEQUANTIZE',
  9: 'FULLY_CONNECTED',
  14: 'LOGISTIC',
  18: 'MUL',
  19: 'RELU',
  22: 'RESHAPE',
  28: 'TANH',
  34: 'PAD',
  36: 'GATHER',
  41: 'SUB',
  42: 'DIV',
  47: 'EXP',
  53: 'CAST',
  58: 'LESS',
  60: 'PADV2',
  65: 'SLICE',
  74: 'SUM',
  82: 'REDUCE_MAX',
  83: 'PACK',
  114: 'QUANTIZE',
}
const TYPES: Readonly<Record<number, string>> = { 0: 'float', 2: 'int32', 6: 'bool', 9: 'int8' }

class Table {
  readonly #view: DataView
  readonly #at: number

  constructor(view: DataView, at: number) {
    this.#view = view
    this.#at = at
  }

  /** The place of a field; undefined where it is left out. */
  #field(slot: number): number | undefined {
    const vtable = this.#at - this.#view.getInt32(this.#at, true)
    const entry = 4 + 2 * slot
    const offset = entry < this.#view.getUint16(vtable, true) ? this.#view.getUint16(vtable + entry, true) : 0
    return offset === 0 ? undefined : this.#at + offset
  }

  byte(slot: number): number {
    const at = this.#field(slot)
    return at === undefined ? 0 : this.#view.getInt8(at)
  }

  int(slot: number): number {
    const at = this.#field(slot)
    return at === undefined ? 0 : this.#view.getInt32(at, true)
  }

  /** The place and the length of a vector. */
  #vector(slot: number): { at: number; length: number } {
    const field = this.#field(slot)
    if (field === undefined) return { at: 0, length: 0 }
    const at = field + this.#view.getUint32(field, true)
    return { at: at + 4, length: this.#view.getUint32(at, true) }
  }

  ints(slot: number): number[] {
    const { at, length } = this.#vector(slot)
    return Array.from({ length }, (_, i) => this.#view.getInt32(at + 4 * i, true))
  }

  floats(slot: number): number[] {
    const { at, length } = this.#vector(slot)
    return Array.from({ length }, (_, i) => this.#view.getFloat32(at + 4 * i, true))
  }

  bytes(slot: number): DataView {
    const { at, length } = this.#vector(slot)
    if (length > 0 && at % 16 !== 0) throw new Error(`a buffer begins at ${at}`)
    return new DataView(this.#view.buffer, at, length)
  }

  text(slot: number): string {
    const { at, length } = this.#vector(slot)
    return Buffer.from(this.#view.buffer, at, length).toString()
  }

  tables(slot: number): Table[] {
    const { at, length } = this.#vector(slot)
    return Array.from({ length }, (_, i) => {
      const place = at + 4 * i
      return new Table(this.#view, place + this.#view.getUint32(place, true))
    })
  }

  table(slot: number): Table | undefined {
    const at = this.#field(slot)
    return at === undefined ? undefined : new Table(this.#view, at + this.#view.getUint32(at, true))
  }
}

/** The lines of a model: its known tensors, its operators, its inputs and outputs. */
export function litertText(file: Uint8Array): string {
  const bytes = Uint8Array.from(file)
  const view = new DataView(bytes.buffer)
  const identifier = Buffer.from(bytes.subarray(4, 8)).toString()
  const model = new Table(view, view.getUint32(0, true))
  const codes = model.tables(1).map((code) => OPERATORS[code.int(3)] ?? `operator ${code.int(3)}`)
  const buffers = model.tables(4)
  const [graph] = model.tables(2)
  if (graph === undefined) throw new Error('the model has no graph')
  const tensors = graph.tables(0)
  const lines = [`${identifier}, version ${model.int(0)}`]
  for (const [i, tensor] of tensors.entries()) {
    const data = buffers[tensor.int(2)]?.bytes(0)
    if (data && data.byteLength > 0) lines.push(`${i} = ${elements(data, tensor.byte(1))} ${typed(tensor)}`)
  }
  for (const operator of graph.tables(3)) {
    const [made = -1] = operator.ints(2)
    const inputs = operator.ints(1).join(', ')
    const result = tensors[made]
    lines.push(`${made} = ${codes[operator.int(0)] ?? ''}(${inputs}) ${result ? typed(result) : ''}`)
  }
  const named = (kind: string, list: readonly Table[]): string[] =>
    list.map((one) => {
      const tensor = tensors[one.int(1)]
      return `${kind} ${one.text(0)} = ${one.int(1)} ${tensor ? typed(tensor) : ''}`
    })
  for (const signature of model.tables(7))
    lines.push(...named('input', signature.tables(0)), ...named('output', signature.tables(1)))
  return `${lines.join('\n')}\n`
}

function typed(tensor: Table): string {
  const signature = tensor.ints(7)
  const shape = (signature.length > 0 ? signature : tensor.ints(0)).join(', ').replaceAll('-1', 'rows')
  const scales = tensor.table(4)?.floats(2) ?? []
  const scaled = scales.length > 0 ? ` by ${scales.map((scale) => scale.toPrecision(3)).join(', ')}` : ''
  return `${TYPES[tensor.byte(1)] ?? '?'} [${shape}]${scaled}`
}

/** A few numbers of a tensor, by the type of its elements. */
function elements(data: DataView, type: number): string {
  const size = type === 9 ? 1 : 4
  const read = (i: number): string => {
    if (type === 9) return String(data.getInt8(i))
    return type === 2 ? String(data.getInt32(4 * i, true)) : data.getFloat32(4 * i, true).toPrecision(4)
  }
  const all = Array.from({ length: data.byteLength / size }, (_, i) => read(i))
  return all.length > 6 ? `${all.slice(0, 3).join(', ')} ...` : all.join(', ')
}
