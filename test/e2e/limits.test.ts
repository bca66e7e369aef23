import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf } from '../cli/support.ts'
import { binary } from './process.ts'

/** Runs nnlab in a shell after some commands, such as limits. */
function under(limits: string, argv: readonly string[], cwd: string, options = '') {
  const command = `${limits}; exec "$0" ${options} "$@"`
  return spawnSync('bash', ['-c', command, process.execPath, binary, ...argv], { cwd, encoding: 'utf8' })
}

it('names the option of Node that takes WebAssembly away', async () => {
  const train = ['train', resolve('configs/xor.yaml'), '--quiet']
  const { status, stderr } = under('true', train, await folderOf(), '--jitless')
  expect(stderr).toMatch(/error: Node runs without WebAssembly here, .*\n.*jitless/)
  expect(status).toBe(6)
})

describe.runIf(existsSync('/proc/self/limits'))('with 4 GB of addresses', () => {
  const train = ['train', resolve('configs/xor.yaml'), '--set', 'fit.epochs=2', '--quiet']
  const major = Number(process.versions.node.split('.')[0])

  it('trains, or names the limit and what to do', async () => {
    const { status, stderr } = under('ulimit -v 4000000', train, await folderOf())
    const wanted = {
      status: 4,
      stderr: expect.stringMatching(/^error: .*address space.*\n.*NODE_OPTIONS=.*ulimit -v/) as unknown,
    }
    // From Node 24 on, it does without guard regions by itself where there are no addresses for them.
    expect({ status, stderr }).toEqual(major < 24 ? wanted : { status: 0, stderr: '' })
  })

  it.each([1, 8])('trains without guard regions, asked for %d threads', async (threads) => {
    const set = ['--set', `fit.threads=${threads}`]
    const limits = 'ulimit -v 4000000'
    const { status, stderr } = under(
      limits,
      [...train, ...set],
      await folderOf(),
      '--disable-wasm-trap-handler',
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})
