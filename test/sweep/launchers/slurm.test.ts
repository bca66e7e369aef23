import { execFileSync } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { afterEach, describe, expect, it, vi } from 'vitest'

import { logOption, requireSlurm, slurmScript } from '../../../src/sweep/launchers/slurm.ts'
import { folderOf, nnlab } from '../../cli/support.ts'

const OPTIONS = {
  folder: "/home/o'hara/runs/digits/sweep-001",
  name: 'digits',
  tasks: 3,
  options: ['partition=debug', 'time=60', 'exclusive'],
  program: ['/usr/bin/node', '/opt/nnlab/bin/nnlab.js'],
  worker: ['sweep', 'worker', "/home/o'hara/runs/digits/sweep-001"],
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the script for Slurm', () => {
  it('is an array of workers with the options of sbatch, which bash can read', () => {
    const script = slurmScript(OPTIONS)
    expect(script).toContain('#SBATCH --array=0-2\n')
    expect(script).toContain('#SBATCH --partition=debug\n#SBATCH --time=60\n#SBATCH --exclusive\n')
    expect(execFileSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toBe('')
  })

  it('takes any path as it is', () => {
    const folder = '/a\ntouch b; $(touch c) "d" 100%/sweep-001'
    const worker = ['%s|', 'sweep', folder]
    const script = slurmScript({ ...OPTIONS, program: ['/usr/bin/printf'], worker })
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe(`sweep|${folder}|`)
    expect(script.split('\n').filter((line) => line.startsWith('touch'))).toHaveLength(1)
    expect(logOption({ ...OPTIONS, folder })).toEqual([
      `--output=${folder.replace('100%', '100%%')}/slurm/%a.log`,
    ])
    expect(logOption({ ...OPTIONS, options: ['output=/logs/%A'] })).toEqual([])
  })

  it('refuses what is not an option of sbatch', async () => {
    const wrong = { options: ['time=1\n#SBATCH --wrap=x'] }
    await expect(requireSlurm(wrong)).rejects.toThrow('is not an option of sbatch')
  })

  it('refuses limits that end tasks before they have done anything', async () => {
    const folder = await folderOf({ sbatch: '#!/bin/bash\n' })
    await chmod(join(folder, 'sbatch'), 0o755)
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
    await expect(requireSlurm({ options: ['time=2'] })).rejects.toThrow('time=2 is too short')
    for (const options of [['time=2', 'signal=B:USR1@20'], ['time=3'], ['time=1:00:00'], ['time=2-0']]) {
      await expect(requireSlurm({ options })).resolves.toBeUndefined()
      expect(slurmScript({ ...OPTIONS, options })).toContain(`--${options[0]}`)
    }
  })

  it('refuses machines without Slurm', async () => {
    vi.stubEnv('PATH', await folderOf({}))
    await expect(requireSlurm({ options: [] })).rejects.toThrow('there is no sbatch on this machine')
  })

  it('stops the worker and requeues its task at the signal of the time limit', async () => {
    const folder = await folderOf({
      worker:
        '#!/bin/bash\ntrap "echo stopped; exit 143" TERM\nsleep 0.5\nkill -USR1 $PPID\nwhile :; do sleep 0.1; done\n',
      scontrol: '#!/bin/bash\necho "$@"\n',
    })
    for (const name of ['worker', 'scontrol']) await chmod(join(folder, name), 0o755)
    const script = slurmScript({ ...OPTIONS, program: [join(folder, 'worker')] })
    const env = {
      ...process.env,
      PATH: `${folder}:${process.env['PATH']}`,
      SLURM_ARRAY_JOB_ID: '8',
      SLURM_ARRAY_TASK_ID: '2',
    }
    const output = execFileSync('bash', ['-c', script], { env, encoding: 'utf8', timeout: 20_000 })
    expect(output).toBe('stopped\nrequeue 8_2\n')
  })
})

const ROWS = `
name: line
data: {type: inline, inputs: [[0], [1], [2], [3]], targets: [0, 1, 2, 3], split: {validation: 0.5}}
model: {input: [1], layers: [{type: dense, units: 1}]}
compile: {loss: mean_squared_error}
fit: {epochs: 2}
`

/** Runs nnlab where the programs of Slurm are those of a folder. */
async function onSlurm(argv: readonly string[], cwd: string, programs: string) {
  const [path, script] = [process.env['PATH'], process.argv[1] ?? '']
  process.env['PATH'] = programs
  process.argv[1] = resolve('bin/nnlab.js')
  try {
    return await nnlab([...argv, '--on', 'slurm'], { cwd })
  } finally {
    process.env['PATH'] = path
    process.argv[1] = script
  }
}

/** A folder of programs for the shell, before those of the system. */
async function programsOf(programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = await folderOf(programs)
  for (const name of Object.keys(programs)) await chmod(join(folder, name), 0o755)
  return `${folder}:${process.env['PATH']}`
}

describe('--on slurm', () => {
  it('tells where Slurm is not', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': ROWS })
    const { code, stderr } = await onSlurm(['sweep', 'fit.epochs=1'], cwd, '/nowhere')
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('there is no sbatch') })
  })

  it('tells in one line why sbatch refuses', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': ROWS })
    const refusal = '#!/bin/bash\necho "error: invalid partition\nerror: submission failed" >&2; exit 1\n'
    const { code, stderr } = await onSlurm(
      ['sweep', 'fit.epochs=1'],
      cwd,
      await programsOf({ sbatch: refusal }),
    )
    expect({ code, stderr }).toEqual({
      code: 6,
      stderr: expect.stringContaining('sbatch: error: invalid partition; error: submission failed\n'),
    })
  })

  it('tells that all tasks have ended before their time', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': ROWS })
    const programs = await programsOf({ sbatch: '#!/bin/bash\necho 8\n', squeue: '#!/bin/bash\n' })
    const { code, stderr } = await onSlurm(['cv', '--folds', '2'], cwd, programs)
    expect(code).toBe(6)
    expect(stderr).toContain('all tasks of job 8 have ended before all trials are complete')
    expect(stderr).toContain('nnlab cv --resume ')
  })

  it.each([
    ['folds', ['cv', '--folds', '2']],
    ['seeds', ['train', '--seeds', '2']],
  ])(
    'trains %s in tasks, to the bits of one process',
    async (_, argv) => {
      const [here, there] = [await folderOf({ 'nnlab.yaml': ROWS }), await folderOf({ 'nnlab.yaml': ROWS })]
      const wanted = await nnlab([...argv, '--json', '--quiet'], { cwd: here })
      const programs = await programsOf({
        sbatch:
          '#!/bin/bash\nfor task in 0 1; do SLURM_ARRAY_TASK_ID=$task bash "${@: -1}" >/dev/null 2>&1 & done\necho 8\n',
        squeue: '#!/bin/bash\necho 8_0\n',
      })
      const found = await onSlurm([...argv, '--json', '--quiet'], there, programs)
      expect(found.code).toBe(0)
      expect(JSON.parse(found.stdout)).toEqual(JSON.parse(wanted.stdout))
    },
    60_000,
  )

  it('is refused for a single training', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': ROWS })
    const { code, stderr } = await onSlurm(['train'], cwd, '/nowhere')
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('--on: one training has no'),
    })
  })
})
