import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { systemFailure } from '../src/errors.ts'
import { folderOf, nnlab } from './cli/support.ts'

it('a system call that failed is told with its path and no stack; other errors are bugs', async () => {
  const cwd = await folderOf({ file: '' })
  const file = join(cwd, 'file')
  const errors = await Promise.all(
    [readdir(file), readFile(cwd)].map((call) => call.catch((one: unknown) => one)),
  )
  const [ofFile, ofFolder] = errors.map((error) => systemFailure(error)?.message)
  expect(ofFile).toBe(`${file}: not a directory (ENOTDIR, scandir)`)
  const reading = 'illegal operation on a directory (EISDIR, read)'
  // Node names the path of a read from version 26 on.
  expect([reading, `${cwd}: ${reading}`]).toContain(ofFolder)
  expect(systemFailure(new TypeError('x is not a function'))).toBeUndefined()
  const invalid: unknown = await readFile('a\0b').catch((error: unknown) => error)
  expect(systemFailure(invalid)).toBeUndefined()
})

const CONFIG = `
name: line
data: {type: inline, inputs: [[0], [1], [2], [3]], targets: [0, 1, 2, 3]}
model: {input: [1], layers: [{type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: sgd}
fit: {epochs: 1}
`

it.each([
  ['cv', ['cv', '--folds', '2'], ['cv', '--resume']],
  ['seeds', ['train', '--seeds', '2'], ['train', '--resume']],
])('a file where the folder of the trials of %s was is no bug', async (kind, begin, resume) => {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
  expect(await nnlab([...begin, '--quiet'], { cwd })).toMatchObject({ code: 0 })
  const folder = join(cwd, 'whole')
  await cp(join(cwd, `runs/line/${kind}-001`), folder, { recursive: true })
  await rm(join(folder, 'trials'), { recursive: true })
  await writeFile(join(folder, 'trials'), '')
  const { code, stderr } = await nnlab([...resume, 'whole', '--quiet'], { cwd })
  expect(stderr).toBe(
    `error: cannot write ${folder}/trials: a file of that name is in the way\n  = move it and try again\n`,
  )
  expect(code).toBe(6)
})
