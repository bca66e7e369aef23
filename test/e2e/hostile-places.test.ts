import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, rm, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from '../cli/support.ts'
import { binary } from './process.ts'

const xor = resolve('configs/xor.yaml')

function shell(script: string, cwd: string) {
  return spawnSync('bash', ['-c', script, process.execPath, binary], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
  })
}

describe.skipIf(process.platform === 'win32')('nnlab in hostile places', () => {
  it('says that its current folder was removed', async () => {
    const { status, stderr } = shell(
      'mkdir gone; cd gone; rmdir ../gone; exec "$0" "$1" runs',
      await folderOf(),
    )
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'error: the current folder was removed\n  = change to a folder that is there\n',
    })
  })

  const places = [
    'run.json',
    'spec.json',
    'history.csv',
    'events.jsonl',
    'run.lock',
    'model/model.json',
    'model/weights.bin',
  ]
  const kinds = {
    pipe: (path: string) => void spawnSync('mkfifo', [path]),
    folder: (path: string) => mkdir(path),
    device: (path: string) => symlink('/dev/zero', path),
  }
  const commands = [
    ['train', '--resume', 'run', '--set', 'fit.epochs=3', '--quiet'],
    ['train', xor, '--run-dir', 'run', '--quiet'],
    ['predict', 'run', '-'],
    ['verify', 'run'],
    ['runs', '.'],
  ]
  it.each(Object.entries(kinds))(
    'answers where a file of a run is a %s',
    { timeout: 200_000 },
    async (_, make) => {
      const cwd = await folderOf()
      const set = ['--set', 'fit.epochs=2', '--run-dir', 'whole', '--quiet']
      expect((await nnlab(['train', xor, ...set], { cwd })).code).toBe(0)
      const bad: unknown[] = []
      for (const place of places) {
        for (const argv of commands) {
          await rm(join(cwd, 'run'), { recursive: true, force: true })
          await cp(join(cwd, 'whole'), join(cwd, 'run'), { recursive: true })
          await rm(join(cwd, 'run', place), { force: true })
          await make(join(cwd, 'run', place))
          const { code, stderr } = await nnlab(argv, { cwd })
          if (code === 1) bad.push({ place, argv, code, stderr })
        }
      }
      expect(bad).toEqual([])
    },
  )

  it('never says "saved" of a run folder that was removed', async () => {
    const cwd = await folderOf()
    const set = ['--set', 'fit.epochs=1000000', '--run-dir', 'run', '--quiet']
    const child = spawn(process.execPath, [binary, 'train', xor, ...set], { cwd })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => void (output += data.toString()))
    // The logs are opened one after the other.
    const isTraining = (): boolean =>
      ['history.csv', 'events.jsonl'].every((log) => existsSync(join(cwd, 'run', log)))
    await expect.poll(isTraining, { timeout: 20_000 }).toBe(true)
    await rm(join(cwd, 'run'), { recursive: true })
    child.kill('SIGINT')
    const [code]: unknown[] = await once(child, 'close')
    expect({ code, output }).toEqual({
      code: 6,
      output: expect.stringMatching(/^error: .*run was removed while/) as unknown,
    })
    expect(readdirSync(cwd)).toEqual([])
  })

  it('does not open a debugger on SIGUSR1', async () => {
    const cwd = await folderOf()
    const set = ['--set', 'fit.epochs=1000000', '--run-dir', 'run', '--quiet']
    const child = spawn(process.execPath, [binary, 'train', xor, ...set], { cwd })
    let output = ''
    child.stderr.on('data', (data: Buffer) => void (output += data.toString()))
    await expect.poll(() => existsSync(join(cwd, 'run', 'history.csv')), { timeout: 20_000 }).toBe(true)
    child.kill('SIGUSR1')
    await new Promise((resolve) => setTimeout(resolve, 500))
    child.kill('SIGINT')
    const [code]: unknown[] = await once(child, 'close')
    expect({ code, output }).toEqual({
      code: 130,
      output: expect.not.stringContaining('Debugger') as unknown,
    })
  })

  it.each(['/dev/zero', '/dev/full'])('does not read rows from %s', async (path) => {
    const config = `data: {type: csv, path: ${path}, target: y}\n`
    const { status, stderr } = shell('exec "$0" "$1" data a.yaml', await folderOf({ 'a.yaml': config }))
    expect({ status, stderr }).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('is a device, not a file') as unknown,
    })
  })

  it('names the limit on the size of files', async () => {
    const script = `ulimit -f 1; exec "$0" "$1" train ${xor} --set fit.epochs=3 --run-dir run --quiet`
    const { status, stderr } = shell(script, await folderOf())
    expect({ status, stderr }).toMatchObject({
      status: 6,
      stderr: expect.stringContaining('`ulimit -f`') as unknown,
    })
  })
})
