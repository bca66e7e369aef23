import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { activations } from '../../src/components/activations/index.ts'
import { families } from '../../src/components/families.ts'
import { layers } from '../../src/components/layers/index.ts'
import { kerasOrder } from '../../src/exchange/keras/order.ts'
import { kerasModel } from '../../src/exchange/keras/model.ts'
import { pythonJson } from '../../src/exchange/keras/json.ts'
import { withKnownSchedule } from '../../src/exchange/keras/schedule.ts'
import { buildGraph } from '../../src/model/build.ts'
import { kerasClass } from '../../src/registry.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import type { Task } from '../../src/step/task.ts'
import { golden } from './golden.ts'
import { modelToExport } from './model.ts'

const MODULES: Readonly<Record<string, string>> = { schedules: 'optimizers.schedules' }
/** Keys of a place in a graph; vectors of a file are weights. */
const NOT_IN_KERAS: ReadonlySet<string> = new Set(['type', 'name', 'from', 'embeddings'])

describe('a component in Keras', () => {
  const members = [...families.values()]
    .filter(({ name }) => golden.options[MODULES[name] ?? name] !== undefined)
    .flatMap((family) => family.members.map((member) => ({ family, member })))
    .filter(({ member }) => member.keras !== null && layers.find(member.type)?.composes !== true)

  it.each(
    members.map(({ family, member }) => [`${family.singular} ${member.type}`, family, member] as const),
  )('%s is a class that takes its options', (_title, family, member) => {
    const taken = golden.options[MODULES[family.name] ?? family.name]?.[kerasClass(member) ?? '']
    expect(taken).toBeDefined()
    const options = Object.keys(member.options()).filter((option) => !NOT_IN_KERAS.has(option))
    expect(options.filter((option) => taken?.includes(option) !== true)).toEqual([])
  })

  it('is an activation whose options an object takes', () => {
    const missing = activations.members
      .filter(({ keras, options }) => keras !== null && Object.keys(options()).length > 0)
      .flatMap((member) => {
        const { kerasLayer } = member
        const module = kerasLayer === undefined ? 'operations' : 'layers'
        const taken = golden.options[module]?.[kerasLayer ?? kerasClass(member) ?? ''] ?? []
        return Object.keys(member.options())
          .filter((option) => !taken.includes(option))
          .map((option) => `${member.type}.${option}`)
      })
    expect(missing).toEqual([])
  })
})

describe('the order of layers', () => {
  it.each(golden.orders.map((one, i) => [i, one] as const))('is that of Keras, graph %i', (_i, wanted) => {
    const { inputs, layers, outputs, order } = wanted
    const model = modelSection().parse({
      inputs: Object.fromEntries(inputs.map((name) => [name, [3]])),
      layers: layers.map(({ name, from }) =>
        from.length > 1 ? { type: 'add', name, from } : { type: 'relu', name, from: from[0] },
      ),
      outputs,
    })
    const { graph } = buildGraph(model)
    // Keras takes an input that nothing uses.
    if (graph === undefined) return
    expect(kerasOrder(graph).layers.map(({ name }) => name)).toEqual(order)
  })
})

describe('the config of a .keras file', () => {
  it('has the numbers of Python, the options of a layer where it has an activation with some, and metrics by their names', () => {
    const task = taskOf(`
      inputs: {x: [4]}
      layers:
        - {type: dense, name: first, units: 3, activation: {type: leaky_relu, negative_slope: 1}, kernel_regularizer: l2}
        - {type: spatial_dropout1d, name: unlike, rate: 0, trainable: false, from: steps}
        - {type: repeat_vector, name: steps, n: 2, from: first}
        - {type: flatten, name: flat, from: unlike}
        - {type: dense, name: last, units: 2, activation: {type: celu, alpha: 0.5}, trainable: false}
      outputs: last`)
    const refused: string[] = []
    const config = kerasModel('made', task, kerasOrder(task.graph), (what) => void refused.push(what))
    expect(refused).toEqual([])
    expect(
      pythonJson(config).replaceAll('"registered_name": null', '"…"').replaceAll('}, {', '},\n{'),
    ).toMatchSnapshot()
  })

  it('has the learning rate of the next step for a schedule that Keras does not have, with a note', () => {
    const optimizer = {
      type: 'sgd',
      learning_rate: { type: 'one_cycle', max_learning_rate: 0.1, total_steps: 50 },
    }
    const model = modelToExport(
      { input: [2], layers: [{ type: 'dense', units: 1 }] },
      { loss: 'huber', optimizer },
    )
    const ended = {
      optimizer: { iterations: 50, slots: new Map<string, Float32Array>(), state: new Map<string, number>() },
      factor: 1,
    }
    const found = [undefined, ended].map((training) => withKnownSchedule({ ...model, training }))
    expect(found.map(({ model: { task } }) => task.optimizer['learning_rate'])).toEqual([
      expect.closeTo(0.1 / 25, 8),
      expect.closeTo(0.1 / 25 / 1e4, 12),
    ])
    expect(found.map(({ notes }) => notes)).toEqual([
      [expect.stringContaining('the learning rate after 0 steps, 0.00400')],
      [
        expect.stringContaining(
          'Keras has no schedule one_cycle: its optimizer has the learning rate after 50 steps',
        ),
      ],
    ])
  })

  it('refuses what Keras does not have, by the layer and the key', () => {
    const task = taskOf(`
      input: [4]
      layers: [{type: dense, units: 4, activation: glu}, {type: dense, units: 2, activation: sparsemax, name: last}]`)
    const refused: string[] = []
    kerasModel('made', task, kerasOrder(task.graph), (what) => void refused.push(what))
    expect(refused).toEqual([
      'layer dense: activation: activation glu',
      'layer last: activation: activation sparsemax',
    ])
  })
})

function taskOf(model: string): Task {
  const section: object = parse(model)
  return modelToExport(section).task
}
