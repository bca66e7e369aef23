import { sourceOf } from '../../components/sources/index.ts'
import { scaleName } from '../../components/sources/options/features.ts'
import type { Scale } from '../../components/sources/options/features.ts'
import { columnPath, inputNamed } from '../../components/sources/selection.ts'
import type { Selection } from '../../components/sources/selection.ts'
import type { DiagnosticCode } from '../../diagnostic-codes.ts'
import { errorAt, errorAtKey } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { transforms } from '../../components/transforms/index.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { nestedShape } from '../../table/nested-lists.ts'
import { whichOf } from '../links.ts'
import { isMulticlass } from './targets.ts'
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
  if (!data) return []
  const selection = sourceOf(data).selection(data)
  const inputs = graph.inputs.map(({ name }) => name)
  const names = selection.isSingle
    ? severalProblems(graph, data.type)
    : [
        ...nameProblems('input', inputs, selection.inputs),
        ...nameProblems('output', graph.outputs, selection.targets),
      ]
  if (names.length > 0) return names
  return [
    ...rowShapeProblems(graph, selection),
    ...columnProblems(graph, selection),
    ...targetProblems(targets, selection),
    ...sameAsProblems(graph, targets, selection),
    ...shareProblems(targets, data),
  ]
}

/** Several inputs or outputs of a model whose data has one of each. */
function severalProblems({ inputs, outputs }: Ports, type: string): Problem[] {
  const [what, ports] = inputs.length > 1 ? ['input', inputs] : ['output', outputs]
  if (ports.length < 2) return []
  const message = `${type} gives one input and one target, but the model has ${ports.length} ${what}s`
  const hint = 'use a source of named columns'
  return [errorAt('data-names', ['data', 'type'], message, hint)]
}

/** Names of inputs or outputs in the data section against those of the model. */
function nameProblems(
  what: 'input' | 'output',
  ports: readonly string[],
  selections: readonly { readonly name?: string; readonly path: ConfigPath }[],
): Problem[] {
  const key = what === 'input' ? 'inputs' : 'targets'
  const report = (code: DiagnosticCode, path: ConfigPath, message: string, hint: string): Problem =>
    errorAtKey(code, ['data', ...path], message, hint)
  const names = selections.flatMap(({ name }) => name ?? [])
  if (names.length < selections.length) {
    const message = `the model has ${ports.length} ${what}s (${ports.join(', ')}), but the data section does not name what each gets`
    const hint = `write data.${key} as a map: {${ports.map((name) => `${name}: ...`).join(', ')}}`
    const path = selections.flatMap(({ path }) => path.filter((step) => step === key || step === 'target'))
    return ports.length < 2 ? [] : [report('data-names', path.slice(0, 1), message, hint)]
  }
  const unknown = names.filter((name) => !ports.includes(name))
  const missing = unknown.length > 0 ? [] : ports.filter((name) => !names.includes(name))
  return [
    ...unknown.map((name) =>
      report(`unknown-${what}`, [key, name], `the model has no ${what} "${name}"`, whichOf(name, ports)),
    ),
    ...missing.map((name) =>
      report('data-names', [key], `the model's ${what} "${name}" gets no data`, `add the key ${name}`),
    ),
  ]
}

/** Rows of another shape than their input, where the config tells it. */
function rowShapeProblems(graph: Ports, { inputs }: Selection): Problem[] {
  return inputs.flatMap(({ name, shape }) => {
    const input = graph.inputs.find((one) => name === undefined || one.name === name)
    if (!shape || !input?.shape || sizeOf(shape.of) === sizeOf(input.shape)) return []
    const message = `a row has ${shapeText(shape.of)}, but the model's input "${input.name}" takes ${shapeText(input.shape)}`
    const key = name === undefined ? 'model.input' : `model.inputs.${name}`
    return [misfit(shape.path, message, `write ${key}: [${shape.of.join(', ')}]`)]
  })
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
  const message = `the target has ${width} ${width === 1 ? 'value' : 'values'} per row, but the output "${output}" is compared with ${wanted}`
  const hint =
    component.kind === 'numbers' && width === 1
      ? `for classes, use a loss of classes such as categorical_crossentropy in place of ${loss.type}`
      : 'change the target, or the last layer'
  return [misfit(path, message, hint)]
}

function misfit(path: ConfigPath, message: string, hint: string): Problem {
  return errorAt('data-shape', path, message, hint)
}

function shapeText(shape: Shape): string {
  if (shape.length === 0) return '1 number'
  return shape.length === 1
    ? `${shape[0]} ${shape[0] === 1 ? 'number' : 'numbers'}`
    : `shape [${shape.join(', ')}]`
}

/**
 * Columns chosen twice, or more of them than an input takes: a column of strings fills several numbers, but none fewer
 * than one.
 */
function columnProblems(graph: Ports, selection: Selection): Problem[] {
  const { inputs, targets, sampleWeight = [], window, isScalar } = selection
  const taken = new Map<string, string>([
    ...targets.flatMap(({ columns }) => columns.map((name) => [name, 'the target'] as const)),
    ...sampleWeight.map((name) => [name, 'the sample weight'] as const),
  ])
  return inputs.flatMap((input) => {
    const { name, columns = [], path } = input
    const seen = new Set<string>()
    const twice = columns.flatMap((column, i): Problem[] => {
      const role = taken.get(column)
      const isRepeated = seen.has(column)
      seen.add(column)
      // The past of a target may tell its future.
      if (role === 'the target' && window?.horizon) return []
      if (role === undefined && !isRepeated) return []
      const message =
        role === undefined
          ? `the column "${column}" is listed twice`
          : `the column "${column}" is ${role}, so it cannot be a feature`
      return [errorAt('column-twice', columnPath(input, i), message, 'remove it here')]
    })
    const shape = graph.inputs.find((one) => name === undefined || one.name === name)?.shape
    const steps = window?.steps ?? 1
    if (twice.length > 0 || !isScalar || !shape || columns.length * steps <= sizeOf(shape)) return twice
    const each = steps > 1 ? ` in each of ${steps} steps` : ''
    const message = `${columns.length} columns are chosen${each}, but the model's input takes ${shapeText(shape)}`
    return [misfit(path, message, 'choose fewer columns, or change model.input')]
  })
}

function targetProblems(
  outputs: readonly OutputTarget[],
  { targets, isScalar, window }: Selection,
): Problem[] {
  const steps = window?.target_steps ?? 1
  return targets.flatMap(({ name, path, columns, sameAs, scale, classes, names = [], positive, rows }) => {
    const output = name === undefined ? outputs[0] : outputs.find((one) => one.output === name)
    if (!output || sameAs !== undefined) return []
    const { kind, compares } = output.component
    const clash = (option: string, what: string): Problem[] => {
      const message = `${output.loss.type} trains on ${kind}, so the target has no ${what}`
      return [errorAtKey('target-kind', [...path, option], message, 'remove this, or choose another loss')]
    }
    if (kind === 'classes' && scale !== 'none') return clash('scale', 'scale')
    if (kind === 'numbers' && classes) return clash('classes', 'classes')
    if (kind === 'numbers' && positive !== undefined) return clash('positive', 'positive class')
    if (positive !== undefined) {
      const at = [...path.slice(0, 1), ...(rows ? ['target'] : path.slice(1)), 'positive']
      const wrong = positiveProblem(output, positive, classes && [...names, ...classes], at)
      if (wrong) return [wrong]
    }
    if (compares === 'ratios' && movesZero(scale)) {
      const message = `${output.loss.type} compares ratios, which scale: ${scaleName(scale)} would change: it moves the zero of the target`
      const hint = 'use {divide: 100} or none, or a loss of differences such as mean_squared_error'
      return [errorAt('target-scale', [...path, 'scale'], message, hint)]
    }
    const width = rows ? sizeOf(nestedShape(rows[0])) : isScalar ? columns.length * steps : undefined
    return width === undefined ? [] : targetSizeProblems(output, width, path)
  })
}

/** Outputs that reproduce an input: it exists, it has their size, and the loss compares numbers. */
function sameAsProblems(
  { inputs }: Ports,
  outputs: readonly OutputTarget[],
  { targets }: Selection,
): Problem[] {
  return targets.flatMap(({ name, path: written, sameAs }): Problem[] => {
    const output = name === undefined ? outputs[0] : outputs.find((one) => one.output === name)
    if (sameAs === undefined || !output) return []
    const path = [...written, 'same_as']
    const input = inputNamed(inputs, sameAs)
    if (!input) {
      const hint = whichOf(
        sameAs,
        inputs.map((one) => one.name),
      )
      const message = `the model has no input "${sameAs}"`
      return [errorAt('unknown-input', path, message, hint)]
    }
    if (isMulticlass(output)) {
      const message = `${output.loss.type} trains on classes, so the target cannot be an input`
      const hint = 'use mean_squared_error, or binary_crossentropy for numbers from 0 to 1'
      return [errorAtKey('target-kind', path, message, hint)]
    }
    if (!input.shape || !output.shape || sizeOf(input.shape) === sizeOf(output.shape)) return []
    const message = `the input "${input.name}" has ${shapeText(input.shape)}, but the output "${output.output}" has ${shapeText(output.shape)}`
    return [misfit(path, message, `end with ${sizeOf(input.shape)} numbers, in any shape`)]
  })
}

/** A positive class for several units, or one that is no class. */
function positiveProblem(
  { output, units, component }: OutputTarget,
  positive: string,
  classes: readonly string[] | undefined,
  path: ConfigPath,
): Problem | undefined {
  if ((units !== undefined && units > 1) || component.target !== 'values') {
    return errorAt(
      'positive',
      path,
      `positive chooses one of two classes for an output of one unit, but "${output}" has a unit for each class`,
      'remove it; the class_id of precision and recall chooses a class',
    )
  }
  const known = classes?.some((label) => label.toLowerCase() === positive.toLowerCase())
  return known === false
    ? errorAt('positive', path, `no class has the label "${positive}"`, `there are: ${classes?.join(', ')}`)
    : undefined
}

function movesZero(scale: Scale): boolean {
  if (typeof scale === 'object' && 'divide' in scale) return false
  const component = transforms.of({ type: scaleName(scale) })
  return component.kind === 'scaling' && component.keepsZero !== true
}

/** Settings that depend on the shares of classes need a target of classes. */
function shareProblems(targets: readonly OutputTarget[], { split, balance }: DataSpec): Problem[] {
  const [first] = targets
  if (!first || targets.some(({ component }) => component.kind === 'classes')) return []
  const problem = (code: DiagnosticCode, path: ConfigPath, what: string): Problem =>
    errorAtKey(code, path, `${what}, but ${first.loss.type} trains on numbers`, 'remove it')
  return [
    ...(split.stratify
      ? [problem('stratify', ['data', 'split', 'stratify'], 'stratify keeps the proportions of classes')]
      : []),
    ...(balance !== 'none' ? [problem('balance', ['data', 'balance'], 'balance equalizes classes')] : []),
  ]
}
