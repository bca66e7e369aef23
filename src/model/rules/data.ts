import { sizeOf } from '../../ir/ir.ts'
import { datasetNamed } from '../../components/datasets/index.ts'
import type { Shape } from '../../ir/ir.ts'
import type { DiagnosticCode } from '../../diagnostic-codes.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import type { ColumnsSpec, DataSpec, InlineSpec } from '../../spec/schema/data.ts'
import { imageShape } from '../../components/sources/options/images.ts'
import type { ImagesSpec } from '../../components/sources/options/images.ts'
import type { KnownSpec } from '../../components/sources/options/dataset.ts'
import type { Target } from '../../components/sources/options/target.ts'
import { namedRows, shapeOf as shapeOfRow } from '../../components/sources/options/inline-rows.ts'
import { whichOf } from '../links.ts'
import { notAnOutput } from './outputs.ts'
import type { OutputTarget } from './targets.ts'

/** The inputs and outputs of a model: the shape of an input may not be known. */
export type Ports = {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape | undefined }[]
  readonly outputs: readonly string[]
}

/** The data section against the inputs and outputs of the model, as far as the config tells without reading rows. */
export function dataProblems(
  graph: Ports,
  targets: readonly OutputTarget[],
  data: DataSpec | undefined,
): Problem[] {
  if (!data || data.type === 'idx') return []
  if (data.type === 'images' || data.type === 'dataset') return imageProblems(graph, data)
  const names = [...inputNameProblems(graph, data), ...targetNameProblems(graph, data)]
  if (names.length > 0) return names
  return data.type === 'inline'
    ? inlineShapeProblems(graph, targets, data)
    : [...columnProblems(graph, data), ...targetProblems(targets, data), ...shareProblems(targets, data)]
}

/** One input of a shape that the config tells. */
function imageProblems({ inputs, outputs }: Ports, data: ImagesSpec | KnownSpec): Problem[] {
  const [what, ports] = inputs.length > 1 ? ['input', inputs] : ['output', outputs]
  if (ports.length > 1) {
    const message = `${data.type} gives one input and one target, but the model has ${ports.length} ${what}s`
    return [
      {
        severity: 'error',
        code: 'data-names',
        path: ['data', 'type'],
        message,
        hint: 'use a source of named columns',
      },
    ]
  }
  const [input] = inputs
  const shape = data.type === 'images' ? imageShape(data) : datasetNamed(data.name).shape
  if (!input?.shape || sizeOf(shape) === sizeOf(input.shape)) return []
  const message = `a row has ${shapeText(shape)}, but the model's input "${input.name}" takes ${shapeText(input.shape)}`
  const hint = `write model.input: [${shape.join(', ')}]`
  return [misfit(['data', data.type === 'images' ? 'image_size' : 'name'], message, hint)]
}

type Named = InlineSpec | ColumnsSpec

function inputNameProblems({ inputs }: Ports, data: Named): Problem[] {
  const names = inputs.map(({ name }) => name)
  const named = namesIn(data.inputs)
  if (!named) return severalUnnamed(names, 'input', data.inputs === undefined ? ['data'] : ['data', 'inputs'])
  const unknown = named.filter((name) => !names.includes(name))
  const missing = unknown.length > 0 ? [] : names.filter((name) => !named.includes(name))
  return [
    ...unknown.map((name): Problem => ({
      severity: 'error',
      code: 'unknown-input',
      path: ['data', 'inputs', name],
      at: 'key',
      message: `the model has no input "${name}"`,
      hint: whichOf(name, names),
    })),
    ...missing.map((name) => givenNothing('input', name, ['data', 'inputs'])),
  ]
}

function targetNameProblems({ outputs }: Ports, data: Named): Problem[] {
  const named = namesIn(data.targets)
  const key = data.type === 'inline' || data.targets !== undefined ? 'targets' : 'target'
  if (!named) return severalUnnamed(outputs, 'output', ['data', key])
  const unknown = named.filter((name) => !outputs.includes(name))
  const missing = unknown.length > 0 ? [] : outputs.filter((name) => !named.includes(name))
  return [
    ...unknown.map((name) => notAnOutput(['data', 'targets', name], name, outputs)),
    ...missing.map((name) => givenNothing('output', name, ['data', 'targets'])),
  ]
}

function namesIn(
  map: Readonly<Record<string, unknown>> | readonly unknown[] | undefined,
): string[] | undefined {
  return map === undefined || Array.isArray(map) ? undefined : Object.keys(map)
}

function severalUnnamed(names: readonly string[], what: 'input' | 'output', path: ConfigPath): Problem[] {
  if (names.length < 2) return []
  const key = what === 'input' ? 'inputs' : 'targets'
  return [
    {
      severity: 'error',
      code: 'data-names',
      path,
      at: 'key',
      message: `the model has ${names.length} ${what}s (${names.join(', ')}), but the data does not say what belongs to each`,
      hint: `write data.${key} as a map: {${names.map((name) => `${name}: ...`).join(', ')}}`,
    },
  ]
}

function givenNothing(what: string, name: string, path: ConfigPath): Problem {
  const message = `the model's ${what} "${name}" is given nothing`
  return { severity: 'error', code: 'data-names', path, at: 'key', message, hint: `add the key ${name}` }
}

function inlineShapeProblems(graph: Ports, targets: readonly OutputTarget[], data: InlineSpec): Problem[] {
  const ofInputs = namedRows('inputs', data.inputs).flatMap(({ name, path, rows }) => {
    const input = graph.inputs.find((one) => (path.length > 1 ? one.name === name : true))
    const row = shapeOfRow(rows[0])
    if (!input?.shape || sizeOf(row) === sizeOf(input.shape)) return []
    const message = `a row has ${shapeText(row)}, but the model's input "${input.name}" takes ${shapeText(input.shape)}`
    return [misfit(['data', ...path], message, 'change the rows, or the input in the section model')]
  })
  const ofTargets = namedRows('targets', data.targets).flatMap(({ name, path, rows }) => {
    const target = targets.find((one) => (path.length > 1 ? one.output === name : true))
    return target ? targetSizeProblems(target, sizeOf(shapeOfRow(rows[0])), ['data', ...path]) : []
  })
  return [...ofInputs, ...ofTargets]
}

function targetSizeProblems(
  { output, shape, units, component, loss }: OutputTarget,
  width: number,
  path: ConfigPath,
): Problem[] {
  if (shape === undefined || units === undefined) return []
  const size = sizeOf(shape)
  const labels = size / units
  if (width === size || (component.kind === 'classes' && width === labels)) return []
  const wanted =
    component.kind === 'classes'
      ? `${labels === 1 ? '1 label' : `${labels} labels`}${size === labels ? '' : ` or ${size} numbers (one-hot)`}`
      : `${size} ${size === 1 ? 'number' : 'numbers'}`
  const message = `the target has ${width} ${width === 1 ? 'value' : 'values'} a row, but the output "${output}" is compared with ${wanted}`
  const hint =
    component.kind === 'numbers' && width === 1
      ? `for classes, use a loss of classes such as categorical_crossentropy in place of ${loss.type}`
      : 'change the target, or the last layer'
  return [misfit(path, message, hint)]
}

function misfit(path: ConfigPath, message: string, hint: string): Problem {
  return { severity: 'error', code: 'data-shape', path, message, hint }
}

function shapeText(shape: Shape): string {
  if (shape.length === 0) return '1 number'
  return shape.length === 1
    ? `${shape[0]} ${shape[0] === 1 ? 'number' : 'numbers'}`
    : `shape [${shape.join(', ')}]`
}

/** Columns chosen twice, or more of them than an input takes: a column of text fills several numbers, but none fewer than one. */
function columnProblems(graph: Ports, data: ColumnsSpec): Problem[] {
  const taken = new Map<string, string>([
    ...targetsIn(data).flatMap(({ columns }) =>
      columns.map((name): [string, string] => [name, 'the target']),
    ),
    ...(data.sample_weight === undefined ? [] : [[data.sample_weight, 'the sample weight'] as const]),
  ])
  return featuresIn(graph, data).flatMap(({ columns, path, shape }) => {
    const seen = new Set<string>()
    const twice = columns.flatMap((name, i): Problem[] => {
      const other = taken.get(name) ?? (seen.has(name) ? 'listed already' : undefined)
      seen.add(name)
      if (other === undefined) return []
      const at = columns.length === 1 && path.at(-1) !== 'columns' ? path : [...path, i]
      // The past of a target may tell its future.
      if (taken.get(name) === 'the target' && data.window?.horizon) return []
      const message = taken.has(name)
        ? `the column "${name}" is ${other}, so it cannot be a feature`
        : `the column "${name}" is listed twice`
      return [{ severity: 'error', code: 'column-twice', path: at, message, hint: 'remove it here' }]
    })
    const size = shape && sizeOf(shape)
    const steps = data.window?.steps ?? 1
    if (twice.length > 0 || data.type !== 'csv' || size === undefined || columns.length * steps <= size)
      return twice
    const each = steps > 1 ? ` in each of ${steps} steps` : ''
    const message = `${columns.length} columns are chosen${each}, but the model's input takes ${shapeText(shape ?? [])}`
    return [misfit(path, message, 'choose fewer columns, or change the input in the section model')]
  })
}

type Chosen = {
  readonly columns: readonly string[]
  readonly path: ConfigPath
  readonly shape: Shape | undefined
}

function featuresIn(graph: Ports, data: ColumnsSpec): Chosen[] {
  const { inputs, features } = data
  if (inputs === undefined) {
    const columns = features.columns
    return columns ? [{ columns, path: ['data', 'features', 'columns'], shape: graph.inputs[0]?.shape }] : []
  }
  return Object.entries(inputs).map(([name, input]) => {
    const path = ['data', 'inputs', name]
    const shape = graph.inputs.find((one) => one.name === name)?.shape
    if (typeof input === 'string') return { columns: [input], path, shape }
    return Array.isArray(input)
      ? { columns: input, path, shape }
      : { columns: input.columns, path: [...path, 'columns'], shape }
  })
}

type Written = {
  readonly name: string | undefined
  readonly target: Target
  readonly columns: readonly string[]
  readonly path: ConfigPath
}

function targetsIn({ target, targets }: ColumnsSpec): Written[] {
  const written = [
    ...(target === undefined ? [] : [{ name: undefined, target, path: ['data', 'target'] }]),
    ...Object.entries(targets ?? {}).map(([name, one]) => ({
      name,
      target: one,
      path: ['data', 'targets', name],
    })),
  ]
  return written.map((one) => {
    const { target } = one
    const columns = typeof target === 'object' && !Array.isArray(target) ? target.column : target
    return { ...one, columns: [columns].flat() }
  })
}

function targetProblems(outputs: readonly OutputTarget[], data: ColumnsSpec): Problem[] {
  return targetsIn(data).flatMap(({ name, target, columns, path }) => {
    const output = name === undefined ? outputs[0] : outputs.find((one) => one.output === name)
    if (!output) return []
    const { scale, classes } =
      typeof target === 'object' && !Array.isArray(target) ? target : { scale: undefined, classes: undefined }
    const { kind } = output.component
    const clash = (option: string, what: string): Problem[] => [
      {
        severity: 'error',
        code: 'target-kind',
        path: [...path, option],
        at: 'key',
        message: `${output.loss.type} trains on ${kind}, so the target has no ${what}`,
        hint: 'remove this, or choose another loss',
      },
    ]
    if (kind === 'classes' && scale !== undefined && scale !== 'none') return clash('scale', 'scale')
    if (kind === 'numbers' && classes !== undefined) return clash('classes', 'classes')
    return data.type !== 'csv' ? [] : targetSizeProblems(output, columns.length, path)
  })
}

/** What goes by the shares of classes needs a target of classes. */
function shareProblems(targets: readonly OutputTarget[], { split, balance }: ColumnsSpec): Problem[] {
  const [first] = targets
  if (!first || targets.some(({ component }) => component.kind === 'classes')) return []
  const problem = (code: DiagnosticCode, path: ConfigPath, what: string): Problem => ({
    severity: 'error',
    code,
    path,
    at: 'key',
    message: `${what}, but ${first.loss.type} trains on numbers`,
    hint: 'remove it',
  })
  return [
    ...(split.stratify
      ? [problem('stratify', ['data', 'split', 'stratify'], 'stratify keeps the shares of classes')]
      : []),
    ...(balance !== 'none' ? [problem('balance', ['data', 'balance'], 'balance evens out classes')] : []),
  ]
}
