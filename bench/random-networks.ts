import { randomUniform, stream } from '../src/random.ts'
import type { Network } from './peers/conversation.ts'

type Layers = Network['layers']
type Draw = ReturnType<typeof drawsOf>
type Drawn = Pick<Network, 'input' | 'tokens' | 'layers'> & {
  readonly what: string
  readonly mostRows: number
}

/** Networks of random kinds and odd sizes, the same for the same seed. */
export function randomNetworks(seed: number, count: number): Network[] {
  return Array.from({ length: count }, (_, i) => randomNetwork(`random-${seed}-${i + 1}`))
}

function randomNetwork(name: string): Network {
  const draw = drawsOf(name)
  const classes = draw.oneOf([() => draw.between(2, 40), () => draw.between(500, 3000)])()
  const kinds = [dense, dense, images, images, thinConvolutions, signals, series, texts]
  const { what, mostRows, layers, ...inputs } = draw.oneOf(kinds)(draw)
  const batch = draw.between(1, mostRows)
  const optimizer = draw.oneOf([
    { type: 'adam', learning_rate: 0.001 },
    { type: 'sgd', learning_rate: 0.01 },
  ])
  return {
    name,
    title: `${what}, ${classes} classes, ${optimizer.type}, batch ${batch}`,
    ...inputs,
    classes,
    batch,
    rows: batch * draw.between(4, 12),
    loss: 'sparse_categorical_crossentropy',
    optimizer,
    layers: [...layers, { type: 'dense', units: classes, activation: 'softmax' }],
  }
}

function activation(draw: Draw): string {
  return draw.oneOf(['relu', 'relu', 'sigmoid', 'tanh', 'gelu', 'elu', 'selu'])
}

function dense(draw: Draw): Drawn {
  const input = draw.between(2, 900)
  const widths = draw.some(1, 4, () => draw.between(2, 600))
  const what = `dense ${[input, ...widths].join('-')}`
  return { what, mostRows: 300, input: [input], layers: denseLayers(draw, widths) }
}

function denseLayers(draw: Draw, widths: readonly number[]): Layers {
  const beside = draw.oneOf([
    [],
    [],
    [{ type: 'dropout', rate: 0.2 }],
    [{ type: 'layer_normalization' }],
    [{ type: 'batch_normalization' }],
  ])
  return widths.flatMap((units) => [{ type: 'dense', units, activation: activation(draw) }, ...beside])
}

function images(draw: Draw): Drawn {
  const filters = draw.some(1, 3, () => draw.between(3, 48))
  const normalized = draw.oneOf([[], [{ type: 'batch_normalization' }]])
  const convolutions = filters.flatMap((count) => [
    {
      type: 'conv2d',
      filters: count,
      kernel_size: draw.oneOf([1, 3, 3, 3, 5]),
      strides: draw.oneOf([1, 1, 1, 2]),
      padding: draw.oneOf(['valid', 'same']),
      activation: activation(draw),
    },
    ...normalized,
  ])
  return onImages(draw, `conv2d ${filters.join('-')}`, convolutions)
}

function thinConvolutions(draw: Draw): Drawn {
  const filters = draw.some(1, 3, () => draw.between(3, 64))
  const convolutions = filters.flatMap((count) => [
    draw.oneOf([
      { type: 'separable_conv2d', filters: count, kernel_size: 3, padding: 'same', activation: 'relu' },
      { type: 'depthwise_conv2d', kernel_size: 3, padding: 'same', depth_multiplier: draw.between(1, 4) },
    ]),
    ...draw.oneOf([[], [{ type: 'batch_normalization' }]]),
  ])
  return onImages(draw, `separable or depthwise ${filters.join('-')}`, convolutions)
}

function onImages(draw: Draw, what: string, convolutions: Layers): Drawn {
  const [size, channels] = [draw.between(21, 40), draw.oneOf([1, 3])]
  const ending = draw.oneOf<Layers>([
    [{ type: 'max_pooling2d' }, { type: 'flatten' }, ...denseLayers(draw, [draw.between(5, 90)])],
    [{ type: 'average_pooling2d', pool_size: 2 }, { type: 'flatten' }],
    [{ type: 'global_average_pooling2d' }],
  ])
  return {
    mostRows: 48,
    what: `${what} on ${size}x${size}x${channels}`,
    input: [size, size, channels],
    layers: [...convolutions, ...ending],
  }
}

function signals(draw: Draw): Drawn {
  const [steps, features] = [draw.between(60, 300), draw.between(1, 20)]
  const filters = draw.some(1, 3, () => draw.between(4, 96))
  return {
    mostRows: 96,
    what: `conv1d ${filters.join('-')} on ${steps}x${features}`,
    input: [steps, features],
    layers: [
      ...filters.flatMap((count) => [
        {
          type: 'conv1d',
          filters: count,
          kernel_size: draw.between(2, 7),
          padding: draw.oneOf(['valid', 'same']),
          activation: activation(draw),
        },
        { type: 'max_pooling1d' },
      ]),
      { type: 'global_average_pooling1d' },
    ],
  }
}

function series(draw: Draw): Drawn {
  const [steps, features] = [draw.between(3, 90), draw.between(1, 40)]
  return { mostRows: 128, input: [steps, features], ...onSteps(draw, `on ${steps}x${features}`) }
}

function texts(draw: Draw): Drawn {
  const [steps, tokens, size] = [draw.between(10, 100), draw.between(200, 8000), draw.between(4, 90)]
  const embedding = { type: 'embedding', input_dim: tokens, output_dim: size }
  const where = `on ${steps} of ${tokens} tokens by ${size}`
  const { what, layers } = draw.oneOf([
    () => onSteps(draw, where),
    () => ({ what: `mean ${where}`, layers: [{ type: 'global_average_pooling1d' }] }),
  ])()
  return { mostRows: 64, what, input: [steps], tokens, layers: [embedding, ...layers] }
}

/** One or two recurrent layers. */
function onSteps(draw: Draw, where: string): Pick<Drawn, 'what' | 'layers'> {
  const type = draw.oneOf(['lstm', 'gru', 'simple_rnn'])
  const widths = draw.some(1, 2, () => draw.between(3, 90))
  const both = draw.between(0, 2) === 0
  const layers = widths.map((units, i) => {
    const layer = { type, units, return_sequences: i < widths.length - 1 }
    return both ? { type: 'bidirectional', layer } : layer
  })
  return { what: `${both ? 'bidirectional ' : ''}${type} ${widths.join('-')} ${where}`, layers }
}

/** Draws from a stream of random numbers of that name. */
function drawsOf(name: string) {
  const numbers = randomUniform(stream(0, name), 0, 64)
  let next = 0
  const between = (least: number, most: number): number =>
    least + Math.floor((numbers[next++ % numbers.length] ?? 0) * (most - least + 1))
  return {
    between,
    some<T>(least: number, most: number, make: () => T): T[] {
      return Array.from({ length: between(least, most) }, make)
    },
    oneOf<T>(choices: readonly T[]): T {
      const [first] = choices
      const chosen = choices[between(0, choices.length - 1)] ?? first
      if (chosen === undefined) throw new Error('there is nothing to choose from')
      return chosen
    },
  }
}
