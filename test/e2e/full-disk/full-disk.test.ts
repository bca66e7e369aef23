import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, describe, expect, it } from 'vitest'

import type { Signal } from '../../../src/cli/io.ts'
import { once } from '../../../src/once.ts'
import { folderOf, nnlab } from '../../cli/support.ts'
import type { RunOptions } from '../../cli/support.ts'
import { start, untilTrained } from '../process.ts'
import { resultOf } from '../result.ts'
import { SmallDisk } from './small-disk.ts'

/** How many disks become full in each test; NNLAB_FULL_DISKS=100 is the long run. */
const TRIES = process.env['NNLAB_FULL_DISKS']
const MOUNTED = Number(TRIES ?? 1)
const INJECTED = Number(TRIES ?? 10)

const CONFIG = `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model: {input: [2], layers: [{type: dense, units: 8, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {batch_size: 3, epochs: 16}
checkpoint: {every: 3 steps, keep: 2}
`

/** Of what does not count as a loss on stderr: the disk was full, and nothing was damaged. */
const DAMAGE = /damaged|missing|bytes instead of|cut off/

describe('a disk that becomes full anywhere in a run', () => {
  it.each([
    ['goes on when there is room again', false],
    ['ends with exit code 6 when it is interrupted, and is resumed', true],
  ])(
    '%s',
    async (_what, interrupted) => {
      const { bytes, result } = await uninterrupted()
      const tries = Array.from({ length: INJECTED }, async (_, i) => {
        const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
        let stop: (signal: Signal) => void = () => undefined
        const disk = new SmallDisk(Math.floor(((i + Math.random()) * bytes) / INJECTED), () => {
          setTimeout(() => (interrupted ? stop('SIGINT') : disk.clear()), 5)
        })
        const onSignal = (handler: (signal: Signal) => void) => {
          stop = handler
          return () => undefined
        }
        const { code, stderr } = await nnlab(TRAIN, { cwd, files: disk.files, onSignal })
        const begun = existsSync(join(cwd, 'run/run.json'))
        // Before there is a run, there is nothing to wait for.
        expect([0, interrupted || !begun ? 6 : 0]).toContain(code)
        if (code === 6) {
          expect(stderr).toContain('the disk is full')
          const again = begun ? ['train', '--quiet', '--resume', 'run'] : TRAIN
          expect(await nnlab(again, { cwd })).toMatchObject({
            code: 0,
            stderr: expect.not.stringMatching(DAMAGE),
          })
        }
        expect(resultOf(join(cwd, 'run'))).toEqual(result)
        return code
      })
      const codes = await Promise.all(tries)
      expect(codes.filter((code) => code === (interrupted ? 6 : 0)).length).toBeGreaterThan(INJECTED / 2)
    },
    60_000 + 1000 * INJECTED,
  )
})

it.each([
  ['cv', ['cv', '--folds', '2'], 'runs/xor/cv-001'],
  ['train', ['train', '--seeds', '2'], 'runs/xor/seeds-001'],
  [
    'sweep',
    ['sweep', 'nnlab.yaml', 'fit.batch_size=2,4', '--set', 'sweep.metric.name=loss'],
    'runs/xor/sweep-001',
  ],
])(
  'a disk that becomes full under nnlab %s: all of it is resumed to the same bits',
  async (name, argv, folder) => {
    const run = async (line: readonly string[], cwd: string, options: RunOptions = {}) =>
      nnlab([...line, '--jobs', '1', '--json', '--quiet'], { cwd, ...options })
    const whole = await folderOf({ 'nnlab.yaml': CONFIG })
    const all = new SmallDisk(Infinity, () => undefined)
    const { stdout } = await run(argv, whole, { files: all.files })
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    let stop: (signal: Signal) => void = () => undefined
    const { files } = new SmallDisk(Math.floor(all.used * 0.7), () => setTimeout(() => stop('SIGINT'), 5))
    const onSignal = (handler: (signal: Signal) => void) => {
      stop = handler
      return () => undefined
    }
    expect(await run(argv, cwd, { files, onSignal })).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(
        `the disk is full[^]*with: nnlab ${name} --resume ${folder}\n`,
      ) as unknown,
    })
    expect(await run([name, '--resume', folder], cwd)).toMatchObject({ code: 0, stdout, stderr: '' })
  },
)

const TRAIN = ['train', '--quiet', '--run-dir', 'run']

/** How much a run writes that nothing interrupts, and its result. */
const uninterrupted = once(async () => {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
  const disk = new SmallDisk(Infinity, () => undefined)
  expect(await nnlab(TRAIN, { cwd, files: disk.files })).toMatchObject({ code: 0 })
  return { bytes: disk.used, result: resultOf(join(cwd, 'run')) }
})

const mount = mkdtempSync(join(tmpdir(), 'nnlab-full-'))
const mounted =
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mount], { stdio: 'ignore' }).status === 0
afterAll(() => {
  if (mounted) spawnSync('umount', [mount])
  rmSync(mount, { recursive: true, force: true })
})

describe.skipIf(!mounted)('a real disk that is filled while nnlab trains (needs the right to mount)', () => {
  const ballast = join(mount, 'ballast')
  const train = (...argv: string[]) => start(['train', ...argv, '--quiet'], { cwd: mount })
  const epochs = ['--set', 'fit.epochs=2000', '--set', 'checkpoint.every=30 steps']

  /** The result of a run that nothing interrupts. */
  const wholeResult = once(async () => {
    const whole = train('--run-dir', 'whole', ...epochs)
    expect(await whole.ended).toMatchObject({ code: 0 })
    const result = resultOf(join(mount, 'whole'))
    rmSync(join(mount, 'whole'), { recursive: true })
    return result
  })

  function fill(): void {
    for (const size of [2 ** 20, 2 ** 12]) {
      try {
        for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' })
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' })
      }
    }
  }

  it.each([
    ['goes on when there is room again', false],
    ['ends with exit code 6 when it is interrupted, and is resumed', true],
  ])(
    '%s',
    async (_what, interrupted) => {
      writeFileSync(join(mount, 'nnlab.yaml'), CONFIG)
      const result = await wholeResult()
      for (let full = 0; full < MOUNTED;) {
        const run = join(mount, 'run')
        const started = train('--run-dir', 'run', ...epochs)
        const { child, heard, ended } = started
        await untilTrained(started, run)
        await sleep(Math.random() * 250)
        fill()
        while (!heard.stderr.includes('the disk is full') && child.exitCode === null) await sleep(5)
        if (child.exitCode === null) {
          full += 1
          await sleep(Math.random() * 100)
          if (interrupted) {
            child.kill('SIGINT')
            expect(await ended).toMatchObject({ code: 6 })
            expect(heard.stderr).toContain('nnlab train --resume run')
          }
        }
        rmSync(ballast)
        if (interrupted && child.exitCode === 6) {
          const next = train('--resume', 'run')
          expect(await next.ended).toMatchObject({ code: 0 })
          expect(next.heard.stderr).not.toMatch(DAMAGE)
        } else {
          expect(await ended).toMatchObject({ code: 0 })
        }
        expect(resultOf(run)).toEqual(result)
        rmSync(run, { recursive: true })
      }
    },
    60_000 + 60_000 * MOUNTED,
  )
})
