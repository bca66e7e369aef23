// Configs of components as Keras serializes objects: keras.saving.serialize_keras_object.
import * as z from 'zod'

import { activations } from '../../components/activations/index.ts'
import { layers } from '../../components/layers/index.ts'
import { losses } from '../../components/losses/index.ts'
import { metrics } from '../../components/metrics/index.ts'
import { familyOf, isConfig, isMap, kerasClass } from '../../registry.ts'
import type { Component, ComponentConfig, Family } from '../../registry.ts'
import type { Refuse } from '../format.ts'
import { Float } from './json.ts'
import type { PythonDict, PythonValue } from './json.ts'

const MODULES: Readonly<Record<string, string>> = { schedules: 'keras.optimizers.schedules' }
/** The functions behind Keras's activations as objects, which can have options. */
const OPERATIONS = 'keras.src.ops.nn'
/** Keys that say where a layer stands and its weights come from; Keras keeps them elsewhere. */
const PLACE: ReadonlySet<string> = new Set(['type', 'name', 'from', 'embeddings'])

/** A component as Keras saves it; `own` is added to its options. */
export function kerasObject(
  family: Family<Component>,
  config: ComponentConfig,
  refuse: Refuse,
  own: PythonDict = {},
): PythonDict {
  const component = family.of(config)
  const className = kerasClass(component)
  if (className === undefined) refuse(`${family.singular} ${config.type}`)
  const options = component.options()
  const values = Object.entries(config)
    // Layers of Keras are trainable, and some do not take the option.
    .filter(([key, value]) => !PLACE.has(key) && !(key === 'trainable' && value === true))
    .map(([key, value]): [string, PythonValue] => [
      key,
      kerasValue(options[key], value, (what) => void refuse(`${key}: ${what}`)),
    ])
  const module = MODULES[family.name] ?? `keras.${family.name}`
  return objectOf(module, className ?? config.type, { ...Object.fromEntries(values), ...own })
}

function kerasValue(schema: z.core.$ZodType | undefined, value: unknown, refuse: Refuse): PythonValue {
  const types = schema ? typesIn(schema) : []
  const family = types.map(familyOf).find((found) => found !== undefined)
  if (family && isConfig(value))
    return family.name === activations.name
      ? kerasActivation(value, refuse)
      : kerasObject(family, value, refuse)
  const isWhole = !types.some((type) => type instanceof z.ZodNumber && !(type instanceof z.ZodNumberFormat))
  return typeof value === 'number' && !isWhole ? new Float(value) : plain(value)
}

/** The types of the values that an option takes. */
export function typesIn(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(typesIn)
  return schema instanceof z.ZodNullable || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? typesIn(schema.unwrap())
    : [schema]
}

/** The name of an activation; an object where its options are not the defaults, which its name stands for. */
function kerasActivation(config: ComponentConfig, refuse: Refuse): PythonValue {
  const component = activations.of(config)
  if (component.keras === null) refuse(`activation ${config.type}`)
  const { type, ...options } = config
  const defaults = activations.schemaOf(component).safeParse({ type })
  if (defaults.success && Object.entries(options).every(([key, value]) => defaults.data[key] === value))
    return type
  const { kerasLayer, options: schemas } = component
  const types = schemas()
  const values = Object.entries(options).map(([key, value]): [string, PythonValue] => [
    key,
    kerasValue(types[key], value, refuse),
  ])
  return kerasLayer === undefined
    ? objectOf(OPERATIONS, kerasClass(component) ?? type, Object.fromEntries(values))
    : objectOf(`keras.${layers.name}`, kerasLayer, Object.fromEntries(values))
}

/** A metric under the name by which it is logged; that of a loss is the mean of the loss over the rows. */
export function kerasMetric(config: ComponentConfig, name: string, refuse: Refuse): PythonDict {
  const loss = losses.find(config.type)
  if (loss === undefined || metrics.of(config).keras !== null)
    return kerasObject(metrics, config, refuse, { name })
  const fn = kerasObject(losses, config, refuse, { reduction: 'none' })
  return objectOf('keras.metrics', 'MeanMetricWrapper', { fn, name })
}

export function objectOf(module: string, className: string, config: PythonDict): PythonDict {
  return { module, class_name: className, config, registered_name: null }
}

export function plain(value: unknown): PythonValue {
  if (Array.isArray(value)) return value.map(plain)
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  throw new Error(`an option holds ${typeof value}`)
}
