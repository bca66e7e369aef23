import { readFileSync } from 'node:fs'

import { bytesOf } from '../../bytes-of.ts'
import { packagedFile } from '../../packaged-file.ts'
import { isMap } from '../../registry.ts'
import { rawColumns } from '../../runtime/columns.ts'
import type { EmbeddedModel } from '../../runtime/embedded.ts'
import type { RawColumn } from '../../runtime/columns.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import { spanOf } from '../../runtime/window.ts'
import { forwardFiles } from '../../run/forward-files.ts'
import { required } from '../../step/step-program.ts'
import type { ExchangeFormat, ModelToExport, Refuse } from '../format.ts'
import { inChromium } from './chromium.ts'
import { formFields, seriesField } from './fields.ts'

/** A folder with a page that predicts raw rows, and the module to do so in other pages; nothing is fetched. */
export const web: ExchangeFormat = {
  type: 'web',
  summary: 'a folder with a page that predicts, index.html, and a module for your own pages, predict.js',
  takesRawRows: true,
  write: (model, refuse) => ({ folder: webFolder(model, refuse) }),
  check: { program: 'Chromium', compares: 'predictions', answer: inChromium },
}

function webFolder(model: ModelToExport, refuse: Refuse): Map<string, string> {
  const { name, preprocessing, spec } = model
  const embedded = embeddedModel(model, refuse)
  const scale = isMap(spec.data['features']) ? spec.data['features']['scale'] : undefined
  const form = {
    fields: preprocessing.window
      ? [seriesField(preprocessing, preprocessing.window)]
      : formFields(preprocessing, scale),
    outputs: preprocessing.outputs.map((output) => ({
      name: output.name,
      title: output.columns.join(', ') || output.name,
      columns: output.columns,
    })),
  }
  return new Map([
    ['index.html', page(name, JSON.stringify(form))],
    ['model.js', script(embedded)],
    ['predict.js', MODULE],
    ['predict.d.ts', declarations(preprocessing)],
  ])
}

function embeddedModel(model: ModelToExport, refuse: Refuse): EmbeddedModel {
  const parameters = model.graph.nodes.flatMap((node) => node.parameters.map(({ id }) => id))
  const forward = forwardFiles(model, parameters)
  if (forward === undefined) refuse('memory for so large a network')
  const { files, saved } = forward ?? { files: new Map<string, Uint8Array>(), saved: NOTHING }
  const weights = Buffer.concat(parameters.map((id) => bytesOf(required(model.weights, id))))
  return {
    preprocessing: model.preprocessing,
    forward: saved,
    weights: weights.toString('base64'),
    modules: Array.from(files.values(), (bytes) => Buffer.from(bytes).toString('base64')),
  }
}

const NOTHING = { version: 0, rows: 0, pages: 0, weights: 0, inputs: [], outputs: [], modules: [] }

/** A classic script, which pages may load from disk, too. */
function script(model: EmbeddedModel): string {
  const runtime = readFileSync(packagedFile('dist/web/runtime.js'), 'utf8')
  return `${runtime}globalThis.nnlabModel = { load: () => nnlabRuntime.open(${JSON.stringify(model)}) }\n`
}

const MODULE = `// const model = await loadModel(); model.predict([{ column: value }])
import './model.js'

export const loadModel = () => globalThis.nnlabModel.load()
`

const TYPES: Readonly<Record<RawColumn['kind'], string>> = {
  number: 'number | boolean | string | null',
  string: 'string | number | boolean | null',
  array: 'readonly number[] | readonly unknown[] | Uint8Array | Float32Array',
}

/** The types of the module, with the columns of a row. */
function declarations(preprocessing: Preprocessing): string {
  const { window } = preprocessing
  const columns = rawColumns(preprocessing)
  const keys = [window?.series, window?.time].flatMap((name) =>
    name === undefined || columns.some((column) => column.name === name)
      ? []
      : [`  readonly ${JSON.stringify(name)}?: string | number\n`],
  )
  const fields = columns.map(({ name, kind, shape }) => {
    const comment = kind === 'array' ? `  /** Shape ${JSON.stringify(shape)}. */\n` : ''
    return `${comment}  readonly ${JSON.stringify(name)}: ${TYPES[kind]}\n`
  })
  return `/** A raw row; null is a missing value. */
export type Row = {
${[...fields, ...keys].join('')}}

type Value = string | number | undefined
/** A label or a number, several of them where an output has several steps or targets, and the probability of each class. */
export type Prediction = {
  readonly prediction: Value | readonly Value[]
  readonly probabilities?: Readonly<Record<string, number>>
}
export type PredictedRow = Prediction & {
  /** From 1${window ? '; the last one of a series' : ''}. */
  readonly row: number
  /** By the name of the output. */
  readonly outputs: Readonly<Record<string, Prediction>>
  /** Values that training did not see, by column. */
  readonly unseen?: Readonly<Record<string, string>>
}
export type Model = {
${window ? `  /** Predicts what follows each series, from its last ${spanOf(window)} rows. */\n` : ''}  predict(rows: readonly Row[], options?: { readonly threshold?: number }): PredictedRow[]
}
export function loadModel(): Promise<Model>
`
}

function page(name: string, form: string): string {
  const [style, code] = ['style.css', 'page.js'].map((file) =>
    readFileSync(packagedFile(`dist/web/${file}`), 'utf8').trim(),
  )
  const title = name.replaceAll(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
<h1>${title}</h1>
<p>Predictions of a model trained with nnlab. They are computed in this page; nothing is sent.</p>
<main>
<form></form>
<output aria-live="polite"></output>
</main>
<script type="application/json" id="form-description">${form.replaceAll('<', '\\u003c')}</script>
<script src="model.js"></script>
<script>${code}</script>
</html>
`
}
