import { encode } from 'fast-png'

import { randomNormal, stream } from '../../src/random.ts'

/** A config and its files. */
export type Kind = { readonly config: string; readonly files: Readonly<Record<string, string | Uint8Array>> }

const noise = randomNormal(stream(3, 'kinds'), 0, 20_000)
const draw = (row: number, column: number): number => noise[(row * 31 + column) % noise.length] ?? 0

/** Rows of a csv file, by a function of the row. */
function csv(header: string, rows: number, rowOf: (row: number) => readonly (string | number)[]): string {
  const lines = Array.from({ length: rows }, (_, row) => rowOf(row).join(','))
  return `${header}\n${lines.join('\n')}\n`
}

const number = (value: number): string => value.toFixed(3)
const SPLIT = 'split: {validation: 0.2, test: 0.2}'
const FIT = 'fit: {epochs: 2, batch_size: 16}'
const SOFTMAX = 'model: {layers: [{type: dense, units: classes, activation: softmax}]}'
const CLASSES = `compile: {loss: categorical_crossentropy, optimizer: adam, metrics: [accuracy]}\n${FIT}`
const NUMBERS = `compile: {loss: mean_squared_error, optimizer: adam, metrics: [mean_absolute_error]}\n${FIT}`

function tabular(data: string, rest: string, file: string, split = SPLIT): Kind {
  return {
    config: `name: kind\ndata: {type: csv, path: rows.csv, ${data}, ${split}}\n${rest}\n`,
    files: { 'rows.csv': file },
  }
}

const abc = csv('a,b,kind,y,z,u,v,w', 120, (row) => {
  const [a, b] = [draw(row, 0), draw(row, 1)]
  const kind = a > 0.4 ? 'red' : b > 0 ? 'green' : 'blue'
  const flags = [a + b, a - b, draw(row, 2)].map((value) => (value > 0 ? 1 : 0))
  return [number(a), number(b), kind, number(1000 * a + 50), number(b * a), ...flags]
})

/** A model of each kind that a report may be of, with few rows and few epochs. */
export const KINDS: Readonly<Record<string, Kind>> = {
  text: {
    config: `name: kind
data: {type: jsonl, path: rows.jsonl, target: topic, features: {transforms: {text: {type: tokens, output_sequence_length: 6, max_tokens: 30}}}, ${SPLIT}}
model: {layers: [{type: embedding, input_dim: 30, output_dim: 4}, global_average_pooling1d, {type: dense, units: classes, activation: softmax}]}
${CLASSES}
`,
    files: {
      'rows.jsonl': Array.from({ length: 80 }, (_, row) =>
        JSON.stringify({
          text: `${row % 2 ? 'the <b>ship</b> sails' : 'a "loud" drum & bass'} ${'word '.repeat(row % 5)}`,
          topic: row % 2 ? 'sea' : 'music',
        }),
      ).join('\n'),
    },
  },
  images: {
    config: `name: kind
data: {type: images, path: photos, image_size: [12, 12], features: {scale: {divide: 255}}, ${SPLIT}}
model: {layers: [{type: conv2d, filters: 2, kernel_size: 3}, flatten, {type: dense, units: classes, activation: softmax}]}
${CLASSES}
`,
    files: Object.fromEntries(
      Array.from({ length: 60 }, (_, row) => {
        const data = Uint8Array.from({ length: 12 * 12 * 3 }, (_, i) => (row * 7 + i * (1 + (row % 3))) % 256)
        return [
          `photos/${['cat', 'dog', 'cow'][row % 3]}/${row}.png`,
          encode({ width: 12, height: 12, channels: 3, depth: 8, data }),
        ]
      }),
    ),
  },
  'several outputs': {
    config: `name: kind
data: {type: csv, path: rows.csv, targets: {color: kind, size: {column: y, scale: standard}}, features: {columns: [a, b]}, ${SPLIT}}
model:
  layers:
    - {type: dense, name: hidden, units: 4, activation: relu}
    - {type: dense, name: color, units: 3, activation: softmax, from: hidden}
    - {type: dense, name: size, units: 1, from: hidden}
  outputs: [color, size]
compile: {loss: {color: categorical_crossentropy, size: mean_squared_error}, optimizer: adam, metrics: {color: [accuracy], size: [mean_absolute_error]}}
${FIT}
`,
    files: { 'rows.csv': abc },
  },
  forecast: tabular(
    'target: {column: t, scale: standard}, features: {columns: [t], scale: standard}, window: {steps: 8, horizon: 1}',
    `model: {layers: [{type: gru, units: 3}, {type: dense, units: 1}]}\n${NUMBERS}`,
    csv('t', 150, (row) => [number(10 * Math.sin(row / 5) + draw(row, 0))]),
    'split: {validation: 0.2, test: 0.2, shuffle: false}',
  ),
  'forecast of several steps': tabular(
    'target: {column: [t, s], scale: standard}, features: {columns: [t, s], scale: standard}, window: {steps: 8, horizon: 1, target_steps: 3}',
    `model: {layers: [flatten, {type: dense, units: 6}, {type: reshape, target_shape: [3, 2]}]}\n${NUMBERS}`,
    csv('t,s', 150, (row) => [number(Math.sin(row / 5)), number(Math.cos(row / 9) + draw(row, 0) / 9)]),
    'split: {validation: 0.2, test: 0.2, shuffle: false}',
  ),
  'several labels': tabular(
    'target: {column: [u, v, w]}, features: {columns: [a, b]}',
    `model: {layers: [{type: dense, units: 3, activation: sigmoid}]}\ncompile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy, auc]}\n${FIT}`,
    abc,
  ),
  logits: tabular(
    'target: kind, features: {columns: [a, b]}',
    `model: {layers: [{type: dense, units: classes}]}\ncompile: {loss: {type: categorical_crossentropy, from_logits: true}, optimizer: adam, metrics: [accuracy]}\n${FIT}`,
    abc,
  ),
  'two classes': tabular(
    'target: {column: u, positive: 1}, features: {columns: [a, b], scale: standard}',
    `model: {layers: [{type: dense, units: 1, activation: sigmoid}]}\ncompile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy, auc]}\n${FIT}`,
    abc,
  ),
  'scaled target': tabular(
    'target: {column: y, scale: standard}, features: {columns: [a, b], scale: standard}',
    `model: {layers: [{type: dense, units: 1}]}\n${NUMBERS}`,
    abc,
  ),
  'test rows of one class': tabular(
    'target: c, features: {columns: [a]}',
    `${SOFTMAX}\n${CLASSES}`,
    csv('a,c', 60, (row) => [number(draw(row, 0)), row < 40 ? (['x', 'y'][row % 2] ?? '') : 'x']),
    'split: {validation: 0.2, test: 0.2, shuffle: false}',
  ),
  'no test rows': tabular(
    'target: kind, features: {columns: [a, b]}',
    `${SOFTMAX}\n${CLASSES}`,
    abc,
    'split: {}',
  ),
  'one test row': tabular(
    'target: {column: y, scale: min_max}, features: {columns: [a, b]}',
    `model: {layers: [{type: dense, units: 1}]}\n${NUMBERS}`,
    abc,
    'split: {validation: 0.1, test: 0.008}',
  ),
  '1,000 classes': tabular(
    'target: c, features: {columns: [a, b]}',
    `${SOFTMAX}\n${CLASSES}`,
    csv('a,b,c', 1500, (row) => [number(draw(row, 0)), number(row / 100), `class number ${row % 1000}`]),
  ),
  '300 columns': tabular(
    'target: c',
    `${SOFTMAX}\n${CLASSES}`,
    csv(`${Array.from({ length: 300 }, (_, i) => `column_with_a_long_name_${i}`).join(',')},c`, 90, (row) => [
      ...Array.from({ length: 300 }, (_, i) => number(draw(row, i))),
      draw(row, 5) > 0 ? 'yes' : 'no',
    ]),
  ),
  'text columns and missing values': tabular(
    'target: c, missing: median',
    `${SOFTMAX}\n${CLASSES}`,
    csv('city,when,n,c', 90, (row) => [
      ['Oslo', 'Rome', "L'Aquila & Co <x>", ''][row % 4] ?? '',
      `2024-01-${String((row % 28) + 1).padStart(2, '0')}`,
      row % 7 === 0 ? '' : number(draw(row, 0)),
      row % 3 === 0 ? 'yes' : 'no',
    ]),
  ),
  'the input as target': tabular(
    'target: {same_as: input}, features: {columns: [a, b], scale: standard}',
    `model: {layers: [{type: dense, units: 1}, {type: dense, units: 2}]}\ncompile: {loss: mean_squared_error, optimizer: adam}\n${FIT}`,
    abc,
  ),
}
