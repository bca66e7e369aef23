import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const PLATEAU = '{type: reduce_lr_on_plateau, monitor: loss, patience: 1, min_delta: 10, factor: 0.5}'
const COSINE = '{type: cosine_decay, initial_learning_rate: 0.02, decay_steps: 24}'

/** A config of 2 steps an epoch. */
const config = (rate: string, callbacks = ''): string => `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model: {input: [2], layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: {type: adam, learning_rate: ${rate}}}
fit: {batch_size: 2, epochs: 6, callbacks: [${callbacks}]}
checkpoint: {every: 1 epoch, keep: 9}
`

async function trained(text: string, ...rest: string[]): Promise<string> {
  const cwd = await folderOf({ 'nnlab.yaml': text })
  expect(await nnlab(['train', '--quiet', '--run-dir', 'run', ...rest], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

/** The columns of a history, and the last number of each line. */
async function ratesOf(cwd: string): Promise<{ names: string; rates: number[] }> {
  const [names = '', ...lines] = (await readFile(join(cwd, 'run/history.csv'), 'utf8')).trimEnd().split('\n')
  return { names, rates: lines.map((line) => Number(line.split(',').at(-1))) }
}

describe('the learning rate in the logs', () => {
  it('is that of each epoch where a callback lowers it after the epoch, as in Keras', async () => {
    const cwd = await trained(config('0.01', PLATEAU))
    expect(await ratesOf(cwd)).toEqual({
      names: 'epoch,loss,learning_rate',
      rates: [0.01, 0.01, 0.005, 0.0025, 0.00125, 0.000625],
    })
    const events = (await readFile(join(cwd, 'run/events.jsonl'), 'utf8')).trimEnd().split('\n')
    expect(
      events.flatMap((line) => (JSON.parse(line) as { learning_rate?: number }).learning_rate ?? []),
    ).toEqual([0.01, 0.01, 0.005, 0.0025, 0.00125, 0.000625])
  })

  it('is that of a schedule after the updates of the epoch', async () => {
    const { rates } = await ratesOf(await trained(config(COSINE)))
    expect(rates).toEqual(
      [2, 4, 6, 8, 10, 12].map((updates): unknown =>
        expect.closeTo(0.01 * (1 + Math.cos((Math.PI * updates) / 24)), 7),
      ),
    )
  })

  it('is left out where it never changes', async () => {
    expect((await ratesOf(await trained(config('0.01')))).names).toBe('epoch,loss')
  })

  it.each([config(COSINE), config('0.01', PLATEAU)])(
    'goes on where a run is resumed or forked (%#)',
    async (text) => {
      const cwd = await trained(text)
      const whole = await ratesOf(cwd)
      const fork = ['train', '--quiet', '--run-dir', 'fork', '--fork', 'run/checkpoints/00003-000000']
      await nnlab(fork, { cwd })
      for (const epoch of [4, 5, 6])
        await rm(join(cwd, `run/checkpoints/0000${epoch}-000000`), { recursive: true })
      expect(await nnlab(['train', '--quiet', '--resume', 'run'], { cwd })).toMatchObject({ code: 0 })
      expect(await ratesOf(cwd)).toEqual(whole)
      if (!text.includes('cosine')) return
      const forked = (await readFile(join(cwd, 'fork/history.csv'), 'utf8')).trimEnd().split('\n').slice(1)
      expect(forked.map((line) => Number(line.split(',').at(-1)))).toEqual(whole.rates.slice(3))
    },
  )

  it('adds no column to a history that began without it', async () => {
    const cwd = await trained(config(COSINE))
    const path = join(cwd, 'run/history.csv')
    const text = await readFile(path, 'utf8')
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, line.lastIndexOf(',')))
    await writeFile(path, `${lines.join('\n')}\n`)
    // The file has the length that the checkpoint knows.
    await appendFile(path, '\n'.repeat(text.length - lines.join('\n').length - 1))
    const more = ['train', '--quiet', '--resume', 'run', '--set', 'fit.epochs=8']
    expect(await nnlab(more, { cwd })).toMatchObject({ code: 0 })
    const continued = (await readFile(path, 'utf8')).trimEnd().split('\n')
    expect(continued.slice(-2)).toEqual([
      expect.stringMatching(/^7,[^,]+$/),
      expect.stringMatching(/^8,[^,]+$/),
    ])
  })

  it('is among the curves of a report and of the terminal', async () => {
    const cwd = await trained(config(COSINE))
    expect(await nnlab(['report', 'run', '-o', 'report.html'], { cwd })).toMatchObject({ code: 0 })
    expect(await readFile(join(cwd, 'report.html'), 'utf8')).toContain('learning_rate by epoch')
    const { stdout } = await nnlab(['train'], { cwd, isTTY: true })
    expect(stdout).toMatch(/learning_rate +0\.01\d+ .*▁/)
  })
})
