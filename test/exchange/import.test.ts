import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { importModel } from '../../src/core/import-model.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { NnlabError } from '../../src/errors.ts'
import { writtenModel } from '../../src/exchange/imported-config.ts'
import { keras } from '../../src/exchange/keras/index.ts'
import { readKeras } from '../../src/exchange/keras/read.ts'
import { zipFile } from '../../src/exchange/keras/zip.ts'
import { hdf5File } from '../../src/exchange/keras/hdf5.ts'
import { taskOf } from '../../src/experiment/task.ts'
import { buildGraph } from '../../src/model/build.ts'
import type { Graph } from '../../src/model/graph.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { loadModel } from '../../src/run/model-files.ts'
import type { ComponentConfig } from '../../src/registry.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { folderOf } from '../cli/support.ts'
import { runs } from '../runs.ts'
import { randomModel } from '../step/random-model.ts'
import { golden } from './golden.ts'
import { modelToExport } from './model.ts'

const SAVED = fileURLToPath(new URL('../golden/keras-model.keras', import.meta.url))
const NO_PYTHON = '/nowhere/python'
const unexpected = (what: string): never => {
  throw new Error(what)
}

describe('a model that Keras saved', () => {
  it('is a config as a person writes it, and predicts the same', async () => {
    const cwd = await folderOf()
    const found = await importModel({ file: SAVED, output: 'saved.yaml', cwd, python: NO_PYTHON })
    expect(await readFile(found.config, 'utf8')).toMatchSnapshot()
    const model = await loadModel(found.model)
    const { inputs, predictions } = golden.saved
    const session = openCompiledEngine({ arithmetic: 'auto', threads: 1 }).open(taskOf(model), model.weights)
    try {
      const [rows = 0, ...shape] = inputs.shape
      const data = Float32Array.from(inputs.data)
      const encoded = {
        rows,
        inputs: [{ name: 'input', shape, data }],
        targets: [],
        sourceRow: new Uint32Array(rows),
      }
      const found = (await session.predict(encoded, rows)).get('label') ?? []
      predictions.data.forEach((wanted, i) => expect(found[i]).toBeCloseTo(wanted, 5))
    } finally {
      session.dispose()
    }
  })

  it('replaces nothing unless it is told to', async () => {
    const cwd = await folderOf({ 'saved.yaml': 'mine' })
    const options = { file: SAVED, output: 'saved.yaml', cwd, python: NO_PYTHON }
    await expect(importModel(options)).rejects.toThrow('saved.yaml exists already')
    expect(await readFile(join(cwd, 'saved.yaml'), 'utf8')).toBe('mine')
    await importModel({ ...options, force: true })
  })
})

describe('an exported model', () => {
  it('is imported with the same layers, names, links and weights', async () => {
    const file = join(await folderOf(), 'model.keras')
    for (const { task } of fc.sample(randomModel(), { numRuns: 25, seed: 5 })) {
      const { graph } = task
      const weights = initialWeights(graph, 3)
      const refused: string[] = []
      const written = keras.write(
        { ...modelToExport(SMALL), graph, task, weights },
        (what) => void refused.push(what),
      )
      if (refused.length > 0 || !('file' in written)) continue
      await writeFile(file, Buffer.concat(written.file))
      const read = await readKeras(file, file, unexpected)
      const parsed = modelSection().parse({
        ...writtenModel(read.model),
        input: undefined,
        inputs: read.model.inputs,
      })
      const { graph: again } = buildGraph(parsed)
      if (again === undefined) throw new Error('the imported network is not valid')
      expect(described(again)).toEqual(described(graph))
      const used = new Set(again.nodes.flatMap(({ parameters }) => parameters.map(({ id }) => id)))
      const kept = [...weights].filter(([id]) => used.has(id))
      expect([...read.weights(again)].sort()).toEqual(kept.sort())
    }
  })
})

const SMALL = { input: [1], layers: [{ type: 'dense', units: 1 }] }

/** Layers by name; of those that lead to no output Keras knows nothing, and what takes one input needs no name for it. */
function described({ nodes, inputs, outputs }: Graph): unknown {
  const used = new Set(outputs)
  for (const node of nodes.toReversed())
    if (used.has(node.name)) for (const name of node.inputs) used.add(name)
  const only = inputs.length === 1 ? inputs[0]?.name : undefined
  const renamed = (name: string): string => (name === only ? 'input' : name)
  const kept = nodes
    .filter(({ name }) => used.has(name))
    .map(({ name, config, inputs: sources, shares }) => [
      name,
      { config: plain(config), sources: sources.map(renamed), shares },
    ])
  return { layers: Object.fromEntries(kept), outputs: outputs.map(renamed) }
}

/** Options without those that say where a layer stands; layers inside one have them, too. */
function plain({ name: _name, from: _from, layers, ...options }: ComponentConfig): unknown {
  return { ...options, ...(layers !== undefined && { layers: 'inside' }) }
}

const tensor = (name: string, shape?: readonly (number | null)[], call = 0): object => ({
  class_name: '__keras_tensor__',
  config: { keras_history: [name, call, 0], shape },
})
const input = {
  class_name: 'InputLayer',
  config: { name: 'x', batch_shape: [null, 4] },
  inbound_nodes: [],
}
const functional = (output: string, ...layers: object[]): object => ({
  class_name: 'Functional',
  config: { layers: [input, ...layers], input_layers: ['x', 0, 0], output_layers: [output, 0, 0] },
})
const readLayers = async (config: object): Promise<unknown> => {
  const file = await kerasFile(config)
  return (await readKeras(file, file, unexpected)).model.network.layers
}

describe('models inside a model', () => {
  it('are called once more, given nothing for their masks', async () => {
    const inner = {
      class_name: 'Sequential',
      config: { name: 'inner', layers: [{ class_name: 'ReLU', config: { name: 'r' } }] },
      inbound_nodes: [tensor('x'), tensor('inner')].map((one) => ({ args: [one], kwargs: { mask: [null] } })),
    }
    const file = await kerasFile({
      class_name: 'Functional',
      config: {
        name: 'модель',
        layers: [input, inner],
        input_layers: [['x', 0, 0]],
        output_layers: [['inner', 1, 0]],
      },
    })
    const { name, network } = (await readKeras(file, file, unexpected)).model
    expect([
      name,
      network.outputs,
      network.layers.map((layer) => [layer.name, layer.type, layer.from]),
    ]).toEqual([
      'model______',
      ['inner_1'],
      [
        ['inner', 'model', ['input']],
        ['inner_1', 'shared', ['inner']],
      ],
    ])
  })
})

describe('operations of a functional model', () => {
  const operation = (name: string, class_name: string, args: unknown[], config: object = {}): object => ({
    module: `keras.src.ops.${class_name === 'LeakyRelu' ? 'nn' : 'numpy'}`,
    class_name,
    config: { name, ...config },
    inbound_nodes: [{ args, kwargs: {} }],
  })
  const layers = [
    { type: 'rescaling', name: 'halved', from: ['input'], scale: 0.5 },
    { type: 'rescaling', name: 'less', from: ['halved'], scale: -1, offset: 1 },
    { type: 'add', name: 'sum', from: ['less', 'input'] },
  ]

  it('of Keras 3 are layers', async () => {
    const config = functional(
      'all',
      operation('halved', 'TrueDivide', [tensor('x'), 2]),
      operation('less', 'Subtract', [1, tensor('halved')]),
      operation('sum', 'Add', [tensor('less'), tensor('x')]),
      operation('bent', 'LeakyRelu', [tensor('sum')], { negative_slope: 0.1 }),
      operation('all', 'Concatenate', [[tensor('bent'), tensor('sum')]], { axis: -1 }),
    )
    expect(await readLayers(config)).toEqual([
      ...layers,
      {
        type: 'activation',
        name: 'bent',
        from: ['sum'],
        activation: { type: 'leaky_relu', negative_slope: 0.1 },
      },
      { type: 'concatenate', name: 'all', from: ['bent', 'sum'] },
    ])
  })

  it('of tf.keras are layers', async () => {
    const config = functional(
      'sum',
      lambda('halved', 'math.truediv', ['x', 0, 0, { y: 2, name: null }]),
      lambda('less', 'math.subtract', ['_CONSTANT_VALUE', -1, 1, { y: ['halved', 0, 0], name: null }]),
      lambda('sum', '__operators__.add', ['less', 0, 0, { y: ['x', 0, 0], name: null }]),
    )
    expect(await readLayers(config)).toEqual(layers)
  })

  it('of masks are left to the layers that mask steps', async () => {
    const masked = (value: number): object =>
      functional(
        'pooled',
        { ...embedding, inbound_nodes: [{ args: [tensor('x')], kwargs: {} }] },
        operation('mask', 'NotEqual', [tensor('x'), value]),
        operation('wide', 'ExpandDims', [tensor('mask')], { axis: -1 }),
        operation('narrow', 'Any', [tensor('wide')], { axis: -1 }),
        { ...pooled, inbound_nodes: [{ args: [tensor('words')], kwargs: { mask: tensor('narrow') } }] },
      )
    expect(await readLayers(masked(0))).toEqual([
      { type: 'embedding', name: 'words', from: ['input'], input_dim: 5, output_dim: 2, mask_zero: true },
      { type: 'global_average_pooling1d', name: 'pooled', from: ['words'] },
    ])
    const file = await kerasFile(masked(1))
    const refused = importModel({ file, cwd: await folderOf(), python: NO_PYTHON })
    await expect(refused).rejects.toThrow('layer pooled: it is called with mask')
  })

  it('drop masks, as in Keras, which the layers that they become would pass on', async () => {
    const words = tensor('words', [null, 4, 2])
    const averaged = (kwargs: object): object =>
      functional(
        'pooled',
        { ...embedding, inbound_nodes: [{ args: [tensor('x')], kwargs: {} }] },
        operation('mask', 'NotEqual', [tensor('x'), 0]),
        operation('twice', 'Multiply', [words, 2]),
        { ...pooled, inbound_nodes: [{ args: [tensor('twice')], kwargs }] },
      )
    expect(await readLayers(averaged({ mask: null }))).toEqual([
      { type: 'embedding', name: 'words', from: ['input'], input_dim: 5, output_dim: 2, mask_zero: true },
      { type: 'reshape', name: 'twice_input', from: ['words'], target_shape: [4, 2] },
      { type: 'rescaling', name: 'twice', from: ['twice_input'], scale: 2 },
      { type: 'global_average_pooling1d', name: 'pooled', from: ['twice'] },
    ])
    const file = await kerasFile(averaged({ mask: tensor('mask') }))
    const refused = importModel({ file, cwd: await folderOf(), python: NO_PYTHON })
    await expect(refused).rejects.toThrow('layer pooled: it is called with mask')
  })

  it('drop the masks that layers before them pass on, and find none behind others', async () => {
    const config = functional(
      'sum',
      { ...embedding, inbound_nodes: [{ args: [tensor('x')], kwargs: {} }] },
      { ...dropout, inbound_nodes: [{ args: [tensor('words')], kwargs: {} }] },
      operation('twice', 'Multiply', [tensor('kept', [null, 4, 2]), 2]),
      { ...flatten, inbound_nodes: [{ args: [tensor('twice')], kwargs: {} }] },
      operation('half', 'Multiply', [tensor('flat', [null, 8]), 0.5]),
      operation('sum', 'Add', [tensor('half', [null, 8]), tensor('flat', [null, 8])]),
    )
    expect(await readLayers(config)).toMatchObject([
      { name: 'words', from: ['input'] },
      { name: 'kept', from: ['words'] },
      { name: 'twice_input', from: ['kept'] },
      { name: 'twice', from: ['twice_input'] },
      { name: 'flat', from: ['twice'] },
      { name: 'half', from: ['flat'] },
      { name: 'sum', from: ['half', 'flat'] },
    ])
  })

  it('are refused where Keras has them as layers: it would not read the file itself', async () => {
    const { module: _none, ...add } = { module: '', ...operation('y', 'Add', [tensor('x'), tensor('x')]) }
    const file = await kerasFile(functional('y', add))
    const refused = importModel({ file, cwd: await folderOf(), python: NO_PYTHON })
    await expect(refused).rejects.toThrow('layer y: it is called with another tensor')
  })

  it.each([
    ['Average', [tensor('x')], 'layer y: operation Average'],
    ['Divide', [1, tensor('x')], 'layer y: operation Divide'],
    ['constructor', [tensor('x')], 'layer y: operation constructor'],
  ])('are refused where no layer does the same: %s', async (name, args, line) => {
    const file = await kerasFile(functional('y', operation('y', name, args)))
    await expect(importModel({ file, cwd: await folderOf(), python: NO_PYTHON })).rejects.toThrow(line)
  })
})

const embedding = {
  module: 'keras.layers',
  class_name: 'Embedding',
  config: { name: 'words', input_dim: 5, output_dim: 2, mask_zero: true },
}
const dropout = { module: 'keras.layers', class_name: 'Dropout', config: { name: 'kept', rate: 0.5 } }
const flatten = { module: 'keras.layers', class_name: 'Flatten', config: { name: 'flat' } }
const pooled = { module: 'keras.layers', class_name: 'GlobalAveragePooling1D', config: { name: 'pooled' } }

function lambda(name: string, path: string, call: unknown[]): object {
  return { class_name: 'TFOpLambda', config: { name, function: path }, inbound_nodes: [[call]] }
}

describe('layers that nnlab has under another name', () => {
  it.each([
    [
      { axis: [-1], mean: null, variance: null },
      { type: 'batch_normalization', epsilon: 1e-14 },
    ],
    [
      { axis: -1, mean: [[3, 1]], variance: [4, 0] },
      { type: 'rescaling', scale: [0.5, 1e7], offset: [-1.5, -1e7] },
    ],
    [
      { axis: -1, mean: 3, variance: 4 },
      { type: 'rescaling', scale: 0.5, offset: -1.5 },
    ],
    [
      { axis: [], mean: null, variance: null },
      { type: 'batch_normalization', center: false },
    ],
  ])('a Normalization: %j', async (config, wanted) => {
    const file = await normalizationFile(config, [2])
    const [layer] = (await readKeras(file, file, unexpected)).model.network.layers
    expect(layer).toMatchObject(wanted)
  })

  it('a Normalization with numbers along another axis than the last is refused', async () => {
    const file = await normalizationFile({ axis: 1, mean: [[1], [2]], variance: [[1], [4]] }, [2, 2])
    const refused: string[] = []
    await readKeras(file, file, (what) => void refused.push(what))
    expect(refused).toEqual(['layer layer: layer Normalization'])
  })

  function normalizationFile(config: object, shape: readonly number[]): Promise<string> {
    const layers = [{ class_name: 'Normalization', config }]
    return kerasFile({
      class_name: 'Sequential',
      config: { name: 's', layers, build_input_shape: [null, ...shape] },
    })
  }
})

describe('layers that predict nothing of their own', () => {
  it('are left out, with a note', async () => {
    const layers = [
      { class_name: 'RandomFlip', config: { name: 'flip', mode: 'horizontal' } },
      { class_name: 'RandomZoom', config: { name: 'zoom' } },
    ]
    const file = await kerasFile({
      class_name: 'Sequential',
      config: { name: 's', layers, build_input_shape: [null, 8, 8, 1] },
    })
    const { network, notes } = (await readKeras(file, file, unexpected)).model
    expect(network.layers.map(({ type }) => type)).toEqual(['activation', 'activation'])
    expect(notes).toEqual([
      'Left out, as rows to predict are not augmented: flip (RandomFlip), zoom (RandomZoom); see data.augment.',
    ])
  })
})

describe('what nnlab does not have', () => {
  const dense = { module: 'keras.layers', class_name: 'Dense', config: { units: 1, name: 'd' } }
  const sequential = (...layers: object[]): object => ({
    class_name: 'Sequential',
    config: { name: 's', layers, build_input_shape: [null, 2] },
  })
  it.each([
    ['a layer', sequential({ ...dense, class_name: 'Lambda' }), 'layer d: layer Lambda'],
    [
      'an option',
      sequential({ ...dense, config: { ...dense.config, lora_rank: 4 } }),
      'layer d: lora_rank: 4',
    ],
    [
      'a class of its own that is called like a layer',
      sequential({ ...dense, module: 'mine', registered_name: 'mine>Dense' }),
      'layer d: layer mine>Dense',
    ],
    [
      'an argument beside the input',
      {
        class_name: 'Functional',
        config: {
          layers: [{ ...dense, inbound_nodes: [{ args: [[], true], kwargs: {} }] }],
          input_layers: [],
          output_layers: ['d', 0, 0],
        },
      },
      'layer d: it is called with true',
    ],
    [
      'an activation',
      sequential({ ...dense, config: { ...dense.config, activation: 'mine' } }),
      'layer d: activation: activation mine',
    ],
    [
      'a layer in training mode',
      {
        class_name: 'Functional',
        config: {
          layers: [{ ...dense, inbound_nodes: [{ args: [], kwargs: { training: true } }] }],
          input_layers: [],
          output_layers: ['d', 0, 0],
        },
      },
      'layer d: it is called with training',
    ],
    [
      'an input of any length',
      sequential({ class_name: 'InputLayer', config: { name: 'x', batch_shape: [null, null] } }, dense),
      'input x: an axis of any length',
    ],
  ])('is refused: %s', async (_title, config, line) => {
    const file = await kerasFile(config)
    await expect(importModel({ file, cwd: await folderOf(), python: NO_PYTHON })).rejects.toThrow(line)
  })

  it('is refused: a class of its own, weights of another shape, and what is no .keras file', async () => {
    const cwd = await folderOf({ 'text.keras': 'text' })
    const options = { cwd, python: NO_PYTHON }
    const own = await kerasFile({ class_name: 'Mine', config: {} })
    await expect(importModel({ ...options, file: own })).rejects.toThrow(
      'holds a Mine, not a sequential or functional model',
    )
    const lacking = await kerasFile(sequential(dense))
    await expect(importModel({ ...options, file: lacking })).rejects.toThrow(
      'd/kernel [2, 1]: nothing in layers/dense/vars/0',
    )
    await expect(importModel({ ...options, file: 'text.keras' })).rejects.toThrow(NnlabError)
  })

  it('is refused: models nested too deeply, and layers larger than memory', async () => {
    const options = { cwd: await folderOf(), python: NO_PYTHON }
    const [begin = '', end = ''] = JSON.stringify(sequential(dense)).split(JSON.stringify(dense))
    const deep = await kerasFile(`${begin.repeat(6000)}${JSON.stringify(dense)}${end.repeat(6000)}`)
    await expect(importModel({ ...options, file: deep })).rejects.toThrow(NnlabError)
    const large = await kerasFile(sequential({ ...dense, config: { units: 1e13, name: 'd' } }))
    await expect(importModel({ ...options, file: large })).rejects.toThrow(NnlabError)
  })

  it('is refused whatever bytes are wrong', async () => {
    const bytes = await readFile(SAVED)
    const cwd = await folderOf()
    const file = join(cwd, 'damaged.keras')
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
    for (const changes of fc.sample(fc.array(change, { minLength: 1, maxLength: 5 }), {
      numRuns: runs(30),
      seed: 1,
    })) {
      const damaged = Uint8Array.from(bytes)
      for (const [at, value] of changes) damaged[at] = value
      await writeFile(file, damaged)
      const error: unknown = await readKeras(file, file, () => undefined).catch((reason: unknown) => reason)
      if (error instanceof Error) expect(error).toBeInstanceOf(NnlabError)
    }
  })
})

/** A .keras file with a config and no weights. */
async function kerasFile(config: object | string): Promise<string> {
  const file = join(await folderOf(), 'made.keras')
  const archive = zipFile(
    new Map([
      ['config.json', [Buffer.from(typeof config === 'string' ? config : JSON.stringify(config))]],
      ['model.weights.h5', hdf5File(new Map())],
    ]),
  )
  await writeFile(file, Buffer.concat(archive))
  return file
}
