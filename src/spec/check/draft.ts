import * as z from 'zod'

import { sourceOf } from '../../components/sources/index.ts'
import { Split } from '../../components/sources/options/split.ts'
import { UNKNOWN } from '../../components/unknown-size.ts'
import type { ComponentConfig } from '../../registry.ts'
import { isConfig, isMap } from '../../registry.ts'
import { compileSection } from '../schema/compile.ts'
import type { CompileSpec } from '../schema/compile.ts'
import { DataSpec } from '../schema/data.ts'
import { checkpointSection, fitSection } from '../schema/fit.ts'
import type { CheckpointSpec, FitSpec } from '../schema/fit.ts'
import { modelSection } from '../schema/model.ts'
import type { ModelSpec } from '../schema/model.ts'
import { outputOf, readDefault } from './read.ts'
import type { MapReading, KeyReading } from './read.ts'

/** The valid parts of a config, whatever else is wrong with it. */
export type SpecDraft = {
  readonly model: ModelDraft | undefined
  readonly compile: CompileDraft
  readonly fit: FitDraft
  readonly checkpoint: CheckpointDraft
  /** Undefined where there is no such section. */
  readonly sweep: SweepDraft | undefined
  /** The data section; undefined where a mistake is about which columns are what. */
  readonly data: DataSpec | undefined
  /** The split; undefined where a mistake may be about it. */
  readonly split: DataSpec['split'] | undefined
  /** True where the source brings validation rows of its own; undefined where only the data or a mended config shows it. */
  readonly ownValidation: boolean | undefined
}

/** The valid part of a component. */
export type ComponentDraft = {
  /** Its type, and those of its options that are valid. */
  readonly config: ComponentConfig
  /** Its options whose values are not known. */
  readonly doubts: ReadonlySet<string>
}

/** The valid part of a layer. */
export type LayerDraft = {
  /** Undefined where its type is not known. */
  readonly component: ComponentDraft | undefined
  /** The name that it gives itself, valid or not. */
  readonly name?: string
  readonly from?: unknown
  /** Those of a model inside the model. */
  readonly layers?: readonly LayerDraft[]
}

/** The valid part of the model section. */
export type ModelDraft = {
  /** Undefined where it is not known which there are. Those that the model leaves out are the ones of the data. */
  readonly inputs:
    readonly { readonly name: string; readonly shape: readonly number[] | undefined }[] | undefined
  /** The written ones of `input` and `inputs`: at most one, in a valid model. */
  readonly written: readonly string[]
  readonly layers: readonly LayerDraft[]
  /** Patterns of the names of layers that are frozen. */
  readonly freeze: readonly string[]
  readonly outputs: ModelSpec['outputs']
  /** True where `outputs` is valid or left out. */
  readonly knowsOutputs: boolean
}

/** One setting for every output, or one for each by its name. */
export type PerOutput<T> = { readonly every: T } | { readonly each: ReadonlyMap<string, T> }

/** Metrics in order; one of unknown type is undefined in its place. */
export type MetricDrafts = readonly (ComponentDraft | undefined)[]

/** The valid part of the compile section. */
export type CompileDraft = {
  readonly loss?: PerOutput<ComponentDraft | undefined> | undefined
  readonly loss_weights?: CompileSpec['loss_weights']
  readonly optimizer?: ComponentDraft | undefined
  readonly metrics?: PerOutput<MetricDrafts> | undefined
  readonly weighted_metrics?: PerOutput<MetricDrafts> | undefined
}

/** The valid part of the fit section; a callback of unknown type is undefined in its place. */
export type FitDraft = {
  readonly callbacks: readonly (ComponentDraft | undefined)[]
  readonly class_weight?: FitSpec['class_weight']
}

/** The metric of the section `sweep:`. */
export type SweepDraft = { readonly metric: string | undefined }

/** The valid ones of the keys that choose the metric of the checkpoint section. */
export type CheckpointDraft = { readonly [K in 'save' | 'monitor' | 'best']?: CheckpointSpec[K] | undefined }

/** The valid parts of a config that was read by its schema. */
export function specDraft(config: MapReading): SpecDraft {
  const section = (name: string): MapReading | undefined => mapIn(config.keys.get(name))
  const data = section('data')
  const model = section('model')
  const compile = section('compile')
  const rows = data && dataDraft(data)
  return {
    model: model && modelDraft(model, data && !rows ? undefined : inputsOf(rows)),
    compile: compile ? compileDraft(compile) : {},
    fit: fitDraft(section('fit')),
    checkpoint: checkpointDraft(section('checkpoint')),
    sweep: sweepDraft(section('sweep')),
    data: rows,
    split: mayBeElsewhere(config.written) ? undefined : outputOf(Split, data && knownKey(data, 'split')),
    ownValidation: data && ownValidation(data),
  }
}

/** A valid component. */
export function wholeDraft(config: ComponentConfig): ComponentDraft {
  return { config, doubts: new Set() }
}

/** A valid model section. */
export function wholeModel({ input, inputs, layers, freeze = [], outputs }: ModelSpec): ModelDraft {
  return {
    inputs: Object.entries(inputs ?? (input ? { input } : {})).map(([name, shape]) => ({ name, shape })),
    written: [...(input ? ['input'] : []), ...(inputs ? ['inputs'] : [])],
    layers: layers.map(wholeLayer),
    freeze,
    outputs,
    knowsOutputs: true,
  }
}

function wholeLayer(config: ComponentConfig): LayerDraft {
  const { layers } = config
  return {
    component: wholeDraft(config),
    ...(Array.isArray(layers) && { layers: layers.filter(isConfig).map(wholeLayer) }),
  }
}

function modelDraft(section: MapReading, fitting: ModelDraft['inputs']): ModelDraft {
  const layers = section.keys.get('layers')
  const { freeze, outputs } = modelSection().shape
  return {
    inputs: inputsIn(section, fitting),
    written: ['input', 'inputs'].filter(
      (key) => section.doubts.has(key) || section.keys.get(key)?.value !== undefined,
    ),
    layers: itemsOf(layers).map(layerDraft),
    freeze: outputOf(freeze, knownKey(section, 'freeze')) ?? [],
    outputs: outputOf(outputs, knownKey(section, 'outputs')),
    knowsOutputs: !section.doubts.has('outputs'),
  }
}

function inputsIn({ keys, doubts }: MapReading, fitting: ModelDraft['inputs']): ModelDraft['inputs'] {
  const { input } = modelSection().shape
  const named = mapIn(keys.get('inputs'))
  if (named) return [...named.keys].map(([name, shape]) => ({ name, shape: outputOf(input, shape) }))
  if (doubts.has('inputs')) return undefined
  const only = keys.get('input')
  if (only?.value === undefined && !doubts.has('input')) return fitting
  return [{ name: 'input', shape: outputOf(input, only) }]
}

/** The inputs that fit the features, as far as the config tells their shapes. */
function inputsOf(data: DataSpec | undefined): NonNullable<ModelDraft['inputs']> {
  if (data === undefined) return [{ name: 'input', shape: undefined }]
  const { inputs, window, isScalar } = sourceOf(data).selection(data)
  return inputs.map(({ name = 'input', shape, columns = [] }) => {
    if (shape) return { name, shape: shape.of.length > 0 ? shape.of : [1] }
    const row = isScalar === true || columns.length > 1 || window ? [UNKNOWN] : undefined
    return { name, shape: row && window ? [window.steps, ...row] : row }
  })
}

function layerDraft(layer: KeyReading): LayerDraft {
  const { name, from } = isMap(layer.written) ? layer.written : {}
  const inner = mapIn(layer)?.keys.get('layers')
  return {
    component: componentDraft(layer),
    ...(typeof name === 'string' && { name }),
    ...(from !== undefined && { from }),
    ...(inner?.kind === 'list' && { layers: inner.items.map(layerDraft) }),
  }
}

function compileDraft(section: MapReading): CompileDraft {
  const { loss_weights } = compileSection().shape
  const loss = section.keys.get('loss')
  const common = componentDraft(loss)
  const each = mapIn(loss)?.keys
  return {
    loss: common ? { every: common } : each && { each: mapValues(each, componentDraft) },
    loss_weights: outputOf(loss_weights, knownKey(section, 'loss_weights')),
    optimizer: componentDraft(section.keys.get('optimizer')),
    metrics: metricDrafts(section.keys.get('metrics')),
    weighted_metrics: metricDrafts(section.keys.get('weighted_metrics')),
  }
}

function metricDrafts(reading: KeyReading | undefined): PerOutput<MetricDrafts> | undefined {
  if (reading?.kind === 'list') return { every: reading.items.map(componentDraft) }
  if (reading?.kind !== 'map') return undefined
  const isListed = [...reading.keys.values()].every(({ kind }) => kind === 'list')
  return isListed ? { each: mapValues(reading.keys, (list) => itemsOf(list).map(componentDraft)) } : undefined
}

function fitDraft(section: MapReading | undefined): FitDraft {
  const { class_weight } = fitSection().shape
  return {
    callbacks: itemsOf(section?.keys.get('callbacks')).map(componentDraft),
    class_weight: outputOf(class_weight, section && knownKey(section, 'class_weight')),
  }
}

function checkpointDraft(section: MapReading | undefined): CheckpointDraft {
  if (section === undefined) return {}
  const { save, monitor, best } = checkpointSection().shape
  const known = <T>(key: string, schema: z.ZodType<T>): T | undefined =>
    outputOf(schema, knownKey(section, key))
  return { save: known('save', save), monitor: known('monitor', monitor), best: known('best', best) }
}

function sweepDraft(section: MapReading | undefined): SweepDraft | undefined {
  const metric = mapIn(section?.keys.get('metric'))
  return section && { metric: outputOf(z.string(), metric && knownKey(metric, 'name')) }
}

/** The section with defaults in place of the keys in doubt, where none of these says which columns are what. */
function dataDraft({ written, value, doubts, shape }: MapReading): DataSpec | undefined {
  const section: Record<string, unknown> = { ...(isMap(value) && value) }
  for (const key of doubts) {
    const option = shape[key]
    const standIn = key === 'path' ? { value: '' } : option && readDefault(option)
    if (standIn === undefined || aboutColumns.has(key)) return undefined
    section[key] = standIn.value
  }
  return outputOf(DataSpec, { kind: 'scalar', written, value: section, faults: [] })
}

function ownValidation({ value, doubts }: MapReading): boolean | undefined {
  if (doubts.has('path') || !isMap(value) || typeof value['type'] !== 'string') return undefined
  const { ownValidation = () => false } = sourceOf({ type: value['type'] })
  return ownValidation(value)
}

/** Keys whose defaults cannot stand in: rules compare them with the model. */
const aboutColumns: ReadonlySet<string> = new Set([
  'type',
  'inputs',
  'targets',
  'target',
  'features',
  'columns',
  'window',
  'image_size',
  'color_mode',
])

/** Looks for keys outside the data section that may be meant to set rows aside for validation. */
function mayBeElsewhere(config: unknown): boolean {
  const { fit, compile } = isMap(config) ? config : {}
  return [config, fit, compile]
    .flatMap((section) => (isMap(section) ? Object.keys(section) : []))
    .some((key) => /valid|split/i.test(key))
}

/** The valid part of a component; undefined where its type is not known. */
export function componentDraft(reading: KeyReading | undefined): ComponentDraft | undefined {
  if (reading?.kind !== 'map') return undefined
  const { value, doubts } = reading
  return isConfig(value) ? { config: value, doubts } : undefined
}

function mapIn(reading: KeyReading | undefined): MapReading | undefined {
  return reading?.kind === 'map' ? reading : undefined
}

function itemsOf(reading: KeyReading | undefined): readonly KeyReading[] {
  return reading?.kind === 'list' ? reading.items : []
}

function knownKey({ keys, doubts }: MapReading, key: string): KeyReading | undefined {
  return doubts.has(key) ? undefined : keys.get(key)
}

function mapValues<T>(
  map: ReadonlyMap<string, KeyReading>,
  valueOf: (reading: KeyReading) => T,
): Map<string, T> {
  return new Map([...map].map(([key, reading]) => [key, valueOf(reading)]))
}
