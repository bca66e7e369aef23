import { spawnSync } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import packageJson from '../../package.json' with { type: 'json' }
import { folderOf } from '../cli/support.ts'
import { runs } from '../runs.ts'
import { mutated } from '../spec/mutated.ts'
import { binary } from './process.ts'

const loader = resolve('bin/load.js')

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

  it('is in ASCII, as its loader takes it to be', async () => {
    expect((await readFile('dist/nnlab.cjs', 'utf8')).match(/[^\0-\x7f]/gu)).toBeNull()
  })

  it('knows months and totals whose names are not in ASCII', async () => {
    const cwd = await folderOf()
    const rows = [1, 2, 3, 4].map((day) => `${day} d\u00e9c. 2023;${day},5\n`).join('')
    await writeFile(join(cwd, 'rows.csv'), `Date;Montant\n${rows}\u5408\u8a08;12\n`)
    expect(nnlab(['init', '--data', 'rows.csv'], cwd)).toMatchObject({ status: 0 })
    const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
    expect(config).toContain('formats: {Date: d MMM yyyy}')
    expect(config).toContain('comment: \u5408\u8a08')
  })

  it('goes from an empty folder to predictions', async () => {
    const cwd = await folderOf()
    expect(nnlab(['init'], cwd)).toMatchObject({ status: 0, stderr: '' })
    expect(nnlab(['train', '--quiet'], cwd)).toMatchObject({ status: 0, stderr: '' })
    expect(nnlab(['evaluate'], cwd).stdout).toContain('accuracy  1.000')
    const { status, stdout, stderr } = nnlab(['predict', 'runs/xor/latest'], cwd, 'a,b\n0,1\n1,1\n')
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'model of runs/xor/001\n' })
    expect(stdout).toMatch(/^row,prediction,p_0,p_1\n1,1,.*\n2,0,.*\n$/)
  })

  it('tells how to install TensorFlow.js where it is not there and a network needs it', async () => {
    const cwd = await folderOf()
    // Beside this copy there is no node_modules.
    for (const part of ['bin', 'dist/nnlab.cjs', 'package.json'])
      await cp(part, join(cwd, part), { recursive: true })
    expect(nnlab(['init'], cwd)).toMatchObject({ status: 0 })
    const run = (...argv: string[]) =>
      spawnSync(process.execPath, ['bin/nnlab.js', 'train', '--quiet', ...argv], {
        cwd,
        encoding: 'utf8',
      })
    for (const backend of ['wasm', 'cpu']) {
      const { status, stderr } = run('--engine', 'tfjs', '--backend', backend)
      expect(status).toBe(2)
      expect(stderr).toContain(`@tensorflow/tfjs-backend-${backend} is not installed`)
      const packages = ['core', 'layers', `backend-${backend}`]
        .map((name) => `@tensorflow/tfjs-${name}@${packageJson.peerDependencies['@tensorflow/tfjs-core']}`)
        .join(' ')
      expect(stderr).toContain(`install it beside nnlab: npm install ${packages}`)
    }
    expect(run('--engine', 'tfjs').stderr).toContain('no TensorFlow.js backend works here: ')
    expect(run()).toMatchObject({ status: 0, stderr: '' })
  })

  it('ends quietly where its reader has seen enough', async () => {
    const cwd = await folderOf()
    const shell = spawnSync('sh', ['-c', `"${process.execPath}" "${binary}" schema | head -c 20`], {
      cwd,
      encoding: 'utf8',
    })
    expect(shell).toMatchObject({ status: 0, stderr: '' })
  })

  it('shows a bug by its places in the sources', async () => {
    const io = '{ ...process, stdout: { write() { throw new TypeError("no room") } }, cwd: "", env: {} }'
    const program = `require(${JSON.stringify(loader)}).load().exports.main(["schema"], ${io})`
    const { stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
    expect(stderr).toContain('hit an internal error:\nTypeError: no room\n')
    const [, line] = /at .*\(src\/cli\/commands\/schema\.ts:(\d+):\d+\)/.exec(stderr) ?? []
    const source = await readFile('src/cli/commands/schema.ts', 'utf8')
    expect(source.split('\n')[Number(line) - 1]).toContain('io.stdout.write')
  })

  it('validates any text within 2 s and 500 MB, with exit code 0 or 3', { timeout: 600_000 }, async () => {
    const file = join(await folderOf(), 'config.yaml')
    const tell = 'const {maxRSS,userCPUTime}=process.resourceUsage();console.error(maxRSS+" "+userCPUTime)'
    const hook = `data:text/javascript,process.on("exit",()=>{${tell}})`
    for (const text of fc.sample(mutated, runs(5))) {
      await writeFile(file, text)
      const argv = ['--import', hook, binary, 'validate', file]
      const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
      expect([0, 3], text).toContain(status)
      // KB, and microseconds of this process alone.
      const [memory, time] = (stderr.trimEnd().split('\n').at(-1) ?? '').split(' ').map(Number)
      expect(memory, text).toBeLessThan(500_000)
      expect(time, text).toBeLessThan(2_000_000)
    }
  })
})
