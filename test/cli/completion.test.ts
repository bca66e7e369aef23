import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

import { commands } from '../../src/cli/commands/index.ts'
import { newRowsTypes } from '../../src/components/sources/index.ts'
import { folderOf, nnlab } from './support.ts'

async function completed(line: string, cwd = process.cwd()): Promise<string[]> {
  const { code, stdout, stderr } = await nnlab(['--get-completions', line], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n').slice(0, -1)
}

async function folderWithRuns(): Promise<string> {
  const folder = await folderOf()
  for (const run of ['runs/iris/001', 'runs/iris/002', 'runs/digits/001', 'runs/iris/cv-001']) {
    await mkdir(join(folder, run), { recursive: true })
  }
  return folder
}

describe('completion', () => {
  it('completes commands', async () => {
    expect(await completed('nnlab ')).toEqual(commands.map(({ name }) => name))
    expect(await completed('nnlab v')).toEqual(['validate', 'verify'])
    expect(await completed('nnlab --')).toEqual(['--data-dir', '--help'])
  })

  it('completes the options that are not there yet; --set as often as it is wanted', async () => {
    const others = ['--data', '--set', '--output', '--format']
    expect(await completed('nnlab summary --')).toEqual([...others, '--json', '--data-dir', '--help'])
    expect(await completed('nnlab summary --json --set seed=2 --')).toEqual([
      ...others,
      '--data-dir',
      '--help',
    ])
    expect(await completed('nnlab diff --')).toEqual(['--json', '--data-dir', '--help'])
  })

  it('completes the choices of an option, behind a space or an equals sign', async () => {
    expect(await completed('nnlab train --engine ')).toEqual(['auto', 'compiled', 'tfjs'])
    expect(await completed('nnlab train a.yaml --engine=c')).toEqual(['--engine=compiled'])
    expect(await completed('nnlab completion ')).toEqual(['bash', 'zsh'])
  })

  it('completes the sources that read new rows', async () => {
    expect(await completed('nnlab predict runs/iris/001 --from ')).toEqual(newRowsTypes)
    expect(newRowsTypes).toContain('parquet')
  })

  it('completes the folders of runs', async () => {
    const cwd = await folderWithRuns()
    expect(await completed('nnlab verify ', cwd)).toEqual([
      'runs/digits/001',
      'runs/iris/001',
      'runs/iris/002',
    ])
    expect(await completed('nnlab diff runs/iris/001 runs/d', cwd)).toEqual(['runs/digits/001'])
    expect(await completed('nnlab diff a b runs/d', cwd)).toEqual(['runs/digits/001'])
    expect(await completed('nnlab train --resume runs/iris/002', cwd)).toEqual(['runs/iris/002'])
    expect(await completed('nnlab evaluate --quiet --backend cpu runs/d', cwd)).toEqual(['runs/digits/001'])
  })

  it('completes configs, and the runs that commands take in their place', async () => {
    const cwd = await folderOf({ 'iris.yaml': '', 'rows.csv': '', 'configs/digits.yml': '' })
    await mkdir(join(cwd, 'runs/iris/001'), { recursive: true })
    for (const command of ['validate', 'data', 'cv', 'train', 'explain --ir']) {
      expect(await completed(`nnlab ${command} `, cwd)).toEqual(['iris.yaml'])
      expect(await completed(`nnlab ${command} configs/d`, cwd)).toEqual(['configs/digits.yml'])
    }
    for (const command of ['predict', 'evaluate', 'summary'])
      expect(await completed(`nnlab ${command} `, cwd)).toEqual(['iris.yaml', 'runs/iris/001'])
  })

  it('knows the short names of options', async () => {
    expect(await completed('nnlab predict iris.yaml rows.csv -o ')).toEqual([])
    expect(await completed('nnlab cv -j 2 --eng')).toEqual(['--engine'])
  })

  it('leaves files to the shell', async () => {
    const cwd = await folderWithRuns()
    for (const line of ['train --run-dir ', 'predict runs/iris/001 ', 'predict rows.cs', 'verify a ']) {
      expect(await completed(`nnlab ${line}`, cwd)).toEqual([])
    }
  })

  it('completes the keys of a config, and the components that one may hold', async () => {
    expect(await completed('nnlab train --set fit.e')).toEqual(['fit.epochs=', 'fit.engine='])
    expect(await completed('nnlab train --set=fit.ep')).toEqual(['--set=fit.epochs='])
    expect(await completed('nnlab train --set compile.optimizer')).toEqual([
      'compile.optimizer=',
      'compile.optimizer.',
    ])
    expect(await completed('nnlab train --set compile.optimizer.beta')).toEqual(
      expect.arrayContaining(['compile.optimizer.beta_1=', 'compile.optimizer.beta_2=']),
    )
    expect(await completed('nnlab train --set model.layers[0].unit')).toContain('model.layers[0].units=')
    expect(await completed('nnlab train --set compile.optimizer=adamw')).toEqual(['compile.optimizer=adamw'])
  })

  it('completes sections, keys, families and components to explain', async () => {
    expect(await completed('nnlab explain ls')).toEqual(['lstm'])
    expect(await completed('nnlab explain loss')).toEqual(['losses'])
    expect(await completed('nnlab explain fit fit.bat')).toEqual(['fit.batch_size'])
    expect(await completed('nnlab explain co')).toEqual(
      expect.arrayContaining(['compile', 'conv2d', 'constraints']),
    )
  })

  it('prints nothing where there is nothing to complete, whatever is wrong', async () => {
    for (const line of ['nnlab zz', 'nnlab trian ', 'nnlab train --set no.such.key.', 'nnlab doctor ']) {
      expect(await completed(line, '/no/such/folder')).toEqual([])
    }
    expect(await completed('nnlab verify ', '/no/such/folder')).toEqual([])
  })
})

describe('nnlab completion', () => {
  it('prints a script for the shell that is named, or that runs', async () => {
    const bash = await nnlab(['completion', 'bash'])
    const zsh = await nnlab(['completion', 'zsh'])
    expect(bash).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^# nnlab completion for bash/),
    })
    expect(zsh).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/^#compdef nnlab\n/) })
    expect(await nnlab(['completion'], { env: { SHELL: '/usr/bin/zsh' } })).toEqual(zsh)
    expect(await nnlab(['completion'], { env: { SHELL: '/bin/bash' } })).toEqual(bash)
    expect(await nnlab(['completion'])).toEqual(bash)
  })

  it('is a script that bash runs without a word to the terminal', async () => {
    const { stdout: script } = await nnlab(['completion', 'bash'])
    // Stands in for nnlab: a line on stderr, and completions that tell what it was asked.
    const program = `nnlab() { echo noise >&2; case $2 in *=ad) printf '%s\\n' o=adam o=adamw;; *) echo "$2";; esac; }
      compopt() { echo compopt; }`
    const ask = (line: string, point = line.length): Promise<{ stdout: string; stderr: string }> =>
      promisify(execFile)('bash', [
        '-c',
        `${program}\n${script}\nCOMP_LINE=$1 COMP_POINT=$2; _nnlab; printf '[%s]' "\${COMPREPLY[@]}"`,
        'bash',
        line,
        String(point),
      ])
    expect(await ask('nnlab train', 9)).toEqual({ stdout: '[nnlab tra]', stderr: '' })
    expect(await ask('nnlab --set o=ad')).toEqual({ stdout: '[adam][adamw]', stderr: '' })
    expect(await ask('nnlab --set fit.')).toEqual({
      stdout: 'compopt\n[nnlab --set fit.]',
      stderr: '',
    })
  })
})
