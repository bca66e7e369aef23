// Whole training steps with machine code, beside WebAssembly alone.

import { describe, expect, it } from 'vitest'

import { compile } from '../../../src/backend/wasm/module.ts'
import type { Native } from '../../../src/engine/compiled/native.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { namedInputs } from '../../../src/step/step-program.ts'
import { buildTrainStep } from '../../../src/step/train-step.ts'
import { modelOf, stepInputs } from '../../step/random-model.ts'
import { hasRelaxedSimd } from '../wasm/support.ts'
import { nativeFor, vectorNames } from './natives.ts'

type Layer = Readonly<Record<string, unknown>>
const dense = (units: number, activation?: string): Layer => ({ type: 'dense', units, activation })

const NETWORKS: Readonly<Record<string, { input: number[]; batch: number; layers: Layer[] }>> = {
  'recurrent layers': {
    input: [9, 12],
    batch: 16,
    layers: [
      { type: 'bidirectional', layer: { type: 'lstm', units: 24, return_sequences: true } },
      { type: 'gru', units: 40 },
    ],
  },
  'smooth activations': {
    input: [40],
    batch: 33,
    layers: [
      dense(48, 'gelu'),
      { type: 'layer_normalization' },
      dense(50, 'elu'),
      dense(48, 'softplus'),
      dense(32, 'selu'),
      dense(32, 'mish'),
      dense(1000, 'softmax'),
      dense(40, 'log_softmax'),
    ],
  },
  convolutions: {
    input: [12, 11, 3],
    batch: 7,
    layers: [
      { type: 'conv2d', filters: 16, kernel_size: 5, padding: 'same', activation: 'tanh' },
      { type: 'separable_conv2d', filters: 24, kernel_size: 3, strides: 2, activation: 'swish' },
      { type: 'conv2d', filters: 32, kernel_size: 1, activation: 'relu' },
      { type: 'conv2d', filters: 40, kernel_size: 3, dilation_rate: 2, padding: 'same' },
      { type: 'reshape', target_shape: [-1, 8] },
      { type: 'conv1d', filters: 16, kernel_size: 5, activation: 'sigmoid' },
      { type: 'flatten' },
    ],
  },
  pooling: {
    input: [26, 22, 3],
    batch: 5,
    layers: [
      { type: 'conv2d', filters: 32, kernel_size: 3, activation: 'relu' },
      { type: 'max_pooling2d', pool_size: 2 },
      { type: 'depthwise_conv2d', kernel_size: 2, padding: 'same', activation: 'relu' },
      { type: 'average_pooling2d', pool_size: [3, 2] },
      { type: 'conv2d', filters: 67, kernel_size: 1, activation: 'tanh' },
      { type: 'max_pooling2d', pool_size: 2, strides: 1 },
      { type: 'reshape', target_shape: [-1, 67] },
      { type: 'average_pooling1d', pool_size: 2 },
      { type: 'max_pooling1d', pool_size: 3 },
      { type: 'flatten' },
    ],
  },
  'pooling of volumes': {
    input: [8, 8, 8, 2],
    batch: 2,
    layers: [
      { type: 'conv3d', filters: 64, kernel_size: 1, activation: 'relu' },
      { type: 'max_pooling3d', pool_size: 2 },
      { type: 'average_pooling3d', pool_size: 2 },
      { type: 'flatten' },
    ],
  },
}

/** All results of the second training step of a network. */
function resultsOf(name: string, native: Native | undefined): Map<string, Uint8Array> {
  const { input, layers, batch } = NETWORKS[name] ?? { input: [], layers: [], batch: 1 }
  const config = {
    model: { input, layers: [...layers, dense(10, 'softmax')] },
    compile: { loss: 'sparse_categorical_crossentropy', optimizer: 'adam' },
  }
  const model = modelOf(config, batch)
  const step = buildTrainStep(model.task, batch)
  const program = optimize(step.program)
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1024, shared: true })
  const machine = native?.functionsOn(memory)
  const { bytes, buffers, constants, memoryBytes } = compile(program, { arithmetic: 'fma', seed: 1, machine })
  memory.grow(Math.ceil(memoryBytes / 65536))
  const at = (offset: number, length: number): Uint8Array => new Uint8Array(memory.buffer, offset, 4 * length)
  const write = (offset: number, { buffer, byteOffset, length }: Float32Array | Int32Array): void =>
    at(offset, length).set(new Uint8Array(buffer, byteOffset, 4 * length))
  for (const { offset, data } of constants) write(offset, data)
  for (const [key, numbers] of namedInputs(step, stepInputs(model))) {
    const buffer = buffers.get(key)
    if (buffer) write(buffer.offset, buffer.dtype === 'i32' ? Int32Array.from(numbers) : numbers)
  }
  const multiply = machine && native?.load(machine).multiply()
  const env = { memory, ...(multiply && { multiply }) }
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports
  for (let count = 0; count < 2; count++) run?.(0, 1)
  if (machine) expect(machine.code.entries.length).toBeGreaterThan(5)
  return new Map(
    [...program.outputs.keys()].map((key) => {
      const { offset = 0, shape = [] } = buffers.get(key) ?? {}
      return [key, at(offset, sizeOf(shape)).slice()]
    }),
  )
}

describe.each(vectorNames)('training steps with %s machine code', (vectors) => {
  const native = nativeFor(vectors)
  const missing = native === undefined || !hasRelaxedSimd
  it.skipIf(missing).each(Object.keys(NETWORKS))('have the bits of WebAssembly: %s', (name) => {
    expect(resultsOf(name, native)).toEqual(resultsOf(name, undefined))
  })
})
