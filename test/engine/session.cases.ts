import { outputTasks } from '../../src/step/task.ts'
import type { Task } from '../../src/step/task.ts'
import { storedShape } from '../../src/step/targets.ts'
import type { EncodedRows, EncodedTarget } from '../../src/data/rows/encoded-rows.ts'
import { buildGraph } from '../../src/model/build.ts'
import { shapeOf } from '../../src/model/graph.ts'
import type { Graph } from '../../src/model/graph.ts'
import { compileSection } from '../../src/spec/schema/compile.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { uniform } from './tfjs/kernels.case.ts'
import { sizeOf } from './tfjs/kernels.reference.ts'

/** A model with what is computed from it. */
export type SessionCase = { readonly name: string; readonly task: Task }

export function taskOf(model: object, compile: object): Task {
  const { graph, problems } = buildGraph(modelSection().parse(model))
  if (graph === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
  const { optimizer, ...rest } = compileSection().parse(compile)
  return { graph, outputs: outputTasks(graph, rest), optimizer, seed: 3 }
}

/** Rows of numbers in [-1, 1), of word numbers 0 to 4 for an input named `words`, and targets that suit the losses. */
export function rowsFor({ graph, outputs }: Task, rows: number): EncodedRows {
  return {
    rows,
    inputs: graph.inputs.map(({ name, shape }) => {
      const words = name === 'words'
      const { values } = uniform([rows, ...shape], words ? 0 : -1, words ? 5 : 1, name)
      return { name, shape, data: words ? Int32Array.from(values) : Float32Array.from(values) }
    }),
    targets: outputs.map(({ name, kind }) => targetsFor(graph, name, kind, rows)),
    sourceRow: Uint32Array.from({ length: rows }, (_, i) => i),
  }
}

function targetsFor(graph: Graph, name: string, kind: EncodedTarget['kind'], rows: number): EncodedTarget {
  const shape = storedShape(kind, shapeOf(graph, name))
  const classes = shapeOf(graph, name).at(-1) ?? 1
  const { values } = uniform([rows, ...shape], 0, kind === 'classes' ? classes : 1, `target of ${name}`)
  if (values.length !== rows * sizeOf(shape)) throw new Error('a target of another size')
  return kind === 'classes'
    ? { name, kind, shape, data: Int32Array.from(values) }
    : { name, kind, shape, data: Float32Array.from(values) }
}

const classifier = { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }

export const sessionCases: readonly SessionCase[] = [
  {
    name: 'dense layers with penalties, dropout and Adam',
    task: taskOf(
      {
        input: [5],
        layers: [
          { type: 'dense', units: 7, activation: 'gelu', kernel_regularizer: { type: 'l2', l2: 0.01 } },
          { type: 'dropout', rate: 0.3 },
          { type: 'dense', units: 3, activation: 'softmax', kernel_constraint: 'non_neg' },
        ],
      },
      { ...classifier, optimizer: { type: 'adam', learning_rate: 0.01, global_clipnorm: 1 } },
    ),
  },
  {
    name: 'a convolutional net',
    task: taskOf(
      {
        input: [9, 8, 2],
        layers: [
          { type: 'conv2d', filters: 4, kernel_size: 3, padding: 'same', strides: 2 },
          { type: 'max_pooling2d', pool_size: 3, strides: 2, padding: 'same' },
          {
            type: 'conv2d',
            filters: 3,
            kernel_size: 2,
            dilation_rate: 2,
            padding: 'same',
            activation: 'tanh',
          },
          { type: 'depthwise_conv2d', kernel_size: 2, depth_multiplier: 2 },
          { type: 'conv2d_transpose', filters: 2, kernel_size: 3, strides: 2, padding: 'same' },
          { type: 'average_pooling2d', pool_size: 2, padding: 'same' },
          'flatten',
          { type: 'dense', units: 4, activation: 'softmax' },
        ],
      },
      { ...classifier, optimizer: { type: 'sgd', learning_rate: 0.1, momentum: 0.9, nesterov: true } },
    ),
  },
  {
    name: 'convolutions and pools in space',
    task: taskOf(
      {
        input: [5, 4, 3, 2],
        layers: [
          { type: 'conv3d', filters: 3, kernel_size: 2, activation: 'tanh' },
          { type: 'max_pooling3d', pool_size: 2, strides: 1, padding: 'same' },
          { type: 'average_pooling3d', pool_size: 2, padding: 'same' },
          'flatten',
          { type: 'dense', units: 1 },
        ],
      },
      { loss: 'huber', metrics: ['mean_absolute_error'], optimizer: 'rmsprop' },
    ),
  },
  {
    name: 'two inputs, two outputs, one of each weighted',
    task: taskOf(
      {
        inputs: { left: [3], right: [2] },
        layers: [
          { type: 'dense', name: 'l', units: 4, activation: 'relu', from: 'left' },
          { type: 'dense', name: 'r', units: 4, activation: 'sigmoid', from: 'right' },
          { type: 'multiply', name: 'both', from: ['l', 'r'] },
          { type: 'dense', name: 'number', units: 2, from: 'both' },
          { type: 'dense', name: 'kind', units: 3, activation: 'softmax', from: 'both' },
        ],
        outputs: ['number', 'kind'],
      },
      {
        loss: { number: 'mean_squared_error', kind: 'sparse_categorical_crossentropy' },
        loss_weights: { number: 0.5 },
        metrics: { kind: ['accuracy'], number: ['root_mean_squared_error'] },
        optimizer: { type: 'adamw', weight_decay: 0.01 },
      },
    ),
  },
  {
    name: 'masked words through a recurrent net',
    task: taskOf(
      {
        inputs: { words: [4] },
        layers: [
          { type: 'embedding', input_dim: 5, output_dim: 3, mask_zero: true },
          { type: 'lstm', units: 4, return_sequences: true },
          { type: 'dense', units: 2 },
        ],
      },
      { loss: 'mean_squared_error', metrics: ['mean_absolute_error'], optimizer: 'adam' },
    ),
  },
  {
    name: 'batch normalization, a frozen layer and averaged weights',
    task: taskOf(
      {
        input: [6],
        layers: [
          { type: 'dense', name: 'frozen', units: 5, trainable: false },
          'batch_normalization',
          { type: 'dense', name: 'free', units: 1, activation: 'sigmoid' },
        ],
      },
      {
        loss: 'binary_crossentropy',
        metrics: ['accuracy'],
        optimizer: { type: 'sgd', learning_rate: 0.5, use_ema: true, ema_overwrite_frequency: 3 },
      },
    ),
  },
]
