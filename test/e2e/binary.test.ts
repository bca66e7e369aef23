import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import packageJson from '../../package.json' with { type: 'json' }
import { folderOf } from '../cli/support.ts'

const binary = fileURLToPath(new URL('../../bin/nnlab.js', import.meta.url))

function nnlab(
  argv: readonly string[],
  cwd: string,
  input = '',
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [binary, ...argv], { cwd, input, encoding: 'utf8' })
}

describe('the installed binary', () => {
  it('tells its version without a word on stderr', async () => {
    const { status, stdout, stderr } = nnlab(['--version'], await folderOf())
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })

  it('goes from an empty folder to predictions', async () => {
    const cwd = await folderOf()
    expect(nnlab(['init'], cwd)).toMatchObject({ status: 0, stderr: '' })
    expect(nnlab(['train', '--quiet'], cwd)).toMatchObject({ status: 0, stderr: '' })
    expect(nnlab(['evaluate'], cwd).stdout).toContain('accuracy  1.000')
    const { status, stdout, stderr } = nnlab(['predict', 'runs/xor/latest'], cwd, 'a,b\n0,1\n1,1\n')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^row,prediction,p_0,p_1\n1,1,.*\n2,0,.*\n$/)
  })

  it('ends quietly where its reader has seen enough', async () => {
    const cwd = await folderOf()
    const shell = spawnSync('sh', ['-c', `"${process.execPath}" "${binary}" schema | head -c 20`], {
      cwd,
      encoding: 'utf8',
    })
    expect(shell).toMatchObject({ status: 0, stderr: '' })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('saves what it has on %s', async (signal, exit) => {
    const cwd = await folderOf()
    nnlab(['init'], cwd)
    const child = spawn(process.execPath, [binary, 'train', '--quiet', '--set', 'fit.epochs=100000000'], {
      cwd,
    })
    while (!existsSync(join(cwd, 'runs/xor/latest/run.json')))
      await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setTimeout(resolve, 300))
    child.kill(signal)
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect(code).toBe(exit)
    expect(existsSync(join(cwd, 'runs/xor/latest/model/model.json'))).toBe(true)
  })
})
