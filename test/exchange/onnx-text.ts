// An ONNX model as text: a line a node. It reads the protocol buffer from the specification, apart from what wrote it.

type Message = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>

/** The fields of a message; numbers of 32 bits as their bytes. */
function fieldsOf(bytes: Uint8Array): Message {
  const fields = new Map<number, (bigint | Uint8Array)[]>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++] ?? 0)
      value |= (byte & 127n) << shift
      if (byte < 128n) return BigInt.asIntN(64, value)
    }
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const length = { 0: () => undefined, 2: () => Number(varint()), 5: () => 4 }[key & 7]
    if (length === undefined) throw new Error(`wire type ${key & 7}`)
    const size = length()
    const value = size === undefined ? varint() : bytes.subarray(at, (at += size))
    const known = fields.get(key >> 3)
    if (known) known.push(value)
    else fields.set(key >> 3, [value])
  }
  return fields
}

const messages = (message: Message, field: number): Message[] =>
  (message.get(field) ?? []).map((value) => fieldsOf(bytesOf(value)))
const texts = (message: Message, field: number): string[] =>
  (message.get(field) ?? []).map((value) => Buffer.from(bytesOf(value)).toString())
const quoted = (message: Message, field: number): string[] =>
  texts(message, field).map((text) => JSON.stringify(text))
const numbers = (message: Message, field: number): bigint[] =>
  (message.get(field) ?? []).flatMap((value) => (typeof value === 'bigint' ? [value] : packed(value)))

function bytesOf(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw new Error('expected bytes')
  return value
}

function packed(bytes: Uint8Array): bigint[] {
  // As the values of field 0, one after the other.
  return [...bytes].length === 0
    ? []
    : numbers(fieldsOf(Uint8Array.from([...split(bytes)].flatMap((one) => [0, ...one]))), 0)
}

function* split(bytes: Uint8Array): Generator<number[]> {
  let one: number[] = []
  for (const byte of bytes) {
    one.push(byte)
    if (byte >= 128) continue
    yield one
    one = []
  }
}

/** The types of elements that the rows of a graph have. */
const TYPES: Readonly<Record<string, string>> = { 1: 'float', 8: 'string', 11: 'double' }

/** The lines of a model: its inputs, constants, nodes, outputs and the texts about it. */
export function onnxText(file: Uint8Array): string {
  const model = fieldsOf(file)
  const [graph] = messages(model, 7)
  if (graph === undefined) throw new Error('the model has no graph')
  const lines = [
    `IR version ${numbers(model, 1).join()}, operators ${messages(model, 8)
      .flatMap((set) => numbers(set, 2))
      .join()}`,
  ]
  for (const value of messages(graph, 11)) lines.push(`input ${typed(value)}`)
  for (const tensor of messages(graph, 5)) {
    const [name] = texts(tensor, 8)
    const [data = new Uint8Array()] = tensor.get(9) ?? []
    const strings = quoted(tensor, 6).join()
    lines.push(
      `${name} = ${strings || elements(bytesOf(data), Number(numbers(tensor, 2)[0]))} [${numbers(tensor, 1).join()}]`,
    )
  }
  for (const node of messages(graph, 1)) {
    const attributes = messages(node, 5).map(
      (one) =>
        `${texts(one, 1).join()}=${[...numbers(one, 3), ...texts(one, 4), ...numbers(one, 8), ...quoted(one, 9)].join()}`,
    )
    lines.push(
      `${texts(node, 2).join()} = ${texts(node, 4).join()}(${texts(node, 1).join(', ')}) ${attributes.join(' ')}`.trimEnd(),
    )
  }
  for (const value of messages(graph, 12)) lines.push(`output ${typed(value)}`)
  for (const one of messages(model, 14)) lines.push(`${texts(one, 1).join()}: ${texts(one, 2).join()}`)
  return `${lines.join('\n')}\n`
}

function typed(value: Message): string {
  const [tensor] = messages(value, 2).flatMap((type) => messages(type, 1))
  const axes = messages(tensor ?? new Map(), 2).flatMap((shape) => messages(shape, 1))
  const type = TYPES[numbers(tensor ?? new Map(), 1).join()] ?? '?'
  return `${texts(value, 1).join()} ${type} [${axes.map((axis) => [...numbers(axis, 1), ...texts(axis, 2)].join()).join(', ')}]`
}

/** A few numbers of a tensor, by the type of its elements. */
function elements(bytes: Uint8Array, type: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [size, read] =
    type === 7
      ? [8, (at: number) => `${view.getBigInt64(at, true)}`]
      : type === 11
        ? [8, (at: number) => view.getFloat64(at, true).toPrecision(4)]
        : [
            4,
            (at: number) =>
              type === 1 ? view.getFloat32(at, true).toPrecision(4) : `${view.getInt32(at, true)}`,
          ]
  const all = Array.from({ length: bytes.length / size }, (_, i) => read(i * size))
  return all.length > 6 ? `${all.slice(0, 3).join(', ')} ...` : all.join(', ')
}
