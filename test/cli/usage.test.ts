import { describe, expect, it } from 'vitest'

import packageJson from '../../package.json' with { type: 'json' }
import { nnlab } from './support.ts'

describe('the command line', () => {
  it('prints help to stdout', async () => {
    const { code, stdout, stderr } = await nnlab(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of [
      'init',
      'validate',
      'summary',
      'train',
      'evaluate',
      'predict',
      'schema',
      'explain',
    ])
      expect(stdout).toContain(`nnlab ${command}`)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('prints its version', async () => {
    expect(await nnlab(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })

  it.each([
    [[], 'no command given', '`nnlab --help` lists the commands'],
    [['trian'], 'there is no command "trian"', 'did you mean `nnlab train`?'],
    [['trian', 'configs/digits.yaml'], 'there is no command "trian"', 'did you mean `nnlab train`?'],
    [
      ['train', '--epoch', '3'],
      'there is no option --epoch',
      'set a key of the config with --set fit.epochs=VALUE',
    ],
    [
      ['train', '--engine', 'fast'],
      '--engine must be one of auto, compiled, tfjs, got "fast"',
      'nnlab train',
    ],
    [['train', 'a.yaml', 'b.yaml'], '"b.yaml"', ''],
    [['evaluate', '--data', 'x.csv', '--split', 'test'], 'mutually exclusive', ''],
    [['init', '--target', 'y'], '--target goes with --data', 'name the csv file that has the column'],
  ])('answers %j with exit code 2 and what to do', async (argv, message, hint) => {
    const { code, stdout, stderr } = await nnlab(argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})
