import { basename } from 'node:path'

import { callbacks } from '../components/callbacks/index.ts'
import type { Problem } from '../diagnostic.ts'
import type { ComponentConfig } from '../registry.ts'
import { readCompile } from './schema/compile.ts'
import type { CompileDraft } from './schema/compile.ts'
import { isRule } from '../rule.ts'
import { draftComponent, draftMap, mapOf } from './check/draft.ts'
import { checkpointSection, fitSection } from './schema/fit.ts'
import type { CheckpointSpec, FitSpec } from './schema/fit.ts'
import { draftOf, readModel } from './schema/model.ts'
import type { ModelDraft } from './schema/model.ts'
import { problemsOf } from './check/problems.ts'
import { readData } from './check/read-data.ts'
import type { DataDraft } from './check/read-data.ts'
import { specSchema } from './schema/spec.ts'
import type { Spec } from './schema/spec.ts'
import type { Data } from './document/tree.ts'

/** What is valid of a config by itself, whatever else is wrong with it. */
export type Parts = DataDraft & {
  readonly model: ModelDraft | undefined
  readonly compile: CompileDraft
  readonly fit: FitDraft
  readonly checkpoint: CheckpointSpec | undefined
}

/** Callbacks in their places, with nothing in the place of one whose type is not known. */
export type FitDraft = {
  readonly callbacks: readonly (ComponentConfig | undefined)[]
  readonly class_weight?: FitSpec['class_weight']
}

/** With problems, `spec` is missing. */
export type Parsed = {
  readonly spec?: Spec
  readonly parts: Parts
  readonly problems: readonly Problem[]
}

/** Checks plain data against the schema, filling in every default. Top-level keys that begin with x- are the user's own. */
export function parseSpec(written: Data, file: string): Parsed {
  const data = Object.fromEntries(Object.entries(written).filter(([key]) => !key.startsWith('x-')))
  const schema = specSchema()
  const result = schema.safeParse(data)
  if (!result.success) {
    const { broken, ...read } = readData(data['data'])
    const rules = broken.map((issue) => ({ ...issue, path: ['data', ...issue.path] }))
    const issues = [
      ...result.error.issues.filter((issue) => !isRule(issue) || issue.path[0] !== 'data'),
      ...rules,
    ]
    return { parts: readParts(data, read), problems: problemsOf({ issues }, data, schema) }
  }
  const name = result.data.name ?? nameOf(file)
  const spec = { ...result.data, name }
  return { spec, parts: { ...spec, split: spec.data.split, model: draftOf(spec.model) }, problems: [] }
}

/** The file's name without its ending, of characters that may name a folder. */
function nameOf(file: string): string {
  const stem = basename(file).replace(/\.[^.]*$/, '')
  return stem.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'run'
}

function readParts(data: Data, read: DataDraft): Parts {
  const model = data['model'] === undefined ? undefined : mapOf(data['model'])
  return {
    ...read,
    ...(elsewhere(data) && { split: undefined }),
    model: model && readModel(model),
    compile: data['compile'] === undefined ? {} : readCompile(mapOf(data['compile'])),
    fit: readFit(mapOf(data['fit'])),
    checkpoint: readCheckpoint(mapOf(data['checkpoint'])),
  }
}

/** Without its invalid keys; undefined where one of them may be meant to say what is monitored. */
function readCheckpoint(written: Data): CheckpointSpec | undefined {
  const schema = checkpointSection()
  const { values, doubts } = draftMap(schema.shape, written)
  const valid = Object.entries(written).filter(([key]) => Object.hasOwn(values, key))
  return doubts.has('monitor') ? undefined : schema.safeParse(Object.fromEntries(valid)).data
}

/** Whether a key outside the data section may be meant to set rows aside for validation. */
function elsewhere(data: Data): boolean {
  return [data, mapOf(data['fit']), mapOf(data['compile'])]
    .flatMap(Object.keys)
    .some((key) => /valid|split/i.test(key))
}

/** What can be said of a section that may not be valid as a whole. */
function readFit(written: Data): FitDraft {
  const list = Array.isArray(written['callbacks']) ? written['callbacks'] : []
  return {
    callbacks: list.map((item) => draftComponent(callbacks, item)),
    class_weight: fitSection().shape.class_weight.safeParse(written['class_weight']).data,
  }
}
