import { basename } from 'node:path'

import * as z from 'zod'

import type { Problem } from '../diagnostic.ts'
import { specDraft } from './check/draft.ts'
import type { SpecDraft } from './check/draft.ts'
import { withoutEchoes } from './check/missing-section.ts'
import { outputOf, readObject } from './check/read.ts'
import type { Data } from './document/tree.ts'
import { withLayerDefaults } from './layer-defaults.ts'
import { specSchema } from './schema/spec.ts'
import type { Spec } from './schema/spec.ts'
import type { SweepSpec } from './schema/sweep.ts'

/** With problems, `spec` is missing. */
export type ParsedSpec = {
  readonly spec?: Spec
  /** The section `sweep:`, where there is one. */
  readonly sweep?: SweepSpec | undefined
  /** The name of the experiment; that of the file, without its ending, where none is written. */
  readonly name: string
  readonly draft: SpecDraft
  readonly problems: readonly Problem[]
}

/** Checks plain data against the schema, filling in every default. Top-level keys that begin with x- are the user's own. */
export function parseSpec(written: Data, file: string): ParsedSpec {
  const { config: data, problems } = withLayerDefaults(
    Object.fromEntries(Object.entries(written).filter(([key]) => !key.startsWith('x-'))),
  )
  const schema = specSchema()
  const reading = readObject(schema, data)
  const whole = outputOf(schema, reading)
  const name =
    outputOf(z.string(), reading.keys.get('name')) ?? folderName(basename(file).replace(/\.[^.]*$/, ''))
  return {
    name,
    draft: specDraft(reading),
    problems: [
      ...problems,
      ...withoutEchoes(reading.faults, Object.keys(schema.shape)).map(({ problem }) => problem),
    ],
    ...(whole && partsOf(whole, name)),
  }
}

function partsOf(
  { sweep, ...spec }: z.output<ReturnType<typeof specSchema>>,
  name: string,
): Pick<ParsedSpec, 'spec' | 'sweep'> {
  return { spec: { ...spec, name }, sweep }
}

/** A text with the characters that may name the folder of a run: letters lose their accents. */
export function folderName(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '')
  return plain.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'run'
}
