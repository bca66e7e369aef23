import { pathToFileURL } from 'node:url'
import { join } from 'node:path'

import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import { valueOfJson } from '../../json.ts'
import type { Predictions } from '../../runtime/predictions.ts'
import type { NamedColumn, NamedArray, ProgramAnswer, ProgramOutput, ProgramRequest } from '../program.ts'
import { probabilitiesIn, valuesOfPredictions } from '../raw.ts'

/** A page that writes its answer, percent-encoded JSON, into itself. */
export function checkPage({ path, inputs, span = 1 }: ProgramRequest): string {
  const rows = rowsOf(inputs, span)
  const predictions = inputs[0]?.shape[0] ?? 0
  // Windows are predicted one by one, since a series has one prediction; rows all at once.
  const calls =
    span === 1 ? [rows] : Array.from({ length: predictions }, (_, i) => rows.slice(i * span, (i + 1) * span))
  const given = JSON.stringify(calls).replaceAll('<', '\\u003c')
  return `<!doctype html><meta charset="utf-8"><pre id="answer"></pre>
<script src="${pathToFileURL(join(path, 'model.js')).href}"></script>
<script>
// The clock of the page does not wait for the compiler of WebAssembly: this work gives it time.
let spun = 0
const wait = setInterval(() => { for (let i = 0; i < 1e6; i++) spun ^= i }, 100)
function say(value) {
  clearInterval(wait)
  const text = JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? [...one] : one))
  document.getElementById('answer').textContent = encodeURIComponent(text)
}
nnlabModel.load()
  .then((model) => say(${given}.map((rows) => model.predictArrays(rows))))
  .catch((error) => say({ failed: String(error) }))
</script>
`
}

/** Rows as plain objects, from columns whose second axis are the rows of a window where these are several. */
function rowsOf(
  columns: readonly (NamedArray | NamedColumn)[],
  span: number,
): Readonly<Record<string, unknown>>[] {
  const rows = (columns[0]?.shape[0] ?? 0) * span
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(
      columns.map(({ name, shape, data }) => {
        const inner = shape.slice(span === 1 ? 1 : 2)
        const size = sizeOf(inner)
        const values = [...data.slice(row * size, (row + 1) * size)]
        return [name, inner.length < 2 && size === 1 ? values[0] : values]
      }),
    ),
  )
}

/** JSON has null for NaN. */
const Numbers = z.array(z.number().nullable()).transform((list) => Float32Array.from(list, (x) => x ?? NaN))
const Answer = z.union([
  z.object({ failed: z.string() }),
  z.array(
    z.array(
      z.union([
        z
          .object({
            kind: z.literal('classes'),
            name: z.string(),
            classes: z.array(z.string()),
            indices: z.array(z.number()).transform((list) => Int32Array.from(list)),
            steps: z.number(),
            probabilities: Numbers.optional(),
          })
          // A key with no value, as `decode` has it.
          .transform((one) => ({ ...one, probabilities: one.probabilities })),
        z.object({
          kind: z.literal('numbers'),
          name: z.string(),
          columns: z.array(z.string()),
          values: Numbers,
          size: z.number(),
        }),
      ]),
    ),
  ),
])

/** The answer in what a browser shows of that page. */
export function readAnswer(dom: string, version: string, names: readonly string[]): ProgramAnswer {
  const text = /<pre id="answer">([^<]*)</.exec(dom)?.[1] ?? ''
  const { data } = Answer.safeParse(valueOfJson(decodeURIComponent(text)))
  if (data === undefined) return { failed: 'the page gave no answer' }
  if ('failed' in data) return data
  const results = data.map((outputs) => resultsOf(outputs))
  return { version, outputs: names.map((name) => joined(results.map((one) => one.get(name) ?? []))) }
}

/** The results of predicted outputs by their names. */
function resultsOf(outputs: readonly Predictions[]): Map<string, ProgramOutput> {
  return new Map(
    outputs.flatMap((predicted) => {
      const named = (name: string): string => (outputs.length === 1 ? name : `${predicted.name}.${name}`)
      return [
        [named('prediction'), valuesOfPredictions(predicted)] as const,
        [named('probabilities'), probabilitiesIn(predicted)] as const,
      ]
    }),
  )
}

/** Results of several calls, one after the other. */
function joined(parts: readonly ProgramOutput[]): ProgramOutput {
  const [only, ...others] = parts
  if (only && others.length === 0) return only
  const numbers = parts.filter((part) => part instanceof Float32Array)
  return numbers.length === parts.length
    ? Float32Array.from(numbers.flatMap((part) => [...part]))
    : parts.flatMap((part) => Array.from(part, String))
}
