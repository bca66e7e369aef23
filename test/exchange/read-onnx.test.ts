import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { bytesOf } from '../../src/bytes-of.ts'
import { activations } from '../../src/components/activations/index.ts'
import { RunError } from '../../src/errors.ts'
import { importedConfig } from '../../src/exchange/imported-config.ts'
import { readImported } from '../../src/exchange/imported-model.ts'
import { onnx } from '../../src/exchange/onnx/index.ts'
import { message, ProtobufFloat } from '../../src/protobuf.ts'
import type { MessageField } from '../../src/protobuf.ts'
import { required } from '../../src/step/step-program.ts'
import { folderOf } from '../cli/support.ts'
import { expectClose, readGolden, tensorSchema } from '../golden/golden.ts'
import { randomSpecs } from '../parity/random-spec.ts'
import { runs } from '../runs.ts'
import { modelToExport } from './model.ts'
import { predictionsOf } from './predictions.ts'

const golden = readGolden(
  'onnx-imports',
  z.object({
    cases: z.array(
      z.object({ file: z.string(), inputs: z.array(tensorSchema), outputs: z.array(tensorSchema) }),
    ),
  }),
)
const FOLDER = fileURLToPath(new URL('../golden/onnx/', import.meta.url))

describe('an ONNX model of another program', () => {
  it.each(golden.cases)('is a config, and predicts the same: $file', async ({ file, inputs, outputs }) => {
    const { model, saved } = await readImported(join(FOLDER, file), file)
    expect(importedConfig(model, file, 'model')).toMatchSnapshot()
    const predicted = await predictionsOf(saved, inputs)
    expect(predicted.length).toBe(outputs.length)
    for (const [i, { data }] of outputs.entries()) expectClose(predicted[i] ?? [], data)
  })
})

/** Random models of the seed that ONNX has operators for, but no layers of nnlab: a recurrent layer at each step, a Scan. */
const REFUSED = [26]

describe('a model that nnlab exported', () => {
  it('is imported, and predicts the same', async () => {
    const file = join(await folderOf(), 'model.onnx')
    const some = modelToExport({ input: [1], layers: [{ type: 'dense', units: 1 }] })
    for (const { task, start, encoded, number } of randomSpecs(40, 12)) {
      const model = { ...some, graph: task.graph, task, weights: start }
      const written = onnx.write(model, (what) => expect.fail(what))
      if (!('file' in written) || REFUSED.includes(number)) continue
      await writeFile(file, Buffer.concat(written.file))
      const rows = encoded.inputs.map(({ shape, data }) => ({
        shape: [encoded.rows, ...shape],
        data: [...data],
      }))
      const wanted = await predictionsOf(model, rows)
      const found = await predictionsOf((await readImported(file, 'it')).saved, rows)
      for (const [i, values] of wanted.entries()) expectClose(found[i] ?? [], [...values])
    }
  })
})

describe('an activation that nnlab exported', () => {
  // With a slope of 1, the two are one.
  const names = activations.members.map(({ type }) => type).filter((type) => type !== 'celu')
  it.each(names)('%s is imported as that of its layer, whatever the biases are', async (type) => {
    const activation = type === 'threshold' ? { type, threshold: 0.5, default_value: -1 } : type
    const model = modelToExport({ input: [6], layers: [{ type: 'dense', units: 4, activation }] })
    const kernel = required(model.weights, 'dense/kernel')
    for (const bias of [new Float32Array(4), Float32Array.of(0.3, -0.2, 1.1, -2)]) {
      const weights = new Map([
        ['dense/kernel', kernel],
        ['dense/bias', bias],
      ])
      const written = onnx.write({ ...model, weights }, (what) => expect.fail(what))
      const file = join(await folderOf(), 'model.onnx')
      await writeFile(file, Buffer.concat('file' in written ? written.file : []))
      const { saved } = await readImported(file, 'it')
      expect(saved.spec.model.layers).toMatchObject([{ type: 'dense', activation: { type } }])
    }
  })
})

type Fields = readonly MessageField[]

/** An ONNX model of nodes from `x`, rows of 4, to `y`; the constant `w` has the shape [4, 2]. */
function modelFile(nodes: readonly Uint8Array[], tensor: Fields = [[9, new Uint8Array(32)]]): Uint8Array {
  return graphFile(nodes, message([1, [4, 2]], [2, 1], [8, 'w'], ...tensor), [[4], [2]])
}

/** Types of elements. */
const [FLOAT, INT32, INT64, DOUBLE] = [1, 6, 7, 11]

/** The name and the version of the set of operators, and the types of `x` and `y`. */
type FileParts = {
  readonly operators: string
  readonly version: number
  readonly types: readonly [x: number, y: number]
}

function graphFile(
  nodes: readonly Uint8Array[],
  constant: Uint8Array,
  [x, y]: readonly [readonly number[], readonly number[]],
  { operators = '', version = 17, types = [FLOAT, FLOAT] }: Partial<FileParts> = {},
): Uint8Array {
  const value = (name: string, lengths: readonly number[], type: number): Uint8Array => {
    const axes = [message([2, 'rows']), ...lengths.map((length) => message([1, length]))]
    const shape = message(...axes.map((axis): MessageField => [1, axis]))
    return message([1, name], [2, message([1, message([1, type], [2, shape])])])
  }
  const graph = message(
    ...nodes.map((node): MessageField => [1, node]),
    [2, 'made'],
    [5, constant],
    [11, value('x', x, types[0])],
    [12, value('y', y, types[1])],
  )
  return message([1, 8], [7, graph], [8, message([1, operators], [2, version])])
}

const node = (
  type: string,
  inputs: readonly string[],
  output: string,
  ...attributes: Uint8Array[]
): Uint8Array =>
  message(
    ...inputs.map((name): MessageField => [1, name]),
    [2, output],
    [3, `the_${type}`],
    [4, type],
    ...attributes.map((one): MessageField => [5, one]),
  )
/** The numbers from 1 to 8. */
const EIGHT: Fields = [[9, bytesOf(Float32Array.from({ length: 8 }, (_, i) => i + 1))]]
const product = node('MatMul', ['x', 'w'], 'y')

async function imported(bytes: Uint8Array, others: Readonly<Record<string, Uint8Array>> = {}) {
  const cwd = await folderOf()
  for (const [name, content] of Object.entries({ ...others, 'm.onnx': bytes }))
    await writeFile(join(cwd, name), content)
  return readImported(join(cwd, 'm.onnx'), 'm.onnx')
}

describe('an ONNX model', () => {
  it.each([
    ['ReduceMax', [7, 8]],
    ['ReduceMin', [1, 2]],
    ['ReduceSum', [16, 20]],
    ['ReduceProd', [105, 384]],
    ['ReduceMean', [4, 5]],
  ])('has constants that %s makes of others', async (type, bias) => {
    const axes = message([1, 'axes'], [8, 0], [20, 7])
    const nodes = [
      node('MatMul', ['x', 'w'], 'h'),
      node(type, ['w'], 'm', axes),
      node('Add', ['h', 'm'], 'y'),
    ]
    const { saved } = await imported(modelFile(nodes, EIGHT))
    expect([...saved.weights.values()].map((one) => [...one])).toContainEqual(bias)
  })

  it.each([
    ['an operator', [node('Einsum', ['x', 'w'], 'y')], 'node the_Einsum, Einsum: nnlab has no such operator'],
    [
      'an operator that others depend on, once',
      [node('TopK', ['x', 'w'], 'a'), node('Relu', ['a'], 'b'), node('Exp', ['b'], 'y')],
      'node the_TopK, TopK',
    ],
    [
      'a function',
      [node('MatMul', ['x', 'w'], 'a'), node('Erf', ['a'], 'y')],
      'node the_Erf, Erf: Erf is not part',
    ],
    [
      'an operator beside a constant',
      [node('TopK', ['x', 'w'], 'a'), node('Slice', ['w', 'a', 'w'], 'y')],
      'node the_TopK, TopK',
    ],
    [
      'an attribute',
      [node('Gemm', ['x', 'w'], 'y', message([1, 'transA'], [3, 1], [20, 2]))],
      'the_Gemm, Gemm: its first',
    ],
    ['weights that do not fit', [node('MatMul', ['x', 'v'], 'y')], 'v: nothing makes this value'],
    ['an output that nothing makes', [], 'y: nothing makes this value'],
  ])('is refused with the node: %s', async (_title, nodes, reason) => {
    await expect(imported(modelFile(nodes))).rejects.toThrow(reason)
  })

  it.each([
    [0, [5, 4]],
    [1, [-2, -4]],
  ])('has constants that Mod makes of others, with fmod %d', async (fmod, bias) => {
    const nodes = [
      node('MatMul', ['x', 'w'], 'h'),
      node('Neg', ['w'], 'negative'),
      node('ReduceMax', ['w'], 'most', message([1, 'axes'], [8, 0], [20, 7])),
      node('ReduceSum', ['negative'], 'sum', message([1, 'axes'], [8, 0], [20, 7])),
      node('Mod', ['sum', 'most'], 'm', message([1, 'fmod'], [3, fmod], [20, 2])),
      node('Add', ['h', 'm'], 'y'),
    ]
    const { saved } = await imported(modelFile(nodes, EIGHT))
    expect([...saved.weights.values()].map((one) => [...one])).toContainEqual(bias)
  })

  it('has constants that are quotients of whole numbers', async () => {
    const whole = (name: string, numbers: readonly number[]): Uint8Array =>
      node('Constant', [], name, message([1, 'value_ints'], ...numbers.map((one): MessageField => [8, one])))
    const nodes = [
      node('MatMul', ['x', 'w'], 'h'),
      node('Shape', ['w'], 'shape'),
      whole('divisors', [3, -4]),
      node('Div', ['shape', 'divisors'], 'quotients'),
      whole('two', [2]),
      node('Div', ['quotients', 'two'], 'halves'),
      node('Cast', ['shape'], 'real', message([1, 'to'], [3, 1], [20, 2])),
      node('Cast', ['divisors'], 'divisor', message([1, 'to'], [3, 1], [20, 2])),
      node('Div', ['real', 'divisor'], 'q'),
      node('Cast', ['halves'], 'none', message([1, 'to'], [3, 1], [20, 2])),
      node('Add', ['q', 'none'], 'bias'),
      node('Add', ['h', 'bias'], 'y'),
    ]
    const { saved } = await imported(modelFile(nodes, EIGHT))
    const biases = [...saved.weights.values()].filter(({ length }) => length === 2)
    expect(biases.map((one) => [...one])).toEqual([[Math.fround(4 / 3), -0.5]])
  })

  const text = (name: string, of: string): Uint8Array => message([1, name], [4, of], [20, 3])
  /** Images [1, 2, 2] made larger. */
  const resized = (factor: number, op: string, ...attributes: Uint8Array[]): Uint8Array => {
    const scales = message([1, [4]], [2, 1], [8, 's'], [9, bytesOf(Float32Array.of(1, 1, factor, factor))])
    const inputs = op === 'Resize' ? ['x', '', 's'] : ['x', 's']
    const shape = [1, 2 * factor, 2 * factor]
    return graphFile([node(op, inputs, 'y', ...attributes)], scales, [[1, 2, 2], shape])
  }
  const places = (of: string): Uint8Array => text('coordinate_transformation_mode', of)

  it.each([
    [3, 'Resize', []],
    [3, 'Resize', [text('nearest_mode', 'round_prefer_ceil')]],
    [3, 'Resize', [places('asymmetric'), text('nearest_mode', 'floor')]],
    [3, 'Resize', [places('tf_half_pixel_for_nn'), text('nearest_mode', 'floor')]],
    [2, 'Resize', [places('asymmetric')]],
    [3, 'Upsample', []],
    [3, 'Upsample', [text('mode', 'nearest')]],
    [2, 'Resize', [text('mode', 'linear')], 'bilinear'],
  ])('repeats pixels %d times: %s %#', async (factor, op, attributes, interpolation = 'nearest') => {
    const { saved } = await imported(resized(factor, op, ...attributes))
    expect(saved.spec.model.layers).toMatchObject([
      { type: 'upsampling2d', size: [factor, factor], interpolation },
    ])
  })

  it.each([
    [3, 'Resize', [places('asymmetric')], 'mode nearest, asymmetric, round_prefer_floor'],
    [2, 'Resize', [places('asymmetric'), text('nearest_mode', 'ceil')], 'mode nearest, asymmetric, ceil'],
    [2, 'Resize', [text('nearest_mode', 'floor')], 'mode nearest, half_pixel, floor'],
    [4, 'Resize', [places('align_corners')], 'mode nearest, align_corners, round_prefer_floor'],
    [2, 'Upsample', [text('mode', 'linear')], 'mode linear, asymmetric'],
  ])(
    'is refused where it makes images larger in another way: %d, %s %#',
    async (factor, op, attributes, reason) => {
      await expect(imported(resized(factor, op, ...attributes))).rejects.toThrow(
        `node the_${op}, ${op}: ${reason}`,
      )
    },
  )

  it('reduces nothing where a node asks for that', async () => {
    const none = message([1, 'noop_with_empty_axes'], [3, 1], [20, 2])
    const nodes = [
      node('MatMul', ['x', 'w'], 'h'),
      node('ReduceMax', ['w'], 'bias', message([1, 'axes'], [8, 0], [20, 7])),
      node('ReduceSum', ['bias'], 'same', none),
      node('Add', ['h', 'same'], 'y'),
    ]
    const { saved } = await imported(modelFile(nodes, EIGHT))
    expect([...saved.weights.values()].map((one) => [...one])).toContainEqual([7, 8])
  })

  it('has the file in the message of a constant that cannot be read', async () => {
    const outside = message([1, [1]], [2, 1], [13, message([1, 'location'], [2, 'w.bin'])], [14, 1])
    const constant = node('Constant', [], 's', message([1, 'value'], [5, outside], [20, 4]))
    await expect(imported(modelFile([constant, product]))).rejects.toThrow(
      'm.onnx is not an ONNX model that nnlab reads: a constant is in the file w.bin',
    )
  })

  it('may have strings, where its numbers need none', async () => {
    const strings = message([1, 'value'], [5, message([1, [1]], [2, 8], [6, 'a'])], [20, 4])
    const nodes = [node('Constant', [], 's', strings), node('MatMul', ['x', 'k'], 'y')]
    const names = message([1, [2]], [2, 8], [8, 'w'], [6, 'a'], [6, 'b'])
    const kernel = message([1, 'value'], [5, message([1, [4, 2]], [2, 1], ...EIGHT)], [20, 4])
    const file = graphFile([node('Constant', [], 'k', kernel), ...nodes], names, [[4], [2]])
    expect([...(await imported(file)).saved.weights.values()].map(({ length }) => length)).toEqual([8])
    await expect(imported(graphFile([node('MatMul', ['x', 'w'], 'y')], names, [[4], [2]]))).rejects.toThrow(
      'w has elements of the type 8, which nnlab does not read',
    )
  })

  it('has the operators of ONNX under either of their names', async () => {
    const softmax = node('Softmax', ['x'], 'y')
    const file = graphFile(
      [softmax],
      message([1, [0]], [2, 1], [8, 'w']),
      [
        [2, 3],
        [2, 3],
      ],
      { operators: 'ai.onnx' },
    )
    const { saved } = await imported(file)
    expect(saved.spec.model.layers).toMatchObject([{ type: 'activation', activation: { type: 'softmax' } }])
  })

  it.each([
    ['Relu', [node('MatMul', ['x', 'w'], 'h')], node('Relu', ['h'], 'y')],
    ['MatMul', [], product],
  ])('is refused where an operator of others has the name of one of ONNX: %s', async (op, nodes, last) => {
    const file = modelFile([...nodes, Buffer.concat([last, message([7, 'com.example'])])])
    await expect(imported(file)).rejects.toThrow(
      `node the_${op}, com.example.${op}: nnlab has no such operator`,
    )
  })

  it('has the gelu of ONNX Runtime', async () => {
    const gelu = Buffer.concat([node('Gelu', ['h'], 'y'), message([7, 'com.microsoft'])])
    const { saved } = await imported(modelFile([node('MatMul', ['x', 'w'], 'h'), gelu]))
    expect(saved.spec.model.layers).toMatchObject([{ type: 'dense', activation: { type: 'gelu' } }])
  })

  it('leaves out no bounds that are far from its samples', async () => {
    const axes = message([1, 'axes'], [8, 1], [20, 7])
    const nodes = [
      node('MatMul', ['x', 'w'], 'h'),
      node('ReduceMax', ['w'], 'eight'),
      node('Min', ['h', 'eight'], 'bound'),
      node('Exp', ['bound'], 'e'),
      node('ReduceSum', ['e'], 's', axes),
      node('Div', ['e', 's'], 'y'),
    ]
    await expect(imported(modelFile(nodes, EIGHT))).rejects.toThrow('node the_Min, Min')
  })

  it('has weights in other files, beside it and long enough', async () => {
    const numbers = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8])
    const external = (location: string, offset: number): Uint8Array =>
      modelFile(
        [product],
        [
          [13, message([1, 'location'], [2, location])],
          [13, message([1, 'offset'], [2, String(offset)])],
          [14, 1],
        ],
      )
    const weights = { 'w.bin': Buffer.concat([Buffer.alloc(4), Buffer.from(numbers.buffer)]) }
    const { saved } = await imported(external('w.bin', 4), weights)
    expect(saved.weights.get('y/kernel')).toEqual(numbers)
    await expect(imported(external('w.bin', 8), weights)).rejects.toThrow(
      'its weights end before 40 bytes of w.bin',
    )
    await expect(imported(external('../w.bin', 0), weights)).rejects.toThrow('not beside it, but in ../w.bin')
    await expect(imported(external('no.bin', 0))).rejects.toThrow('its weights no.bin cannot be read')
    await expect(imported(external('.', 0))).rejects.toThrow('its weights . are not a file')
  })

  it('takes no more memory than its file explains', async () => {
    const shape = message([1, 'value'], [5, message([1, [2]], [2, 7], [7, [2 ** 20, 2 ** 20]])], [20, 4])
    const nodes = [
      node('Constant', [], 's', shape),
      node('ConstantOfShape', ['s'], 'a'),
      node('Add', ['x', 'a'], 'y'),
    ]
    await expect(imported(modelFile(nodes))).rejects.toThrow('a constant of the shape [1048576, 1048576]')
    await expect(imported(modelFile([product], [[9, new Uint8Array(31)]]))).rejects.toThrow(
      'w has 7.75 numbers for the shape [4, 2]',
    )
    const alpha = message([1, 'alpha'], [2, new ProtobufFloat(2)], [20, 1])
    const { saved } = await imported(modelFile([node('Gemm', ['x', 'w'], 'y', alpha)]))
    expect(saved.weights.get('y/kernel')).toEqual(new Float32Array(8))
  })

  it('is read or refused, whichever of its bytes are changed or cut off', async () => {
    const files = await Promise.all(golden.cases.map(({ file }) => readFile(join(FOLDER, file))))
    const path = join(await folderOf(), 'changed.onnx')
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat()),
        async (file, changes, end) => {
          const bytes = Buffer.from(file.subarray(0, end === null ? file.length : end % file.length))
          for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
          await writeFile(path, bytes)
          await readImported(path, 'changed.onnx').catch((error: unknown) => {
            expect(error).toBeInstanceOf(RunError)
          })
        },
      ),
      { numRuns: runs(30) },
    )
  })
})

describe('numbers of an ONNX model that lose their fractions', () => {
  const cast = (input: string, type: number, output: string): Uint8Array =>
    node('Cast', [input], output, message([1, 'to'], [3, type], [20, 2]))
  const [table, rows]: [Uint8Array, readonly number[]] = [
    message([1, [4, 2]], [2, 1], [8, 'w'], ...EIGHT),
    [4],
  ]
  const refused = 'node the_Cast, Cast: nnlab does not cut off the fractions of computed numbers'

  it.each([
    ['before a product', [cast('x', INT64, 'i'), cast('i', FLOAT, 'f'), node('MatMul', ['f', 'w'], 'y')]],
    ['after a product', [node('MatMul', ['x', 'w'], 'h'), cast('h', INT32, 'i'), cast('i', FLOAT, 'y')]],
    [
      'in a sum of what they are looked up with',
      [cast('x', INT64, 'i'), node('Add', ['i', 'i'], 'a'), node('Gather', ['w', 'a'], 'y')],
    ],
  ])('are refused with the node: %s', async (_title, nodes) => {
    await expect(imported(graphFile(nodes, table, [rows, [2]]))).rejects.toThrow(refused)
  })

  it('are refused where they are all that it yields', async () => {
    const nodes = [node('MatMul', ['x', 'w'], 'h'), cast('h', INT64, 'y')]
    await expect(imported(graphFile(nodes, table, [rows, [2]], { types: [FLOAT, INT64] }))).rejects.toThrow(
      /it has no output of numbers\n.*the_Cast, Cast: nnlab does not/,
    )
  })

  it('are looked up in an embedding, which cuts the fractions off itself', async () => {
    const shape = message([1, 'value'], [5, message([1, [3]], [2, INT64], [7, [0, 2, 2]])], [20, 4])
    const nodes = [
      node('Constant', [], 's', shape),
      cast('x', INT64, 'i'),
      node('Reshape', ['i', 's'], 'r'),
      node('Gather', ['w', 'r'], 'y'),
    ]
    const { saved } = await imported(graphFile(nodes, table, [rows, [2, 2, 2]]))
    expect(saved.spec.model.layers.map(({ type }) => type)).toEqual(['reshape', 'embedding'])
  })

  it('had none where they were whole', async () => {
    const two = message([1, 'value'], [5, message([2, FLOAT], [9, bytesOf(Float32Array.of(2))])], [20, 4])
    const nodes = [
      node('Constant', [], 'two', two),
      cast('x', FLOAT, 'f'),
      node('Mul', ['f', 'two'], 'd'),
      cast('d', INT32, 'i'),
      cast('i', DOUBLE, 'g'),
      node('MatMul', ['g', 'w'], 'y'),
    ]
    const file = graphFile(nodes, table, [rows, [2]], { types: [INT64, FLOAT] })
    expect((await imported(file)).saved.spec.model.layers.map(({ type }) => type)).toEqual([
      'rescaling',
      'dense',
    ])
    await expect(imported(graphFile(nodes, table, [rows, [2]]))).rejects.toThrow(refused)
  })

  it.each([
    ['Div', ['x', 'two'], 'a quotient of whole numbers'],
    ['ReduceMean', ['x'], 'a mean of whole numbers'],
    ['Pow', ['x', 'two'], 'Pow is not part of a function that nnlab has'],
  ])(
    'are refused with the operator that makes whole numbers of whole ones: %s',
    async (op, inputs, reason) => {
      const two = message([1, 'value_int'], [3, 2], [20, 2])
      const axes = op === 'ReduceMean' ? [message([1, 'axes'], [8, 1], [20, 7])] : []
      const nodes = [node('Constant', [], 'two', two), node(op, inputs, 'q', ...axes), cast('q', FLOAT, 'y')]
      const file = graphFile(nodes, table, [rows, [4]], { types: [INT64, FLOAT] })
      await expect(imported(file)).rejects.toThrow(`node the_${op}, ${op}: ${reason}`)
    },
  )

  it('are refused where a type leaves bits out', async () => {
    const nodes = [cast('x', 2, 'b'), cast('b', FLOAT, 'f'), node('MatMul', ['f', 'w'], 'y')]
    const file = graphFile(nodes, table, [rows, [2]], { types: [INT64, FLOAT] })
    await expect(imported(file)).rejects.toThrow(
      'node the_Cast, Cast: numbers of the type 2, which leaves bits out',
    )
  })

  it('are means of constants', async () => {
    const whole = message([1, 'value_ints'], [8, 4], [8, 3])
    const nodes = [
      node('Constant', [], 'c', whole),
      node('ReduceMean', ['c'], 'm', message([1, 'axes'], [8, 0], [20, 7])),
      cast('m', FLOAT, 'f'),
      node('MatMul', ['x', 'w'], 'h'),
      node('Add', ['h', 'f'], 'y'),
    ]
    const { saved } = await imported(graphFile(nodes, table, [rows, [2]]))
    expect([...saved.weights.values()].map((one) => [...one])).toContainEqual([3, 3])
  })
})

describe('an operator of ONNX whose attributes change what it computes', () => {
  const integer = (name: string, of: number): Uint8Array => message([1, name], [3, of], [20, 2])
  const integers = (name: string, ...of: number[]): Uint8Array =>
    message([1, name], ...of.map((one): MessageField => [8, one]), [20, 7])
  const texts = (name: string, ...of: string[]): Uint8Array =>
    message([1, name], ...of.map((one): MessageField => [9, one]), [20, 8])
  const text = (name: string, of: string): Uint8Array => message([1, name], [4, of], [20, 3])
  const float = (name: string, of: number): Uint8Array =>
    message([1, name], [2, new ProtobufFloat(of)], [20, 1])
  const constant = (name: string, shape: readonly number[], type: number, data: Uint8Array): Uint8Array =>
    node('Constant', [], name, message([1, 'value'], [5, message([1, shape], [2, type], [9, data])], [20, 4]))
  const ones = (...shape: number[]): Uint8Array => {
    const count = shape.reduce((product, length) => product * length, 1)
    return message([1, shape], [2, FLOAT], [8, 'w'], [9, bytesOf(new Float32Array(count).fill(1))])
  }
  const normalized = (...attributes: Uint8Array[]): Uint8Array =>
    node('BatchNormalization', ['x', 'w', 'w', 'w', 'w'], 'y', ...attributes)
  const twice = { kernel_shape: integers('kernel_shape', 2, 2), strides: integers('strides', 2, 2) }

  it.each([
    [
      'training_mode',
      'the statistics of the batch',
      [normalized(integer('training_mode', 1))],
      ones(4),
      [4],
      [4],
    ],
    [
      'outputs',
      'the statistics of the batch',
      [Buffer.concat([normalized(), message([2, 'mean'])])],
      ones(4),
      [4],
      [4],
    ],
    ['spatial', 'statistics of each place', [normalized(integer('spatial', 0))], ones(4), [4], [4]],
    [
      'parameters that are not along the last axis',
      'parameters [4, 1]',
      [node('LayerNormalization', ['x', 'w'], 'y')],
      ones(4, 1),
      [4, 4],
      [4, 4],
    ],
    [
      'a sum with a number for each row',
      'it adds [2, 1] to 2 units',
      [constant('c', [2, 1], FLOAT, new Uint8Array(8)), node('Gemm', ['x', 'w', 'c'], 'y')],
      ones(4, 2),
      [4],
      [2],
    ],
    [
      'training_mode of Dropout',
      'training_mode',
      [
        constant('ratio', [], FLOAT, bytesOf(Float32Array.of(0.5))),
        constant('training', [], 9, Uint8Array.of(1)),
        node('Dropout', ['x', 'ratio', 'training'], 'y'),
      ],
      ones(1),
      [4],
      [4],
    ],
    [
      'ceil_mode and count_include_pad',
      'count_include_pad with ceil_mode',
      [
        node(
          'AveragePool',
          ['x'],
          'y',
          twice.kernel_shape,
          twice.strides,
          integer('ceil_mode', 1),
          integer('count_include_pad', 1),
        ),
      ],
      ones(1),
      [1, 3, 3],
      [1, 2, 2],
    ],
    [
      'keep_aspect_ratio_policy',
      'keep_aspect_ratio_policy not_larger',
      [
        constant('s', [4], INT64, bytesOf(BigInt64Array.of(7n, 1n, 4n, 6n))),
        node('Resize', ['x', '', '', 's'], 'y', text('keep_aspect_ratio_policy', 'not_larger')),
      ],
      ones(1),
      [1, 2, 2],
      [1, 4, 4],
    ],
    [
      'activations of the directions',
      'directions of different activations',
      [
        node('Transpose', ['x'], 't', integers('perm', 1, 0, 2)),
        node(
          'RNN',
          ['t', 'w', 'w'],
          'y',
          text('direction', 'bidirectional'),
          texts('activations', 'Tanh', 'Relu'),
        ),
      ],
      ones(2, 3, 3),
      [2, 3],
      [2, 2, 3],
    ],
  ] as const)('is refused: %s', async (_title, reason, nodes, weights, x, y) => {
    await expect(imported(graphFile(nodes, weights, [x, y]))).rejects.toThrow(`: ${reason}`)
  })

  it('is refused where its version is too old to tell', async () => {
    await expect(imported(graphFile([product], ones(4, 2), [[4], [2]], { version: 6 }))).rejects.toThrow(
      'its operators are those of version 6, and nnlab reads those of 7 and later',
    )
    await expect(
      imported(graphFile([product], ones(4, 2), [[4], [2]], { version: 7 })),
    ).resolves.toBeDefined()
  })

  it('has no padding with auto_pad VALID, whatever its pads are', async () => {
    const attributes = [text('auto_pad', 'VALID'), integers('pads', 1, 1, 1, 1)]
    const nodes = [
      node('Relu', ['x'], 'r'),
      node('MaxPool', ['r'], 'y', twice.kernel_shape, twice.strides, ...attributes),
    ]
    const { saved } = await imported(
      graphFile(nodes, ones(1), [
        [1, 4, 4],
        [1, 2, 2],
      ]),
    )
    expect(saved.spec.model.layers.map(({ type }) => type)).toEqual(['activation', 'max_pooling2d'])
  })

  it('keeps a bound that is far from its constants', async () => {
    const nodes = [
      constant('hundred', [], FLOAT, bytesOf(Float32Array.of(100))),
      node('Div', ['x', 'hundred'], 'a'),
      node('Clip', ['a'], 'b', float('min', 0), float('max', 3)),
      node('Mul', ['b', 'hundred'], 'y'),
    ]
    const { saved } = await imported(graphFile(nodes, ones(1), [[4], [4]], { version: 7 }))
    expect(saved.spec.model.layers).toMatchObject([
      { type: 'activation', activation: { type: 'relu', max_value: 300 } },
    ])
  })
})
