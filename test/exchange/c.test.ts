import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'

import { compiledWith } from '../../src/exchange/c/compiler.ts'
import { identifiers } from '../../src/exchange/c/names.ts'
import { StaticMemory } from '../../src/exchange/c/memory.ts'
import { ProgramWriter } from '../../src/exchange/c/program.ts'
import { c } from '../../src/exchange/c/index.ts'
import { floatLiteral, stringLiteral } from '../../src/exchange/c/code.ts'
import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import type { Program } from '../../src/ir/ir.ts'
import { required } from '../../src/step/step-program.ts'
import { inputsOf, MAKERS, randomProgram } from '../ir/random-program.ts'
import type { Feature, OutputState } from '../../src/runtime/preprocessing.ts'
import { modelToExport } from './model.ts'

const compilers = ['gcc', 'clang'].filter((name) => spawnSync(name, ['--version']).status === 0)
const STRICT = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-pedantic']
const IN_TRAINING = [
  'random',
  'scatter_add',
  'convolution_kernel_gradient',
  'max_pool_gradient',
  'average_pool_gradient',
]

function folderFor(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nnlab-c-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function isOfPredictions({ values }: Program): boolean {
  return values.every(
    (value) => !IN_TRAINING.includes(value.op) && (value.op !== 'scan' || isOfPredictions(value.body)),
  )
}

/** Small programs, some that end with each op. */
const programs = Object.entries(MAKERS)
  .filter(([op]) => !IN_TRAINING.includes(op))
  .flatMap(([, last], seed) =>
    fc
      .sample(randomProgram({ operations: 3, last }), { numRuns: 12, seed })
      .filter(isOfPredictions)
      .slice(0, 4),
  )

/** The outputs of programs, one line for each, as a compiled program prints them. */
function printed(compiler: string): number[][] {
  const writer = new ProgramWriter()
  for (const program of programs) {
    const inputs = inputsOf(program)
    const given = new Map<string, string>()
    const arrayOf = (name: string): string => {
      const numbers = required(inputs, name)
      const isWhole = program.inputs.get(name)?.dtype === 'i32'
      const array = given.get(name) ?? writer.constant('given', isWhole ? Int32Array.from(numbers) : numbers)
      given.set(name, array)
      return array
    }
    for (const [name, array] of writer.write(program, arrayOf)) {
      const { shape = [] } = program.outputs.get(name) ?? {}
      writer.code.loop(sizeOf(shape), (i) => writer.code.line(`printf(" %.9g", (double)${array}[${i}]);`))
    }
    writer.code.line('printf("\\n");')
  }
  const folder = folderFor()
  const [file, program] = [join(folder, 'all.c'), join(folder, 'all')]
  const head = '#include <math.h>\n#include <stdio.h>\n#include <string.h>\n'
  writeFileSync(
    file,
    `${head}${writer.declarations}\nint main(void) {\n${writer.code.toString()}  return 0;\n}\n`,
  )
  const { stderr } = spawnSync(compiler, [...STRICT, file, '-lm', '-o', program], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const { stdout } = spawnSync(program, [], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .trim()
        .split(' ')
        .map((word) => Number(word.replace('inf', 'Infinity'))),
    )
}

describe.skipIf(compilers.length === 0)('ops of the IR as C (needs gcc or clang)', () => {
  it.each(compilers)(
    'compute what the interpreter computes, compiled by %s without a warning',
    (compiler) => {
      const lines = printed(compiler)
      const apart = programs.filter((program, n) => {
        const wanted = [...interpret(program, inputsOf(program)).values()].flatMap((values) => [...values])
        const found = lines[n] ?? []
        return !wanted.every(
          (x, i) => Object.is(x, found[i]) || Math.abs(x - (found[i] ?? NaN)) <= 1e-4 * (1 + Math.abs(x)),
        )
      })
      expect(apart.map((program) => String(fc.stringify(program)))).toEqual([])
    },
    60_000,
  )
})

describe('an exported C file', () => {
  const outputs: OutputState[] = [
    { kind: 'numbers', name: 'price', shape: [1], columns: ['price'], scalings: [] },
    {
      kind: 'classes',
      name: 'double',
      shape: [3],
      columns: ['kind'],
      classes: ['a "b"', 'ü??/', 'c\n'],
      form: 'labels',
      probabilities: 'softmax',
    },
  ]
  const features: Feature[] = [
    {
      kind: 'number',
      column: 'class',
      fill: 2.5,
      indicator: true,
      scaling: { subtract: 1e9, multiply: 0.25 },
    },
    {
      kind: 'encoded',
      column: 'a */ b',
      transform: 'ordinal',
      state: { categories: ['low', 'mid', '2'], unseen: 'error' },
    },
    {
      kind: 'array',
      column: 'a_b',
      shape: [2],
      scalings: [
        { subtract: 1, multiply: 2 },
        { subtract: 0, multiply: 3 },
      ],
    },
  ]
  const model = {
    ...modelToExport(
      {
        inputs: { all: [5] },
        layers: [
          { type: 'dense', units: 1, name: 'price', from: 'all' },
          { type: 'dense', units: 3, name: 'double', from: 'all' },
        ],
        outputs: ['price', 'double'],
      },
      { loss: { type: 'huber', delta: 1 }, optimizer: 'sgd' },
    ),
    preprocessing: {
      version: 2,
      inputs: [{ name: 'all', shape: [5], features }],
      outputs,
      missing: 'error' as const,
    },
  }

  it.skipIf(compilers.length === 0).each(compilers)(
    'with names that C does not take, several outputs and any text compiles with %s without a warning',
    async (compiler) => {
      const folder = folderFor()
      const written = c.write(model, (what) => expect.unreachable(what))
      for (const [name, text] of 'folder' in written ? written.folder : [])
        writeFileSync(join(folder, name), text)
      const inputs = [
        { name: 'class', shape: [2, 1], data: Float64Array.of(NaN, 1e9) },
        { name: 'a */ b', shape: [2, 1], data: ['mid', '2'] },
        { name: 'a_b', shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
      ]
      const names = ['price.prediction', 'double.prediction', 'double.probabilities']
      const answer = await compiledWith(compiler, { path: folder, inputs, names })
      expect(answer).toMatchObject({ outputs: [{ length: 2 }, { length: 2 }, { length: 6 }] })
      const refused = await compiledWith(compiler, {
        path: folder,
        inputs: inputs.map((input) =>
          input.name === 'a */ b' ? { ...input, data: ['mid', 'high'] } : input,
        ),
        names,
      })
      expect(refused).toEqual({ failed: 'error: column 2 of row 2 is refused' })
    },
  )

  it('is refused where small letters depend on those around them', () => {
    const refused: string[] = []
    const words: Feature = {
      kind: 'encoded',
      column: 'text',
      transform: 'tokens',
      state: { words: ['λόγος'], length: 3, standardize: 'lower', split: 'whitespace' },
    }
    const preprocessing = {
      ...model.preprocessing,
      inputs: [{ name: 'all', shape: [3], features: [words] }],
    }
    c.write({ ...model, preprocessing }, (what) => void refused.push(what))
    expect(refused).toEqual(['column text: words in lower case with a Greek sigma'])
  })
})

describe('C code', () => {
  it('names columns by identifiers of their own', () => {
    expect([...identifiers(['a b', 'a_b', '3d', 'int', 'größe'])]).toEqual([
      ['a b', 'a_b'],
      ['a_b', 'a_b_2'],
      ['3d', 'x3d'],
      ['int', 'int_'],
      ['größe', 'gr__e'],
    ])
  })

  it('writes float32 in the fewest digits that tell them apart, and strings as bytes', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(Number(floatLiteral(value).slice(0, -1)))).toBe(value)
      }),
    )
    expect([0.1, -0, Infinity, NaN, 1e10].map((x) => floatLiteral(Math.fround(x)))).toEqual([
      '0.1f',
      '-0.0f',
      'INFINITY',
      'NAN',
      '10000000000.0f',
    ])
    expect(stringLiteral('a"ü?')).toBe('"a\\042\\303\\274\\077"')
  })

  it('writes an element over the one that it is made of, unless another needs it', () => {
    const b = new Builder()
    const x = b.exp(b.input('x', [4]))
    const writer = new ProgramWriter()
    writer.write(b.program([['y', b.neg(b.relu(b.add(x, b.sum(x))))]]), () => 'x')
    expect(writer.declarations).toContain('static float memory[5];')
  })

  it('uses memory again that was given back, and never for two arrays at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ length: fc.integer({ min: 1, max: 9 }), gives: fc.nat(20) })),
        (steps) => {
          const memory = new StaticMemory()
          const held: { start: number; length: number }[] = []
          let most = 0
          for (const { length, gives } of steps) {
            const [given] = gives < held.length ? held.splice(gives, 1) : []
            if (given) memory.give(given.start, given.length)
            const start = memory.take(length)
            for (const other of held)
              expect(start + length <= other.start || other.start + other.length <= start).toBe(true)
            held.push({ start, length })
            most = Math.max(most, ...held.map((one) => one.start + one.length))
          }
          expect(memory.size).toBe(most)
        },
      ),
    )
  })
})
