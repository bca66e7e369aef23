import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as z from 'zod'

import { inFolder, runToEnd } from './whole-process.ts'

/** Test accuracy that 784-128-10 reaches on Fashion-MNIST in a few epochs. */
export const WANTED = 0.87
const EPOCHS = 12
const FOLDERS = [join('..', 'shared', 'data', 'fashion-mnist'), join('data', 'fashion-mnist')]

/** From a cold start to the wanted accuracy on the test rows. */
export type FashionRow = {
  readonly title: string
  readonly seconds?: number
  readonly epochs?: number
  readonly accuracy?: number
  readonly memory?: number | undefined
  readonly error?: string
}

const config = (folder: string, epochs: number): string => `name: fashion
data: {type: idx, folder: ${JSON.stringify(folder)}, features: {scale: {divide: 255}}}
model:
  input: [784]
  layers:
    - {type: dense, units: 128, activation: relu}
    - {type: dense, units: 10, activation: softmax}
compile: {loss: sparse_categorical_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {batch_size: 64, epochs: ${epochs}}
`
const nnlabAnswer = z.looseObject({ test: z.looseObject({ accuracy: z.number() }) })
const pythonAnswer = z.object({ epochs: z.number(), accuracy: z.number() })

export async function timesToAccuracy(python: string | undefined): Promise<FashionRow[]> {
  const folder = FOLDERS.find((candidate) => existsSync(candidate))
  if (folder === undefined) return [{ title: 'Fashion-MNIST', error: `not in ${FOLDERS.join(' nor ')}` }]
  const data = resolve(folder)
  const rows = [await attempt('nnlab train', () => nnlab(data))]
  if (python === undefined) return rows
  for (const [title, library, environment] of [
    ['Keras on TensorFlow', 'keras', { KERAS_BACKEND: 'tensorflow' }],
    ['Keras on JAX', 'keras', { KERAS_BACKEND: 'jax' }],
    ['PyTorch', 'torch', {}],
  ] as const) {
    rows.push(
      await attempt(title, async () => {
        const args = ['bench/peers/fashion.py', library, data, `${WANTED}`, `${EPOCHS}`]
        const { seconds, memory, output } = await runToEnd(python, args, environment)
        return {
          title,
          seconds,
          memory,
          ...pythonAnswer.parse(JSON.parse(output.trim().split('\n').at(-1) ?? '')),
        }
      }),
    )
  }
  return rows
}

async function attempt(title: string, call: () => Promise<FashionRow>): Promise<FashionRow> {
  return call().catch((error: unknown) => ({
    title,
    error: error instanceof Error ? error.message : String(error),
  }))
}

/** The time of the shortest training that gets there: n epochs are the beginning of n + 1. */
async function nnlab(data: string): Promise<FashionRow> {
  for (let epochs = 1; ; epochs++) {
    const row = await inFolder(async (folder) => {
      const file = join(folder, 'fashion.yaml')
      writeFileSync(file, config(data, epochs))
      const args = ['bin/nnlab.js', 'train', file, '--run-dir', join(folder, 'run'), '--json', '--quiet']
      const { seconds, memory, output } = await runToEnd(process.execPath, args)
      const { accuracy } = nnlabAnswer.parse(JSON.parse(output)).test
      return { title: 'nnlab train', seconds, memory, epochs, accuracy }
    })
    if (row.accuracy >= WANTED || epochs >= EPOCHS) return row
  }
}
