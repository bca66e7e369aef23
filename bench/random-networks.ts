import { randomUniform, stream } from '../src/random.ts'
import type { Network } from './peers/conversation.ts'

type Layers = Network['layers']
type Draw = ReturnType<typeof drawsOf>
type Drawn = Pick<Network, 'input' | 'layers'> & { readonly what: string; readonly mostRows: number }

/** Networks of random kinds and odd sizes, the same for the same seed. */
export function randomNetworks(seed: number, count: number): Network[] {
  return Array.from({ length: count }, (_, i) => randomNetwork(`random-${seed}-${i + 1}`))
}

function randomNetwork(name: string): Network {
  const draw = drawsOf(name)
  const classes = draw.between(2, 40)
  const { what, input, layers, mostRows } = draw.oneOf([dense, dense, images, series])(draw)
  const batch = draw.between(1, mostRows)
  const optimizer = draw.oneOf([
    { type: 'adam', learning_rate: 0.001 },
    { type: 'sgd', learning_rate: 0.01 },
  ])
  return {
    name,
    title: `${what}, ${optimizer.type}, batch ${batch}`,
    input,
    classes,
    batch,
    rows: batch * draw.between(4, 12),
    loss: 'sparse_categorical_crossentropy',
    optimizer,
    layers: [...layers, { type: 'dense', units: classes, activation: 'softmax' }],
  }
}

function dense(draw: Draw): Drawn {
  const input = draw.between(2, 900)
  const widths = Array.from({ length: draw.between(1, 4) }, () => draw.between(2, 600))
  const what = `dense ${[input, ...widths].join('-')}`
  return { what, mostRows: 300, input: [input], layers: denseLayers(draw, widths) }
}

function denseLayers(draw: Draw, widths: readonly number[]): Layers {
  return widths.flatMap((units) => [
    { type: 'dense', units, activation: draw.oneOf(['relu', 'sigmoid']) },
    ...(draw.between(0, 2) === 0 ? [{ type: 'dropout', rate: 0.2 }] : []),
  ])
}

function images(draw: Draw): Drawn {
  const [size, channels] = [draw.between(9, 33), draw.oneOf([1, 3])]
  const filters = Array.from({ length: draw.between(1, 2) }, () => draw.between(3, 48))
  const normalized = draw.oneOf([[], [{ type: 'batch_normalization' }]])
  const layers = filters.flatMap((count) => [
    { type: 'conv2d', filters: count, kernel_size: 3, activation: 'relu' },
    ...normalized,
  ])
  return {
    mostRows: 48,
    what: `conv2d ${filters.join('-')} on ${size}x${size}x${channels}`,
    input: [size, size, channels],
    layers: [
      ...layers,
      { type: 'max_pooling2d' },
      { type: 'flatten' },
      ...denseLayers(draw, [draw.between(5, 90)]),
    ],
  }
}

function series(draw: Draw): Drawn {
  const [steps, features, units] = [draw.between(3, 90), draw.between(1, 40), draw.between(3, 90)]
  const type = draw.oneOf(['lstm', 'gru', 'simple_rnn'])
  return {
    mostRows: 128,
    what: `${type} ${units} on ${steps}x${features}`,
    input: [steps, features],
    layers: [{ type, units }],
  }
}

/** Draws from a stream of random numbers of that name. */
function drawsOf(name: string) {
  const numbers = randomUniform(stream(0, name), 0, 64)
  let next = 0
  const between = (least: number, most: number): number =>
    least + Math.floor((numbers[next++ % numbers.length] ?? 0) * (most - least + 1))
  return {
    between,
    oneOf<T>(choices: readonly T[]): T {
      const [first] = choices
      const chosen = choices[between(0, choices.length - 1)] ?? first
      if (chosen === undefined) throw new Error('there is nothing to choose from')
      return chosen
    },
  }
}
