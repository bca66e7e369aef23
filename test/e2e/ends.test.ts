import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from '../cli/support.ts'
import { binary, epochsIn, start, untilTrained } from './process.ts'

const XOR = `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model: {input: [2], layers: [{type: dense, units: 8, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {batch_size: 4, epochs: 100000000}
`
const TRAIN = ['train', '--run-dir', 'run']

/** What run.json says of how the run ended, and the lines of its history. */
function outcomeOf(cwd: string): { state: string; epochs: number } {
  const record = readFileSync(join(cwd, 'run/run.json'), 'utf8')
  return {
    state: String(/"state": "(\w+)"/.exec(record)?.[1]),
    epochs: epochsIn(join(cwd, 'run')),
  }
}

describe('a run', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('that gets %s commits where it is, exits %i and is resumed from there', async (name, exit) => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const started = start([...TRAIN, '--quiet'], { cwd })
    const { child, heard, ended } = started
    await untilTrained(started, join(cwd, 'run'))
    child.kill(name)
    expect(await ended).toEqual({ code: exit, signal: null })
    expect(heard.stdout).toContain('resume with: nnlab train --resume run\n')
    const { state, epochs } = outcomeOf(cwd)
    expect(state).toBe('interrupted')
    expect(readdirSync(join(cwd, 'run/checkpoints'))).toContain(`${String(epochs).padStart(5, '0')}-000000`)
    const more = ['train', '--resume', 'run', '--set', `fit.epochs=${epochs + 5}`, '--quiet']
    const { stderr } = spawnSync(process.execPath, [binary, ...more], { cwd, encoding: 'utf8' })
    expect(stderr).toContain(`resuming run after epoch ${epochs}\n`)
    expect(outcomeOf(cwd)).toEqual({ state: 'completed', epochs: epochs + 5 })
  })

  it('ends at once at the second SIGINT, in the middle of a checkpoint too', async () => {
    // Large enough to be killed while it is written.
    const large = 'layers: [{type: dense, units: 2000}, {type: dense, units: 2000}, '
    const attempt = async () => {
      const cwd = await folderOf({ 'nnlab.yaml': XOR.replace('layers: [', large) })
      const started = start([...TRAIN, '--quiet'], { cwd })
      await untilTrained(started, join(cwd, 'run'))
      started.child.kill('SIGINT')
      const checkpoints = join(cwd, 'run/checkpoints')
      while (!existsSync(checkpoints) || readdirSync(checkpoints).length === 0) await sleep(1)
      started.child.kill('SIGINT')
      return { cwd, ended: await started.ended, left: readdirSync(checkpoints) }
    }
    let { cwd, ended, left } = await attempt()
    // On a machine with much to do, the second signal may come when the checkpoint is whole.
    for (let more = 0; more < 4 && !left[0]?.includes('.part-'); more++)
      ({ cwd, ended, left } = await attempt())
    expect(left).toEqual([expect.stringContaining('.part-')])
    expect(ended).toEqual({ code: null, signal: 'SIGINT' })
    const next = start(['train', '--resume', 'run', '--set', 'fit.epochs=1', '--quiet'], { cwd })
    expect(await next.ended).toEqual({ code: 0, signal: null })
  })

  it('outlives its terminal', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const started = start(TRAIN, { cwd })
    const { child, ended } = started
    await untilTrained(started, join(cwd, 'run'))
    child.stdout?.destroy()
    child.stderr?.destroy()
    child.kill('SIGHUP')
    await untilTrained(started, join(cwd, 'run'), outcomeOf(cwd).epochs)
    expect(child.exitCode).toBeNull()
    expect(outcomeOf(cwd).state).toBe('running')
    child.kill('SIGTERM')
    expect(await ended).toEqual({ code: 143, signal: null })
    expect(outcomeOf(cwd).state).toBe('interrupted')
  })

  it.skipIf(!existsSync('/dev/full')).each([
    ['stderr', 0, ''],
    ['stdout', 6, 'error: cannot write the result to stdout: ENOSPC'],
  ])('goes on where %s is a file on a full disk (needs /dev/full)', async (stream, exit, message) => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const full = openSync('/dev/full', 'w')
    const { heard, ended } = start([...TRAIN, '--set', 'fit.epochs=2000'], {
      cwd,
      stdio: stream === 'stderr' ? ['ignore', 'pipe', full] : ['ignore', full, 'pipe'],
    })
    expect(await ended).toEqual({ code: exit, signal: null })
    closeSync(full)
    expect(heard.stderr).toContain(message)
    expect(outcomeOf(cwd)).toEqual({ state: 'completed', epochs: 2000 })
  })

  it('ends cleanly when its time is over', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const { heard, ended } = start([...TRAIN, '--set', 'fit.train_time_budget=0.5 s', '--json', '--quiet'], {
      cwd,
    })
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(JSON.parse(heard.stdout)).toMatchObject({
      stopped: 'train_time_budget: 0.5 s have passed',
      seconds: expect.toSatisfy((seconds) => seconds >= 0.5),
    })
    expect(outcomeOf(cwd).state).toBe('completed')
    expect(existsSync(join(cwd, 'run/model/model.json'))).toBe(true)
  })

  it('has its folder to itself, until its process is gone', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const first = start([...TRAIN, '--quiet'], { cwd })
    await untilTrained(first, join(cwd, 'run'))
    for (const argv of [TRAIN, [...TRAIN, '--update'], ['train', '--resume', 'run']]) {
      const { status, stderr } = spawnSync(process.execPath, [binary, ...argv], { cwd, encoding: 'utf8' })
      expect(status).toBe(6)
      expect(stderr).toContain(`run is in use by process ${first.child.pid}\n`)
    }
    first.child.kill('SIGKILL')
    await first.ended
    const argv = ['train', '--resume', 'run', '--set', 'fit.epochs=10', '--quiet']
    expect(spawnSync(process.execPath, [binary, ...argv], { cwd }).status).toBe(0)
  })
})

it('several seeds whose process is killed are resumed to the same bits', async () => {
  const config = XOR.replace('epochs: 100000000', 'epochs: 300').replace(
    'layers: [',
    'layers: [{type: dense, units: 40}, {type: dropout, rate: 0.5}, ',
  )
  const seeds = ['train', '--seeds', '3', '--set', 'checkpoint.every=20 epochs', '--json', '--quiet']
  const cwd = await folderOf({ 'nnlab.yaml': config })
  const whole = spawnSync(process.execPath, [binary, ...seeds], { cwd, encoding: 'utf8' })
  expect(whole.status).toBe(0)
  const killed = await folderOf({ 'nnlab.yaml': config })
  const { child, ended } = start(seeds, { cwd: killed })
  const checkpoints = join(killed, 'runs/xor/seeds-001/trials/seed-0/checkpoints')
  while (!existsSync(checkpoints) || readdirSync(checkpoints).length === 0) await sleep(1)
  child.kill('SIGKILL')
  expect(await ended).toMatchObject({ signal: 'SIGKILL' })
  const resume = ['train', '--resume', 'runs/xor/seeds-001', '--json', '--quiet']
  const resumed = spawnSync(process.execPath, [binary, ...resume], { cwd: killed, encoding: 'utf8' })
  expect({ status: resumed.status, stdout: resumed.stdout }).toEqual({ status: 0, stdout: whole.stdout })
})

describe('a folder that cannot be written', () => {
  // To root, permissions mean nothing.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const runs = spawnSync(process.execPath, [binary, '--version'], nobody).status === 0
  it.skipIf(!runs)('gives exit code 6 (needs a user without rights)', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    chmodSync(cwd, 0o555)
    const { heard, ended } = start([...TRAIN, '--quiet'], { cwd, ...nobody })
    expect(await ended).toEqual({ code: 6, signal: null })
    expect(heard.stderr).toMatch(
      /^error: cannot write .*run: permission denied\n {2}= make it writable and try again, or choose another path with --run-dir/,
    )
    chmodSync(cwd, 0o755)
  })

  it.skipIf(!runs)(
    'loses no checkpoint to a log that cannot be written (needs a user without rights)',
    async () => {
      const cwd = await folderOf({ 'nnlab.yaml': XOR.replace('100000000', '2') })
      expect((await nnlab([...TRAIN, '--quiet'], { cwd })).code).toBe(0)
      spawnSync('chown', ['-R', '65534:65534', cwd])
      chmodSync(join(cwd, 'run/history.csv'), 0o444)
      const before = readFileSync(join(cwd, 'run/run.json'), 'utf8')
      const retrain = [...TRAIN, '--update', '--set', 'seed=3', '--quiet']
      const { heard, ended } = start(retrain, { cwd, ...nobody })
      expect(await ended).toEqual({ code: 6, signal: null })
      expect(heard.stderr).toMatch(/cannot write .*history\.csv: permission denied\n/)
      expect(readFileSync(join(cwd, 'run/run.json'), 'utf8')).toBe(before)
      expect(readdirSync(join(cwd, 'run/checkpoints'))).toEqual(['00002-000000'])
    },
  )

  it('gives exit code 6 where its file system is read-only (needs the right to mount)', async ({ skip }) => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR, 'readonly/empty': '' })
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(cwd, 'readonly')])
    skip(mounted.status !== 0)
    try {
      const { heard, ended } = start(['train', '--run-dir', 'readonly/run', '--quiet'], { cwd })
      expect(await ended).toEqual({ code: 6, signal: null })
      expect(heard.stderr).toContain('readonly/run: the file system is read-only\n')
    } finally {
      spawnSync('umount', [join(cwd, 'readonly')])
    }
  })
})
