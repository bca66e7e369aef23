import { expect, it } from 'vitest'

import { farColumns, rawResults, valuesOfResult } from '../../src/exchange/raw.ts'
import type { Feature, OutputState, Preprocessing } from '../../src/runtime/preprocessing.ts'
import { priceOutput, soldOutput } from './outputs.ts'

const KIND: OutputState = {
  kind: 'classes',
  name: 'kind',
  shape: [2, 3],
  columns: ['kind'],
  form: 'labels',
  classes: ['a', 'b', 'c'],
  probabilities: 'softmax',
}

const preprocessingOf = (
  outputs: readonly OutputState[],
  features: readonly Feature[] = [],
): Preprocessing => ({
  version: 2,
  inputs: [{ name: 'all', shape: [features.length], features }],
  outputs,
  missing: 'fill',
})

it('results are numbers, or labels with the probabilities of all classes where the output yields some', () => {
  const { probabilities: _, ...margin } = soldOutput('margin')
  const shapesOf = (...outputs: readonly OutputState[]) =>
    rawResults(preprocessingOf(outputs)).map(({ name, holds, shape }) => [name, holds, shape])
  expect(shapesOf(soldOutput('sold'), KIND, margin, priceOutput('price'))).toEqual([
    ['sold.prediction', 'labels', []],
    ['sold.probabilities', 'probabilities', [2]],
    ['kind.prediction', 'labels', [2]],
    ['kind.probabilities', 'probabilities', [2, 3]],
    ['margin.prediction', 'labels', []],
    ['price.prediction', 'numbers', [1]],
  ])
  expect(shapesOf(priceOutput('price'))).toEqual([['prediction', 'numbers', [1]]])
})

it('a result has the values that predictions have', () => {
  const [labels, probabilities] = rawResults(preprocessingOf([soldOutput('sold')]))
  const [prices] = rawResults(preprocessingOf([priceOutput('price')]))
  if (!labels || !probabilities || !prices) throw new Error('there are results')
  const logits = Float32Array.of(Infinity, -Infinity)
  expect(valuesOfResult(labels, logits)).toEqual(['no', 'yes'])
  expect(valuesOfResult(probabilities, logits)).toEqual(Float32Array.of(1, 0, 0, 1))
  expect(valuesOfResult(prices, Float32Array.of(-1, 0.5))).toEqual(Float32Array.of(3, 9))
})

it('a column is far from 0 where float32 would round it by more than a 2^18th of its spread', () => {
  const at = (column: string, subtract: number): Feature => ({
    kind: 'number',
    column,
    scaling: { subtract, multiply: 0.5 },
  })
  const features = [at('near', 128), at('far', 129), at('below', -129)]
  expect([...farColumns(preprocessingOf([], features))]).toEqual(['far', 'below'])
})
