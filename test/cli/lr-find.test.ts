import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { suggestedRate } from '../../src/train/learning-rate-range.ts'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `# my config
name: line
data: {type: csv, path: rows.csv, target: y}
model: {layers: [{type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: {type: sgd, learning_rate: 0.00001}} # too small
fit: {epochs: 3, batch_size: 16, arithmetic: mul_add, engine: compiled}
`
const ROWS = `x,y\n${Array.from({ length: 400 }, (_, i) => `${Math.sin(i)},${3 * Math.sin(i)}\n`).join('')}`

const Tested = z.object({
  suggested: z.number(),
  current: z.number(),
  learning_rates: z.array(z.number()),
  losses: z.array(z.number()),
})

describe('lr-find', () => {
  it('suggests a rate that learns, the same each time, and stops where the loss explodes', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': ROWS })
    const { code, stdout } = await nnlab(['lr-find', '--json'], { cwd })
    expect(code).toBe(0)
    const { suggested, current, learning_rates: rates, losses } = Tested.parse(JSON.parse(stdout))
    expect(current).toBe(0.00001)
    // Gradient descent on a mean of squares of x with variance 1/2 diverges from a rate of 2 on.
    expect(suggested).toBeGreaterThan(0.005)
    expect(suggested).toBeLessThan(2)
    expect(rates[0]).toBe(1e-6)
    expect(losses).toHaveLength(rates.length)
    expect(rates.at(-1)).toBeLessThanOrEqual(10)
    expect(await nnlab(['lr-find', '--json'], { cwd })).toMatchObject({ stdout })
    expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toBe(CONFIG)
  })

  it('writes the rate into the config, and nothing else', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': ROWS })
    const { code, stdout } = await nnlab(['lr-find', '--write', '-o', 'curve.svg', '--quiet'], { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const changed = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
    const [, rate = ''] = /learning_rate: ([\d.e-]+)/.exec(changed) ?? []
    expect(changed).toBe(CONFIG.replace('0.00001', rate))
    expect(Number(rate)).toBeGreaterThan(0.005)
    expect(await readFile(join(cwd, 'curve.svg'), 'utf8')).toContain(`suggested ${rate}`)
  })

  it('writes a curve in characters to a file, too', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': ROWS })
    const argv = ['lr-find', '--quiet', '--format', 'text', '-o', 'curve.txt', '--steps', '40']
    expect(await nnlab(argv, { cwd })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await readFile(join(cwd, 'curve.txt'), 'utf8')).toContain('loss by learning rate, 40 steps')
  })

  it('leaves a config alone whose optimizer has a schedule', async () => {
    const schedule = '{type: exponential_decay, initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.9}'
    const yaml = CONFIG.replace('0.00001', schedule)
    const cwd = await folderOf({ 'nnlab.yaml': yaml, 'rows.csv': ROWS })
    const { code, stderr } = await nnlab(['lr-find', '--write'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('write compile.optimizer.learning_rate')
    expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toBe(yaml)
  })

  it('suggests the rate at which the loss itself falls, not its average, which is behind', () => {
    const rateAt = (step: number): number => 10 ** ((7 * step) / 99 - 6)
    let average = 0
    const losses = Array.from({ length: 90 }, (_, i) => {
      const loss = i < 60 ? 1 : Math.max(0.2, 1 - (i - 60) / 5)
      average = 0.9 * average + 0.1 * loss
      return { rate: rateAt(i), loss, smoothed: average / (1 - 0.9 ** (i + 1)) }
    })
    expect(suggestedRate(losses)).toBeGreaterThan(rateAt(60) / 2)
    expect(suggestedRate(losses)).toBeLessThan(2 * rateAt(60))
  })

  it('suggests no rate of the beginning, where the average still jumps with each batch', () => {
    const losses = Array.from({ length: 90 }, (_, i) => {
      const smoothed = i < 10 ? 2 - 0.1 * i : i < 70 ? 1 : 1 - 0.02 * (i - 70)
      return { rate: 10 ** (i / 10 - 6), loss: smoothed, smoothed }
    })
    expect(suggestedRate(losses)).toBeGreaterThan(0.1)
  })

  it('suggests nothing where the loss never falls', () => {
    const losses = Array.from({ length: 50 }, (_, i) => ({
      rate: 10 ** (i / 10 - 6),
      loss: 1 + i,
      smoothed: 1 + i,
    }))
    expect(suggestedRate(losses)).toBeUndefined()
  })
})
