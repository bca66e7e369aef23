import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { activations } from '../../../src/components/activations/index.ts'
import { curveFindings } from '../../../src/components/callbacks/diagnosis/curves.ts'
import { differentiate } from '../../../src/ir/gradient.ts'
import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { randomNormal, stream } from '../../../src/random.ts'
import { folderOf, nnlab } from '../../cli/support.ts'

const noise = randomNormal(stream(1, 'rows'), 0, 128 * 4)
const rows = Array.from({ length: 128 }, (_, i) =>
  Array.from(noise.subarray(4 * i, 4 * i + 4), (x) => Math.fround(x)),
)
const targets = rows.map(([a = 0, b = 0, c = 0]) => Number(a + b * c > 0))

type Net = {
  layers: string[]
  times?: number
  optimizer?: string
  loss?: string
  output?: string
  fit?: string
}

function config({ layers, times = 1, optimizer = 'adam', loss, output, fit = 'epochs: 1' }: Net): string {
  const inputs = JSON.stringify(rows.map((row) => row.map((x) => x * times)))
  return `
data: {type: inline, inputs: ${inputs}, targets: ${JSON.stringify(targets)}}
model: {layers: [${[...layers, output ?? '{type: dense, units: 1, activation: sigmoid, name: out}'].join(', ')}]}
compile: {loss: ${loss ?? 'binary_crossentropy'}, optimizer: ${optimizer}}
fit: {batch_size: 32, ${fit}}
checkpoint: {every: 1 epoch, keep: 9}
`
}

const dense = (name: string, more: string, units = 8): string =>
  `{type: dense, units: ${units}, name: ${name}, ${more}}`
const many = (count: number, more: string): string[] =>
  Array.from({ length: count }, (_, i) => dense(`l${i}`, more))

type Finding = { kind: string; epoch: number; layers: string[]; text: string; advice: string }

/** The findings of a training on some layers. */
async function findingsOf(net: Net, ...argv: string[]): Promise<Finding[]> {
  const cwd = await folderOf({ 'nnlab.yaml': config(net) })
  const { code, stdout, stderr } = await nnlab(['train', '--json', '--diagnose', ...argv], { cwd })
  expect(code, stderr).toBe(0)
  const { findings } = JSON.parse(stdout) as { findings: Finding[] }
  for (const { text, advice } of findings)
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`${text} = ${advice}`)
  return findings
}

/** Those of its layers. */
async function faultsOf(net: Net, ...argv: string[]): Promise<Finding[]> {
  return (await findingsOf(net, ...argv)).filter(({ layers }) => layers.length > 0)
}

/** A net that predicts numbers. */
const SQUARED = { output: '{type: dense, units: 1, name: out}', loss: 'mean_squared_error' }
const TFJS = ['--engine', 'tfjs', '--backend', 'cpu']

const recurrent = (type: string, more = ''): string => `type: ${type}, units: 8${more}`
/** A recurrent layer that takes the features one after the other. */
const sequence = (layer: string): string[] => [
  '{type: reshape, target_shape: [4, 1]}',
  `{${layer}, name: memory}`,
]
/** One whose state grows or shrinks by a factor at each step. */
const timesEachStep = (gain: number): string =>
  recurrent('simple_rnn', `, activation: linear, recurrent_initializer: {type: orthogonal, gain: ${gain}}`)

/** Nets with a fault, and what is to be found before the first step. */
const PLANTED: [string, Net, kind: string, layers: string[], advice: RegExp][] = [
  [
    'units of relu behind a large negative bias',
    { layers: [dense('hidden', 'activation: relu, bias_initializer: {type: constant, value: -100}')] },
    'dead_units',
    ['hidden'],
    /bias_initializer/,
  ],
  [
    'twenty layers of sigmoid',
    { layers: many(20, 'activation: sigmoid') },
    'vanishing_gradients',
    Array.from({ length: 15 }, (_, i) => `l${i}`),
    /relu.*normalization/,
  ],
  [
    'features of a thousand in front of tanh',
    { layers: [dense('hidden', 'activation: tanh')], times: 1000 },
    'saturation',
    ['hidden'],
    /scale/i,
  ],
  [
    'features of a thousand in front of softmax',
    {
      layers: [],
      times: 1000,
      output: '{type: dense, units: 2, activation: softmax, name: out}',
      loss: 'sparse_categorical_crossentropy',
    },
    'saturation',
    ['out'],
    /scale/i,
  ],
  [
    'twelve layers of large weights',
    {
      layers: many(12, 'kernel_initializer: {type: random_normal, stddev: 2}'),
      ...SQUARED,
    },
    'exploding_gradients',
    [...Array.from({ length: 12 }, (_, i) => `l${i}`), 'out'],
    /clipnorm/,
  ],
  [
    'a learning rate of 10',
    { layers: [dense('hidden', 'activation: relu')], optimizer: '{type: sgd, learning_rate: 10}' },
    'large_updates',
    ['out'],
    /learning_rate/,
  ],
  ...[recurrent('lstm'), recurrent('gru'), `type: bidirectional, layer: {${recurrent('lstm')}}`].map(
    (layer): (typeof PLANTED)[number] => [
      `features of a thousand in front of ${layer}`,
      { layers: sequence(layer), times: 1000 },
      'saturation',
      ['memory'],
      /scale/i,
    ],
  ),
  [
    'a state that grows at each step',
    { layers: sequence(timesEachStep(50)), ...SQUARED },
    'exploding_through_time',
    ['memory'],
    /clipnorm/,
  ],
]

/** What is found in planted nets, each of which is trained once. */
const found = new Map<Net, Promise<Finding[]>>()
function planted(net: Net): Promise<Finding[]> {
  const known = found.get(net) ?? faultsOf(net)
  found.set(net, known)
  return known
}

describe('diagnose names', () => {
  it.each(PLANTED)('%s', async (_name, net, kind, layers, advice) => {
    const [finding] = (await planted(net)).filter((one) => one.kind === kind)
    expect(finding).toMatchObject({ epoch: 0, layers, advice: expect.stringMatching(advice) as unknown })
  })

  it('the same on TensorFlow.js', async () => {
    for (const [name, net] of PLANTED.slice(0, 3)) {
      const theirs = await faultsOf(net, ...TFJS)
      expect(
        theirs.map(({ kind, layers }) => [kind, layers]),
        name,
      ).toEqual((await planted(net)).map(({ kind, layers }) => [kind, layers]))
    }
  })

  it('nothing where a network learns', async () => {
    const relu = dense('hidden', 'activation: relu', 32)
    for (const more of [
      '{type: batch_normalization}',
      '{type: dropout, rate: 0.5}',
      '{type: layer_normalization}',
    ])
      expect(await faultsOf({ layers: [relu, more, dense('second', 'activation: tanh')] })).toEqual([])
    for (const type of ['lstm', 'gru'])
      expect(await faultsOf({ layers: sequence(recurrent(type)) })).toEqual([])
  })

  it('at the end the steps that a recurrent layer does not learn from', async () => {
    const layers = sequence(timesEachStep(0.02))
    expect(await faultsOf({ layers, optimizer: '{type: sgd, learning_rate: 0.001}' })).toMatchObject([
      {
        kind: 'vanishing_through_time',
        epoch: 1,
        layers: ['memory'],
        text: expect.stringContaining(': 3 of 4 ') as unknown,
      },
    ])
  })

  it('an explosion before training diverges', async () => {
    const net = {
      layers: [dense('hidden', 'activation: relu')],
      times: 1000,
      optimizer: '{type: sgd, learning_rate: 10}',
      ...SQUARED,
    }
    const cwd = await folderOf({ 'nnlab.yaml': config(net) })
    const { code, stderr } = await nnlab(['train', '--diagnose', '--run-dir', 'run'], { cwd })
    expect([code, stderr]).toEqual([5, expect.stringContaining('The gradient explodes in hidden, out')])
    expect(await readFile(join(cwd, 'run/events.jsonl'), 'utf8')).toContain('"kind":"exploding_gradients"')
  })
})

describe('diagnose', () => {
  it('changes no bit of a training, and tells each finding once, also where it is resumed', async () => {
    const text = config({
      layers: [dense('hidden', 'activation: relu, bias_initializer: {type: constant, value: -100}')],
      fit: 'epochs: 4, callbacks: [diagnose]',
    })
    const cwd = await folderOf({ 'nnlab.yaml': text })
    const sha = async (...argv: string[]): Promise<string> => {
      const { code, stdout, stderr } = await nnlab(['train', '--json', ...argv], { cwd })
      expect(code, stderr).toBe(0)
      return (JSON.parse(stdout) as { weights_sha256: string }).weights_sha256
    }
    const whole = await sha('--run-dir', 'whole')
    expect(await sha('--run-dir', 'without', '--set', 'fit.callbacks=[]')).toBe(whole)
    await sha('--run-dir', 'parts')
    for (const epoch of [3, 4])
      await rm(join(cwd, `parts/checkpoints/0000${epoch}-000000`), { recursive: true })
    expect(await sha('--resume', 'parts')).toBe(whole)
    const findings = async (run: string): Promise<unknown[]> =>
      (await readFile(join(cwd, run, 'events.jsonl'), 'utf8'))
        .split('\n')
        .filter((line) => line.includes('"finding"'))
        .map((line) => ({ ...(JSON.parse(line) as object), time: '' }))
    expect(await findings('whole')).toHaveLength(2)
    expect(await findings('parts')).toEqual(await findings('whole'))
    const report = await nnlab(['report', 'parts', '--format', 'md', '-o', '-'], { cwd })
    for (const found of [/Units are dead in hidden/g, /It underfits/g])
      expect(report.stdout.match(found)).toHaveLength(1)
  })
})

describe('the verdict on a model that fits its training rows badly', () => {
  const fit = 'epochs: 40, callbacks: [{type: diagnose, freq: 40}]'
  const optimizer = '{type: adam, learning_rate: 0.05}'

  it.each([
    ['names a hidden layer, where there is none', [], /^The model is linear: add a layer/],
    [
      'names the keys that hold it back',
      [dense('hidden', 'activation: relu, kernel_regularizer: {type: l2, l2: 1}')],
      /^Lower model\.layers\[0\]\.kernel_regularizer, or add units/,
    ],
  ])('%s', async (_name, layers, advice) => {
    const verdicts = (await findingsOf({ layers, fit, optimizer })).filter((one) => one.layers.length === 0)
    expect(verdicts).toMatchObject([
      { kind: 'underfitting', advice: expect.stringMatching(advice) as unknown },
    ])
  })

  it('is none where the model fits them', async () => {
    const layers = [dense('hidden', 'activation: relu', 32)]
    const slow = '{type: adam, learning_rate: 0.02}'
    const rarely = 'epochs: 120, callbacks: [{type: diagnose, freq: 120}]'
    expect(await findingsOf({ layers, fit: rarely, optimizer: slow })).toEqual([])
  })
})

describe('the verdict on curves', () => {
  const curve = (values: number[], validation: number[]) => ({
    epochs: values.map((_, i) => i + 1),
    history: new Map([
      ['loss', values],
      ['val_loss', validation],
    ]),
    isWhole: true,
  })

  it.each([
    ['overfitting', [1, 0.5, 0.2, 0.1, 0.05, 0.01], [1, 0.6, 0.5, 0.6, 0.7, 0.9]],
    ['underfitting', [1, 0.9, 0.8, 0.7, 0.6, 0.5], [1, 0.9, 0.8, 0.7, 0.6, 0.5]],
    [undefined, [1, 0.5, 0.4, 0.39, 0.389, 0.388], [1, 0.5, 0.42, 0.41, 0.409, 0.41]],
  ])('is %s', (kind, values, validation) => {
    expect(curveFindings(curve(values, validation)).map((one) => one.kind)).toEqual(kind ? [kind] : [])
  })
})

/** Options that activations require. */
const REQUIRED: Readonly<Record<string, object>> = { threshold: { threshold: 0.5, default_value: 0.25 } }

describe.each(
  activations.members.filter(({ outputShape }) => outputShape === undefined).map(({ type }) => type),
)('the activation %s', (type) => {
  it('lists every output at which its gradient vanishes', () => {
    const config = activations.ref().parse({ type, ...REQUIRED[type] })
    const member = activations.of(config)
    const { off, saturated = [] } = member.flat?.(config) ?? {}
    const limits = [...(off === undefined ? [] : [off]), ...saturated]
    const xs = [-1e4, -1e3, -50, -20, -9, -0.3, -1e-4, 1e-4, 0.3, 9, 20, 50, 1e3, 1e4]
    const b = new Builder()
    const x = b.input('x', [xs.length])
    const y = member.apply(b, x, config)
    const [slope] = differentiate(b, b.sum(y), [x])
    if (slope === undefined) throw new Error('no gradient')
    const found = interpret(
      b.program(
        new Map([
          ['y', y],
          ['slope', slope],
        ]),
      ),
      new Map([['x', xs]]),
    )
    const flat = xs.flatMap((_, i) =>
      Math.abs(found.get('slope')?.[i] ?? NaN) < 1e-5 ? [found.get('y')?.[i] ?? NaN] : [],
    )
    for (const value of flat)
      expect(Math.min(...limits.map((limit) => Math.abs(limit - value)))).toBeLessThan(0.01)
    for (const limit of limits) expect(flat.some((value) => Math.abs(limit - value) < 0.01)).toBe(true)
  })
})
