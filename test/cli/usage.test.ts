import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import packageJson from '../../package.json' with { type: 'json' }
import { argumentNames } from '../../src/cli/command.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { parseCommand } from '../../src/cli/parser.ts'
import { flagOf } from '../../src/cli/wrong-usage.ts'
import { ioOf } from '../../src/cli/io.ts'
import { folderOf, ioFor, nnlab } from './support.ts'

describe('the command line', () => {
  it('prints help to stdout', async () => {
    const { code, stdout, stderr } = await nnlab(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const { name } of commands) expect(stdout).toContain(`nnlab ${name}`)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('prints its version', async () => {
    expect(await nnlab(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })

  it.each([
    [[], 'no command given', '`nnlab --help` lists the commands'],
    [['trian'], 'unknown command "trian"', 'did you mean `nnlab train`?'],
    [['trian', 'configs/digits.yaml'], 'unknown command "trian"', 'did you mean `nnlab train`?'],
    [['--quiet', 'trian'], 'unknown command "trian"', 'did you mean `nnlab train`?'],
    [['xyzzy', '--help'], 'unknown command "xyzzy"', '`nnlab --help` lists the commands'],
    [
      ['train', '--epoch', '3'],
      'unknown option --epoch',
      'set a key of the config with --set fit.epochs=VALUE',
    ],
    [
      ['train', '--lr=3'],
      'unknown option --lr',
      'set a key of the config with --set compile.optimizer.learning_rate=VALUE',
    ],
    [['train', '--rundir', 'x'], 'unknown option --rundir', 'did you mean --run-dir?'],
    [['predict', 'x', '--digits', 'all'], '--digits must be a number from 1 to 17 or full, got "all"', ''],
    [['predict', 'x', '--digits', '18'], '--digits must be a number from 1 to 17 or full, got "18"', ''],
    [['train', '-q'], 'unknown option -q', '`nnlab train --help` lists the options'],
    [
      ['train', '--engine', 'fast'],
      '--engine must be one of auto, compiled, tfjs, got "fast"',
      'nnlab train',
    ],
    [['train', '--engine', 'tfjs', '--engine', 'auto'], '--engine may be given only once', ''],
    [['train', '--run-dir'], '--run-dir needs a value', 'usage: nnlab train [config]'],
    [['train', '--set'], '--set needs a value', 'usage: nnlab train [config]'],
    [['train', '--resume', '--fold', '1/2'], '--resume and --fold are mutually exclusive', ''],
    [['train', 'a.yaml', 'b.yaml'], 'unexpected argument "b.yaml"', 'usage: nnlab train [config]'],
    [
      ['train', 'a.yaml', 'fit.epochs=3'],
      'unexpected argument "fit.epochs=3"',
      'set a key of the config with --set fit.epochs=3',
    ],
    [['digits.yaml'], 'no command given, only the config "digits.yaml"', '`nnlab train digits.yaml`?'],
    [['train', '--engine', 'compield'], 'must be one of auto, compiled, tfjs', 'did you mean compiled?'],
    [['summary', '--resume'], 'unknown option --resume', '`nnlab train`, `nnlab cv`, `nnlab sweep` have it'],
    [['doctor', '--epochs', '3'], 'unknown option --epochs', '`nnlab doctor --help` lists the options'],
    [['verify'], 'missing argument: run (', 'usage: nnlab verify <run>'],
    [['predict'], 'missing argument: model (run folder', 'usage: nnlab predict <model> [rows]'],
    [['train', 'a.yaml', 'data'], 'unexpected argument "data"', 'usage: nnlab train [config]'],
    [['diff', 'a'], 'missing argument: b', 'usage: nnlab diff <a> <b> [more..]'],
    [
      ['evaluate', '--data', 'x.csv', '--split', 'test'],
      '--data and --split are mutually exclusive',
      'usage: nnlab evaluate [model]',
    ],
    [
      ['init', '--target', 'y'],
      '--target: there is no file of rows that it could apply to',
      'name the file that has the rows',
    ],
  ])('answers %j with exit code 2 and what to do', async (argv, message, hint) => {
    const { code, stdout, stderr } = await nnlab(argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it.each([
    ['--json', 'validate', 'configs/iris.yaml'],
    ['--data-dir', 'validate', 'validate', '--json', 'configs/iris.yaml'],
  ])('finds the command behind its options: %j', async (...argv) => {
    expect(await nnlab(argv)).toEqual({ code: 0, stdout: '{"ok":true,"diagnostics":[]}\n', stderr: '' })
  })
})

describe('validate with several files', () => {
  const GOOD = 'model: {input: [4], layers: [{type: dense, units: 3}]}\n'
  const BAD = 'model: {input: [4], layers: [{type: dense, units: 0}]}\n'

  it('gives each its verdict, and exits with 3 if any is wrong', async () => {
    const cwd = await folderOf({ 'a.yaml': GOOD, 'b.yaml': BAD, 'c.yaml': GOOD })
    const all = ['a.yaml', 'b.yaml', 'none.yaml', 'c.yaml']
    const { code, stdout, stderr } = await nnlab(['validate', ...all], { cwd })
    expect(code).toBe(3)
    expect(stdout).toBe(
      'a.yaml is valid\nb.yaml is invalid: 1 error\nnone.yaml is invalid: 1 error\nc.yaml is valid\n',
    )
    expect(stderr).toContain('b.yaml:1:')
    expect(stderr).toContain('none.yaml')
    const json = await nnlab(['validate', '--json', ...all], { cwd })
    expect(json.code).toBe(3)
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      files: [
        { file: 'a.yaml', ok: true, diagnostics: [] },
        { file: 'b.yaml', ok: false, diagnostics: [{ severity: 'error' }] },
        { file: 'none.yaml', ok: false },
        { file: 'c.yaml', ok: true },
      ],
    })
    expect(await nnlab(['validate', 'a.yaml', 'c.yaml'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    const github = await nnlab(['validate', '--format', 'github', ...all], { cwd })
    expect(github.stdout).toMatch(/^::error file=b\.yaml,.*\n::error file=none\.yaml,.*\n$/)
  })
})

it.each([
  [['train', 'digit.yaml'], 'did you mean "digits.yaml"?'],
  [['train', 'digits.yml'], 'did you mean "digits.yaml"?'],
  [['sweep', 'digits'], 'did you mean "digits.yaml"?'],
  [['evaluate', 'digits'], 'did you mean the last run of "digits.yaml"?'],
  [['predict', 'digts.yaml'], 'did you mean "digits.yaml"?'],
  [['validate', 'inherits.yaml'], 'did you mean "digits.yaml"?'],
  [['train', 'elsewhere/digits.yaml'], 'its folder does not exist either'],
  [['train', 'digits.yaml/digits.yaml'], '`nnlab init` writes a config to start from'],
  [['train', 'runs'], '`nnlab train --resume RUN` continues the run in a folder'],
  [['train', 'other.yaml'], '`nnlab init` writes a config to start from'],
])('%j of a config that is missing has a hint', async (argv, hint) => {
  const cwd = await folderOf({ 'digits.yaml': '', 'inherits.yaml': 'extends: digit.yaml', 'runs/a': '' })
  const { code, stderr } = await nnlab(argv, { cwd })
  expect(stderr).toContain(hint)
  expect(code).not.toBe(1)
})

it.each([
  ['runs/a', 'name one of those that `nnlab runs'],
  ['runs/a/sweep-001/trials', 'name one of those that `nnlab runs'],
  ['runs/a/sweep-001/trials/0002', 'trials/0002-seed-1?'],
  ['runs/a/1', 'runs/a/001?'],
  ['runs/a/0001', 'runs/a/001?'],
  ['runs/a/latst', 'runs/a/latest?'],
  ['runs/a/002', 'name a run folder such as runs/digits/latest'],
  ['runs/b/001', 'name a run folder such as runs/digits/latest'],
])('a model in %s, which is no run, has a hint', async (path, hint) => {
  const folders = ['001', 'latest', 'sweep-001/trials/0001-seed-1', 'sweep-001/trials/0002-seed-1']
  const cwd = await folderOf(Object.fromEntries(folders.map((folder) => [`runs/a/${folder}/run.json`, '{}'])))
  const { code, stderr } = await nnlab(['predict', path, 'rows.csv'], { cwd })
  expect(stderr).toContain(hint)
  expect(code).toBe(6)
})

describe.each(commands)('nnlab $name', ({ name, usage, options, examples }) => {
  it('has a help text that fits a terminal, and prints it for `help` too', async () => {
    const { code, stdout, stderr } = await nnlab([name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`nnlab ${name} ${usage}`.trimEnd())
    for (const option of Object.keys(options)) expect(stdout).toContain(flagOf(option))
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(await nnlab(['help', name])).toEqual({ code, stdout, stderr })
  })

  it('survives options that are given twice, and refuses two strings for one', async () => {
    const cwd = await folderOf()
    for (const [option, { type }] of Object.entries(options)) {
      const word = type === 'boolean' ? [`--${flagOf(option)}`] : [`--${flagOf(option)}`, '1']
      if (argumentNames(usage).includes(option)) continue
      const args = [...usage.matchAll(/<\w+(?:\.\.)?>/g)].map(() => 'x')
      const { code, stderr } = await nnlab([name, ...args, ...word, ...word], { cwd })
      expect(stderr).not.toContain('internal error')
      if (type === 'string') {
        expect(code).toBe(2)
        expect(stderr).toContain(`--${flagOf(option)} `)
      }
    }
  })

  it('has examples that parse', async () => {
    for (const [line] of examples) {
      const [program, ...argv] = line.replace(/ >> .*$/, '').split(' ')
      expect(program).toBe('nnlab')
      await expect(parseCommand(argv, ioOf(ioFor({})))).resolves.toBeTypeOf('function')
    }
  })

  it('is tested', () => {
    const folder = new URL('./', import.meta.url)
    const tests = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'))
    expect(tests.some((text) => text.includes(`nnlab(['${name}'`))).toBe(true)
  })
})
