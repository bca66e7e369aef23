import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, cp, mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from '../cli/support.ts'
import { binary, epochsIn } from './process.ts'
import { resultOf } from './result.ts'

const hasMake = spawnSync('make', ['--version']).status === 0
const NAMES = 'NAMES=digits iris'
const NNLAB = `NNLAB=${process.execPath} ${binary}`

function make(cwd: string, ...argv: string[]) {
  return spawnSync('make', ['-s', NNLAB, NAMES, ...argv], { cwd, encoding: 'utf8' })
}

/** A copy of the Makefile of the examples, and of what it needs. */
async function examples(): Promise<string> {
  const cwd = await folderOf()
  for (const name of ['Makefile', 'digits.yaml', 'iris.yaml', 'data/digits.csv', 'data/iris.csv']) {
    await cp(join('configs', name), join(cwd, name))
  }
  return cwd
}

describe.skipIf(!hasMake)('the Makefile of the examples (needs make)', () => {
  const trained = (stdout: string): number => stdout.match(/^trained /gm)?.length ?? 0

  it('trains what is out of date, and nothing else', { timeout: 60_000 }, async () => {
    const cwd = await examples()
    const first = make(cwd)
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(trained(first.stdout)).toBe(2)
    expect(make(cwd)).toMatchObject({ status: 0, stdout: '', stderr: '' })

    await appendFile(join(cwd, 'data/iris.csv'), '5.1,3.5,1.4,0.2,setosa\n')
    const second = make(cwd)
    expect(second).toMatchObject({ status: 0, stderr: '' })
    expect(second.stdout).toContain('saved in runs/iris\n')
    expect(trained(second.stdout)).toBe(1)

    await writeFile(join(cwd, 'iris.yaml'), `${readFileSync(join(cwd, 'iris.yaml'), 'utf8')}# a word\n`)
    const before = resultOf(join(cwd, 'runs/iris'))
    expect(make(cwd)).toMatchObject({ status: 0, stdout: expect.stringContaining('saved in runs/iris\n') })
    expect(resultOf(join(cwd, 'runs/iris'))).toEqual(before)
    expect(make(cwd)).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it('goes on with a run that was interrupted', { timeout: 60_000 }, async () => {
    const cwd = await examples()
    const target = 'runs/digits/model/model.json'
    const config = readFileSync(join(cwd, 'digits.yaml'), 'utf8')
    const long = config.replace(/epochs: \d+/, 'epochs: 400').replace(/ {2}callbacks:\n( {4}.*\n)+/, '')
    expect(long).not.toContain('early_stopping')
    await writeFile(join(cwd, 'digits.yaml'), long)
    const child = spawn('make', ['-s', NNLAB, 'NAMES=digits'], { cwd, detached: true })
    while (epochsIn(join(cwd, 'runs/digits')) === 0) await sleep(10)
    // As a terminal does: to make and to all that it has started.
    process.kill(-(child.pid ?? NaN), 'SIGINT')
    await new Promise((done) => child.on('close', done))
    expect(existsSync(join(cwd, target))).toBe(false)
    const { status, stderr } = make(cwd, target)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const events = readFileSync(join(cwd, 'runs/digits/events.jsonl'), 'utf8').trimEnd().split('\n')
    const begun = events[0] ?? ''
    const time = (line: string): number => Date.parse(String(/"time":"([^"]*)"/.exec(line)?.[1]))
    expect(begun).toContain('"event":"begin"')
    expect(
      time(readFileSync(join(cwd, 'runs/digits/run.json'), 'utf8').replace('"started": ', '"time":')),
    ).toBeLessThan(time(begun))
  })
})

describe.skipIf(!hasMake)('train --deps (needs make)', () => {
  it('names the model that another starts from, and the vectors of its words', async () => {
    const cwd = await folderOf()
    const layers = [
      { type: 'embedding', input_dim: 'vocabulary', output_dim: 1, embeddings: { path: 'vectors.txt' } },
      'flatten',
      { type: 'dense', units: 1 },
    ]
    const config = (model: object): string =>
      JSON.stringify({
        data: {
          type: 'csv',
          path: 'rows.csv',
          target: 'y',
          features: { transforms: { text: { type: 'tokens', output_sequence_length: 2 } } },
        },
        model,
        compile: { loss: 'mean_squared_error', optimizer: 'sgd' },
        fit: { epochs: 1 },
      })
    await writeFile(join(cwd, 'rows.csv'), 'text,y\na b,1\nb,2\n')
    await writeFile(join(cwd, 'vectors.txt'), 'a 1\nb 2\n')
    await writeFile(join(cwd, 'base.yaml'), config({ layers }))
    await writeFile(join(cwd, 'nnlab.yaml'), config({ weights: 'base', layers }))
    expect(await nnlab(['train', 'base.yaml', '--quiet', '--run-dir', 'base'], { cwd })).toMatchObject({
      code: 0,
    })
    const { stdout } = await nnlab(['train', '--deps', '--run-dir', 'run'], { cwd })
    expect(stdout.split(/\s+/)).toEqual(
      expect.arrayContaining(['nnlab.yaml', 'rows.csv', 'vectors.txt', 'base/model/model.json']),
    )
  })

  it('names files so that make finds them, whatever their names', async () => {
    const cwd = await folderOf()
    await mkdir(join(cwd, 'my data'))
    const names = ['my data/a b.csv', 'my data/$x#1.csv', 'my data/100%:[2]~.csv']
    for (const name of names) await writeFile(join(cwd, name), 'a,y\n1,2\n3,4\n')
    const config = (paths: readonly string[]): string =>
      JSON.stringify({
        data: { type: 'csv', path: { train: paths, test: 'my data/a b.csv' }, target: 'y' },
        model: { input: [1], layers: [{ type: 'dense', units: 1 }] },
        compile: { loss: 'mean_squared_error', optimizer: 'sgd' },
      })
    await writeFile(join(cwd, 'base.yaml'), config(names))
    await writeFile(join(cwd, 'nnlab.yaml'), 'extends: base.yaml\n')
    const { code, stdout } = await nnlab(['train', '--deps', '--run-dir', 'run 1%'], { cwd })
    expect(code).toBe(0)
    const list = '\t@printf "%s\\n" $(foreach file,$^,.) && touch made\n'
    await writeFile(join(cwd, 'Makefile'), `${stdout}${list}`)
    const made = () => spawnSync('make', ['-s', 'run 1%/model/model.json'], { cwd, encoding: 'utf8' })
    expect(made()).toMatchObject({ status: 0, stderr: '' })
    await mkdir(join(cwd, 'run 1%/model'), { recursive: true })
    await writeFile(join(cwd, 'run 1%/model/model.json'), '')
    expect(made().stdout).toBe('')
    for (const name of [...names, 'base.yaml', 'nnlab.yaml']) {
      await utimes(join(cwd, name), new Date(), new Date(Date.now() + 60_000))
      expect({ name, stdout: made().stdout }).toEqual({ name, stdout: expect.stringMatching(/^\.\n/) })
      await utimes(join(cwd, name), new Date(), new Date(Date.now() - 60_000))
    }
  })
})
