import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

describe('init', () => {
  it('writes a config that is valid as it stands', async () => {
    const cwd = await folderOf()
    expect(await nnlab(['init'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect(await nnlab(['validate'], { cwd })).toMatchObject({ code: 0, stdout: 'nnlab.yaml is valid\n' })
  })

  it('leaves a file that exists alone, unless forced', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': 'mine' })
    expect(await nnlab(['init'], { cwd })).toMatchObject({ code: 2 })
    expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toBe('mine')
    expect(await nnlab(['init', '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toContain('name: xor')
  })

  it.each([
    [
      'text classes',
      'a,b,kind\n1,2,x\n3,4,y\n5,6,z\n',
      ['units: 3, activation: softmax', 'categorical_crossentropy', 'input: [2]'],
    ],
    [
      'two classes',
      'a,b,bought\n1,2,0\n3,4,1\n5,6,1\n',
      ['units: 1, activation: sigmoid', 'binary_crossentropy'],
    ],
    [
      'a quantity',
      'a,b,price\n1,2,0.5\n3,4,1.25\n',
      ['units: 1}', 'mean_squared_error', 'mean_absolute_error'],
    ],
    ['text features', 'city,size,price\nOslo,1,0.5\nRome,2,1.5\n', ['input: [3]']],
    ['missing values', 'a,b,price\n1,,0.5\n3,4,1.25\n', ['missing: mean']],
    ['odd names', '"size, m",b,"price: $"\n1,2,0.5\n3,4,1.5\n', ['target: "price: $"']],
  ])('fits a config to a csv file with %s', async (_what, csv, expected) => {
    const cwd = await folderOf({ 'some data.csv': csv })
    expect(await nnlab(['init', '--data', 'some data.csv'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
    for (const part of expected) expect(config).toContain(part)
    expect(await nnlab(['validate'], { cwd })).toMatchObject({ code: 0, stdout: 'nnlab.yaml is valid\n' })
  })

  it('says which columns there are where the target is none of them', async () => {
    const cwd = await folderOf({ 'd.csv': 'a,b\n1,2\n' })
    const { code, stderr } = await nnlab(['init', '--data', 'd.csv', '--target', 'c'], { cwd })
    expect(code).toBe(4)
    expect(stderr).toContain('there is no column "c"')
  })
})
