import { expect, it } from 'vitest'

import { losses } from '../../src/components/losses/index.ts'
import { metrics } from '../../src/components/metrics/index.ts'
import { transforms } from '../../src/components/transforms/index.ts'
import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { checkConfig } from '../../src/experiment/build-experiment.ts'
import { loadDocument } from '../../src/spec/document/document.ts'

const ofNumbers = losses.members.filter(({ kind }) => kind === 'numbers')
const scales = transforms.members.filter(({ kind }) => kind === 'scaling').map(({ type }) => type)

const [TARGET, PREDICTION] = [
  [0.2, 0.5, 0.9, 0.4],
  [0.3, 0.4, 0.6, 0.7],
]

/** A metric of numbers that are moved. */
function valueOf(type: string, shift: number): number {
  const b = new Builder()
  const input = (name: string) => b.input(name, [2, 2])
  const compared = { target: input('target'), prediction: input('prediction'), weights: b.constant([1, 1]) }
  const config = metrics.ref().parse(type)
  const program = b.program([['sums', metrics.of(config).update(b, compared, config)]])
  const moved = (numbers: readonly number[]) => numbers.map((x) => x + shift)
  const given = new Map([
    ['target', moved(TARGET)],
    ['prediction', moved(PREDICTION)],
  ])
  const sums = Array.from(interpret(program, given).get('sums') ?? [])
  return metrics.of(config).result(sums, config)
}

it.each(
  metrics.members
    .filter(({ counts, target }) => counts === 'value' && target !== 'index')
    .map(({ type, compares }) => [type, compares] as const),
)('%s says whether a shift changes it', (type, compares) => {
  const plain = valueOf(type, 0)
  const moved = valueOf(type, 0.05)
  if (compares === 'differences') expect(moved).toBeCloseTo(plain, 9)
  else expect(Math.abs(moved - plain)).toBeGreaterThan(1e-4)
})

it.each(ofNumbers.flatMap(({ type, compares }) => scales.map((scale) => [type, scale, compares] as const)))(
  '%s of a target with scale: %s',
  (loss, scale, compares) => {
    const written = scale === 'divide' ? '{divide: 100}' : scale
    const text = `
data: {type: csv, path: x.csv, target: {column: y, scale: ${written}}}
model: {input: [2], layers: [{type: dense, units: 1}]}
compile: {loss: ${loss}}
`
    const { diagnostics } = checkConfig(loadDocument('/config.yaml', [], text))
    const movesZero = !['none', 'divide'].includes(scale)
    const codes = diagnostics.map(({ code }) => code)
    expect(codes).toEqual(compares === 'ratios' && movesZero ? ['target-scale'] : [])
  },
)
