import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { bytesOf, float32Of } from '../../bytes-of.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { NamedArray, NamedColumn, ProgramAnswer, ProgramOutput, ProgramRequest } from '../program.ts'
import { doubleLiteral, stringLiteral } from './code.ts'
import { identifiers } from './names.ts'

const COMPILERS = ['cc', 'gcc', 'clang']
const STRICT = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-pedantic', '-O1']

/** Predictions of an exported folder, compiled by a C compiler that is here. */
export function inC(request: ProgramRequest): Promise<ProgramAnswer> {
  return withCompiler((compiler) => compiledWith(compiler, request))
}

/** The same of its network, for encoded rows. */
export function networkInC(request: ProgramRequest): Promise<ProgramAnswer> {
  return withCompiler((compiler) => networkWith(compiler, request))
}

function withCompiler(run: (compiler: string) => Promise<ProgramAnswer>): Promise<ProgramAnswer> {
  const compiler = COMPILERS.find((name) => spawnSync(name, ['--version']).status === 0)
  return compiler === undefined
    ? Promise.resolve({ absent: `none of ${COMPILERS.join(', ')} is here` })
    : run(compiler)
}

export function compiledWith(
  compiler: string,
  request: ProgramRequest,
  flags: readonly string[] = [],
): Promise<ProgramAnswer> {
  return answered(compiler, request.path, mainProgram(request), flags, (run) =>
    readResults(run().toString('utf8'), request.names),
  )
}

export function networkWith(
  compiler: string,
  { path, inputs, names }: ProgramRequest,
): Promise<ProgramAnswer> {
  const rows = inputs[0]?.shape[0] ?? 0
  const sizes = inputs.map(({ shape }) => sizeOf(shape) / rows)
  const given = Array.from({ length: rows }, (_, row) =>
    inputs.map(({ data }, n) =>
      Float32Array.from(data.slice(row * (sizes[n] ?? 0), (row + 1) * (sizes[n] ?? 0)), Number),
    ),
  ).flat()
  return answered(compiler, path, networkProgram(inputs.length, names.length), [], (run) => {
    const numbers = float32Of(run(Buffer.concat(given.map(bytesOf))))
    const lengths = numbers.subarray(0, names.length)
    const total = lengths.reduce((sum, length) => sum + length, 0)
    let before = names.length
    return Array.from(lengths, (length) => {
      const first = before
      before += length
      return Float32Array.from(
        { length: rows * length },
        (_, i) => numbers[first + Math.floor(i / length) * total + (i % length)] ?? NaN,
      )
    })
  })
}

/** Compiles an exported folder and a program with it; `read` runs that. */
async function answered(
  compiler: string,
  path: string,
  source: string,
  flags: readonly string[],
  read: (run: (stdin?: Uint8Array) => Buffer) => readonly ProgramOutput[],
): Promise<ProgramAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-c-'))
  const run = (program: string, args: readonly string[], input?: Uint8Array): Buffer => {
    const { status, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 2 ** 30 })
    if (status === 0) return stdout
    const lines = stderr.toString('utf8').split('\n')
    throw new Error(lines.find((line) => line.includes('error')) ?? `it ended with ${status}`)
  }
  try {
    const [main = '', object = '', program = ''] = ['main.c', 'model.o', 'main'].map((name) =>
      join(folder, name),
    )
    await writeFile(main, source)
    run(compiler, [...STRICT, ...flags, '-c', join(path, 'model.c'), '-o', object])
    const objects = source.includes('"model.c"') ? [] : [object]
    run(compiler, ['-std=c11', '-O1', ...flags, `-I${path}`, main, ...objects, '-lm', '-o', program])
    const version = /\d+\.\d+(\.\d+)?/.exec(run(compiler, ['--version']).toString('utf8'))?.[0] ?? ''
    return { version: `(${compiler} ${version})`, outputs: read((stdin) => run(program, [], stdin)) }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A program that takes the numbers of encoded rows, and writes the lengths of the outputs and then their numbers, row by row. */
function networkProgram(inputs: number, outputs: number): string {
  const numbered = (count: number, text: (n: number) => string): string[] =>
    Array.from({ length: count }, (_, n) => text(n))
  const lengths = numbered(outputs, (n) => `output_${n}_length`)
  return `#include <stdio.h>
#include "model.c"

int main(void) {
  const float lengths[] = {${lengths.join(', ')}};
  fwrite(lengths, sizeof lengths, 1, stdout);
  while (${numbered(inputs, (n) => `fread(input_${n}, sizeof input_${n}, 1, stdin) == 1`).join(' && ')}) {
    run_network();
${numbered(outputs, (n) => `    fwrite(output_${n}, sizeof(float), output_${n}_length, stdout);\n`).join('')}  }
  return 0;
}
`
}

/** A program that prints the results for some rows, or windows of rows, a line each: a number, or the bytes of a label. */
function mainProgram({ inputs, names, span = 1 }: ProgramRequest): string {
  const predictions = inputs[0]?.shape[0] ?? 0
  const rows = predictions * span
  const fields = identifiers(inputs.map(({ name }) => name))
  const rowIn = (row: number): string =>
    inputs.map((one) => `.${fields.get(one.name) ?? ''} = ${valueIn(one, row, rows)}`).join(', ')
  const written = Array.from({ length: rows }, (_, row) => `{${rowIn(row)}}`)
  const prints = names.map((name, n) => `    PRINT(${n}, result.${fieldOf(name, names)});`)
  return `#include <math.h>
#include <stdio.h>
#include "model.h"

static const struct model_row rows[${rows}] = {
${written.join(',\n')}
};

static void print_label(int result, const void *labels, size_t bytes) {
  const char *const *label = labels;
  for (size_t i = 0; i < bytes / sizeof *label; i++) {
    printf("%d L", result);
    for (const char *c = label[i]; *c != 0; c++) printf("%02x", (unsigned char)*c);
    printf("\\n");
  }
}
static void print_float(int result, const void *numbers, size_t bytes) {
  const float *number = numbers;
  for (size_t i = 0; i < bytes / sizeof *number; i++) printf("%d N%.9g\\n", result, number[i]);
}
static void print_double(int result, const void *numbers, size_t bytes) {
  const double *number = numbers;
  for (size_t i = 0; i < bytes / sizeof *number; i++) printf("%d N%.17g\\n", result, number[i]);
}
#define PRINT(n, x) \\
  _Generic((x), const char *: print_label, const char **: print_label, float *: print_float, \\
    default: print_double)(n, &(x), sizeof(x))

int main(void) {
  for (int i = 0; i < ${predictions}; i++) {
    struct model_prediction result;
    const int refused = model_predict(&rows[i * ${span}], &result);
    if (refused != 0) {
      fprintf(stderr, "error: column %d of row %d is refused\\n", refused, i + 1);
      return 1;
    }
${prints.join('\n')}
  }
  return 0;
}
`
}

/** The field of a result: that of an output is in a struct of its name. */
function fieldOf(name: string, names: readonly string[]): string {
  const outputs = [...new Set(names.map((one) => one.replace(/\.?\w+$/, '')))]
  const [, output = '', field = name] = /^(.*)\.(\w+)$/.exec(name) ?? []
  return output === '' ? field : `${identifiers(outputs).get(output) ?? ''}.${field}`
}

function valueIn({ data }: NamedArray | NamedColumn, row: number, rows: number): string {
  const size = data.length / rows
  const values = [...data.slice(row * size, (row + 1) * size)].map((value) =>
    typeof value === 'number' ? doubleLiteral(value) : stringLiteral(value),
  )
  return size === 1 ? (values[0] ?? '') : `{${values.join(', ')}}`
}

function readResults(printed: string, names: readonly string[]) {
  const lines = printed.trimEnd().split('\n')
  return names.map((_, n) => {
    const own = lines.flatMap((line) => (line.startsWith(`${n} `) ? [line.slice(`${n} `.length)] : []))
    return own[0]?.startsWith('L')
      ? own.map((line) => Buffer.from(line.slice(1), 'hex').toString('utf8'))
      : Float32Array.from(own, (line) => Number(line.slice(1).replace('inf', 'Infinity')))
  })
}
