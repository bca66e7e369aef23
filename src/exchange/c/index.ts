import { optimize } from '../../ir/passes/index.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { workOf } from '../../ir/work.ts'
import { required } from '../../step/step-program.ts'
import { sizeOf } from '../../ir/ir.ts'
import { shapeOf } from '../../model/graph.ts'
import { vocabulariesOf } from '../../model/vocabularies.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import { spanOf } from '../../runtime/window.ts'
import { rangesOf, spacedRows } from '../calibrate.ts'
import { knownValues } from '../known-values.ts'
import type { NamedArray } from '../program.ts'
import type { ExchangeFormat, ModelToExport, Refuse } from '../format.ts'
import { forwardOf } from '../forward.ts'
import { inC, networkInC } from './compiler.ts'
import { int8Operations, ROUNDING } from './int8.ts'
import type { Int8Operation } from './int8.ts'
import { Code, commentText } from './code.ts'
import { ProgramWriter } from './program.ts'
import { classNames, resultFields, resultStatements } from './results.ts'
import { encodeFunction, lackingTransforms, rowFields } from './row.ts'

/** A C99 file and its header: raw rows in, labels or numbers out; static memory, and nothing but the standard library. */
export const c: ExchangeFormat = {
  type: 'c',
  summary: 'a folder with model.c and model.h: C99 that needs the standard library alone',
  takesRawRows: true,
  write: (model, refuse) => ({ folder: cFolder(model, undefined, refuse) }),
  writeInt8: (model, rows, refuse) => ({ folder: cFolder(model, rows, refuse) }),
  check: { program: 'C', compares: 'predictions', answer: inC },
  networkCheck: { program: 'C', compares: 'predictions', answer: networkInC },
}

/** `rows` tell the ranges of numbers for a model in int8. */
function cFolder(
  model: ModelToExport,
  rows: readonly NamedArray[] | undefined,
  refuse: Refuse,
): Map<string, string> {
  const { preprocessing } = model
  const lacking = lackingTransforms(preprocessing)
  if (lacking.length > 0) {
    lacking.forEach(refuse)
    return new Map()
  }
  return new Map([
    ['model.h', header(model)],
    ['model.c', source(model, rows)],
  ])
}

function header({ name, preprocessing }: ModelToExport): string {
  const { window } = preprocessing
  const span = window
    ? `/* Rows of a time series that a prediction takes. */\n#define MODEL_ROWS ${spanOf(window)}\n\n`
    : ''
  const what = window ? 'what follows MODEL_ROWS rows of a time series' : 'for a row'
  return `/* ${commentText(name)}: predictions of a model that was trained with nnlab. C99, with libm. */
#ifndef NNLAB_MODEL_H
#define NNLAB_MODEL_H

${span}/* A raw row. A missing number is NAN, a missing string is NULL or "". Strings are UTF-8. */
struct model_row {
${rowFields(preprocessing)}};

struct model_prediction {
${resultFields(preprocessing)}};

${classNames(preprocessing).header}
#ifdef __cplusplus
extern "C" {
#endif

/* Predicts ${what}. Returns 0, or the number of the column, from 1, whose value the model does not take. Its memory is
   static: one call at a time. */
int model_predict(const struct model_row *${window ? 'rows' : 'row'}, struct model_prediction *result);

#ifdef __cplusplus
}
#endif

#endif
`
}

function source(model: ModelToExport, rows: readonly NamedArray[] | undefined): string {
  const { name, graph, weights, preprocessing } = model
  const writer = new ProgramWriter()
  const inputs = new Map(graph.inputs.map((input, i) => [input.name, `input_${i}`]))
  const given = new Map(graph.inputs.map((input) => [`input ${input.name}`, required(inputs, input.name)]))
  const program = optimize(forwardOf(graph).program)
  const small = rows && inInt8(program, model, rows)
  const made = writer.write(
    program,
    (name) => given.get(name) ?? writer.constant('weights', required(weights, name)),
    small,
  )
  const isRounded = [...(small?.values() ?? [])].some(({ input }) => input !== undefined)
  const outputs = new Map(graph.outputs.map((output, i) => [output, `output_${i}`]))
  const arrays = [
    ...graph.inputs.map(({ shape }, i) => `static float input_${i}[${sizeOf(shape)}];\n`),
    ...graph.outputs.map(
      (output, i) =>
        `enum { output_${i}_length = ${sizeOf(shapeOf(graph, output))} };\nstatic float *const output_${i} = ${required(made, output)};\n`,
    ),
  ]
  return `/* ${commentText(name)}: predictions of a model that was trained with nnlab. C99, with libm. */
#include <math.h>
#include <string.h>

#include "model.h"

${classNames(preprocessing).source}
${writer.declarations}
${arrays.join('')}
${encodeFunction(preprocessing, { arrays: inputs, vectors: vocabulariesOf(graph) })}
${isRounded ? `${ROUNDING}\n` : ''}/* Makes the outputs of the inputs. */
static void run_network(void) {
${writer.code.toString()}}

int model_predict(const struct model_row *${preprocessing.window ? 'rows' : 'row'}, struct model_prediction *result) {
${encodeCalls(preprocessing)}  run_network();
${resultStatements(preprocessing, outputs)}  return 0;
}
`
}

/** The operations of a program that are computed in int8; rows of the training split tell the ranges of their numbers. */
function inInt8(
  program: Program,
  { weights }: ModelToExport,
  rows: readonly NamedArray[],
): ReadonlyMap<Value, Int8Operation> {
  const chosen = spacedRows(rows, workOf(program))
  const inputs = Array.from({ length: chosen[0]?.shape[0] ?? 0 }, (_, row) => {
    const own = chosen.map(({ name, shape: [, ...shape], data }) => {
      const size = sizeOf(shape)
      return [`input ${name}`, data.subarray(row * size, (row + 1) * size)] as const
    })
    return new Map<string, ArrayLike<number>>([...weights, ...own, ['counter', [0]]])
  })
  const ranges = rangesOf(program, inputs)
  const places = new Map(Array.from(program.values.entries(), ([place, value]) => [value, place]))
  return int8Operations(program, (value) => ranges.get(places.get(value) ?? -1), knownValues(weights))
}

/** The statements that make the inputs. */
function encodeCalls({ window }: Preprocessing): string {
  const code = new Code()
  const call = (given: string): Code =>
    code.line(`const int refused = encode(${given});`).line('if (refused != 0) return refused;')
  if (!window) return call('row').toString()
  const { steps, sampling_rate: rate = 1 } = window
  const row = rate === 1 ? 'step' : `step * ${rate}`
  return code
    .block(`for (int step = 0; step < ${steps}; step++)`, () => call(`&rows[${row}], step`))
    .toString()
}
