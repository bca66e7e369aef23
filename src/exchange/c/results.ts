// Predictions in C: the struct of a prediction, and what makes labels and numbers of the network's outputs.
import { sizeOf } from '../../ir/ir.ts'
import { limitOf, namesOfClasses } from '../../runtime/predictions.ts'
import { positiveIndex } from '../../runtime/preprocessing.ts'
import type { ClassesState, NumbersState, OutputState, Preprocessing } from '../../runtime/preprocessing.ts'
import { rawResults } from '../raw.ts'
import type { RawResult } from '../raw.ts'
import { Code, doubleLiteral, floatLiteral, stringLiteral } from './code.ts'
import { identifiers } from './names.ts'

/** The fields of the struct of a prediction; where there are several outputs, each has a struct of its own. */
export function resultFields(preprocessing: Preprocessing): string {
  const { outputs } = preprocessing
  const names = identifiers(outputs.map(({ name }) => name))
  const groups = outputs.map((output) => {
    const fields = rawResults({ ...preprocessing, outputs: [output] }).map(fieldOf)
    if (outputs.length === 1) return fields.map((field) => `  ${field}\n`).join('')
    return `  struct {\n${fields.map((field) => `    ${field}\n`).join('')}  } ${names.get(output.name) ?? ''};\n`
  })
  return groups.join('')
}

function fieldOf({ name, holds, shape }: RawResult): string {
  const count = sizeOf(shape)
  const type = { labels: 'const char *', probabilities: 'float ', numbers: 'double ' }[holds]
  return `${type}${name}${count === 1 && holds !== 'probabilities' ? '' : `[${count}]`};`
}

/** Declarations of the names of the classes. */
export function classNames({ outputs }: Preprocessing): { header: string; source: string } {
  const named = identifiers(outputs.map(({ name }) => name))
  const arrays = outputs.flatMap((output) => {
    if (output.kind !== 'classes') return []
    const names = namesOfClasses(output)
    const array = `${classesOf(outputs, named.get(output.name) ?? '')}[${names.length}]`
    return [{ array, names: names.map(stringLiteral) }]
  })
  return {
    header: arrays.map(({ array }) => `extern const char *const ${array};\n`).join(''),
    source: arrays
      .map(({ array, names }) => `const char *const ${array} = {\n  ${names.join(',\n  ')}\n};\n`)
      .join('\n'),
  }
}

function classesOf(outputs: readonly OutputState[], name: string): string {
  return outputs.length === 1 ? 'model_classes' : `model_classes_${name}`
}

/** The statements that fill the struct `result` from the arrays of the outputs. */
export function resultStatements(preprocessing: Preprocessing, arrays: ReadonlyMap<string, string>): string {
  const { outputs } = preprocessing
  const names = identifiers(outputs.map(({ name }) => name))
  const code = new Code()
  for (const output of outputs) {
    const name = names.get(output.name) ?? ''
    const place = outputs.length === 1 ? 'result->' : `result->${name}.`
    code.block('', () => {
      code.line(`float *const y = ${arrays.get(output.name) ?? ''};`)
      toProbabilities(code, output)
      if (output.kind === 'numbers') writeNumbers(code, output, place)
      else writeClasses(code, output, place, classesOf(outputs, name))
    })
  }
  return code.toString()
}

function toProbabilities(code: Code, { shape, probabilities }: OutputState): void {
  if (probabilities === 'sigmoid')
    code.loop(sizeOf(shape), (i) => code.line(`y[${i}] = 1.0f / (1.0f + expf(-y[${i}]));`))
  if (probabilities !== 'softmax') return
  const units = shape.at(-1) ?? 1
  code.loop(sizeOf(shape) / units, (step) => {
    const at = (i: string): string => `y[${step} * ${units} + ${i}]`
    const [top, total] = [code.variable('top'), code.variable('total')]
    code.line(`float ${top} = ${at('0')}, ${total} = 0.0f;`)
    code.loop(units, (i) => code.line(`if (${at(i)} > ${top}) ${top} = ${at(i)};`))
    code.loop(units, (i) => code.line(`${total} += ${at(i)} = expf(${at(i)} - ${top});`))
    code.loop(units, (i) => code.line(`${at(i)} /= ${total};`))
  })
}

function writeNumbers(code: Code, { shape, scalings }: NumbersState, place: string): void {
  const size = sizeOf(shape)
  const field = (i: number): string => `${place}prediction${size === 1 ? '' : `[${i}]`}`
  for (let i = 0; i < size; i++) {
    const scaling = scalings[i % scalings.length]
    const number = `(double)y[${i}]`
    const undone = scaling
      ? `${number} / ${doubleLiteral(scaling.multiply)} + ${doubleLiteral(scaling.subtract)}`
      : number
    code.line(`${field(i)} = ${undone};`)
  }
}

function writeClasses(code: Code, state: ClassesState, place: string, classes: string): void {
  const { shape, probabilities } = state
  const units = shape.at(-1) ?? 1
  const [steps, count] = [sizeOf(shape) / units, Math.max(2, units)]
  const positive = positiveIndex(state)
  code.loop(steps, (step) => {
    const best = code.variable('best')
    const at = (i: string): string => `y[${step} * ${units} + ${i}]`
    code.line(`int ${best} = 0;`)
    if (units === 1) {
      code.line(`${best} = ${at('0')} > ${floatLiteral(limitOf(state))} ? ${positive} : ${1 - positive};`)
      code.line(`if (isnan(${at('0')})) ${best} = -1;`)
    } else {
      code.loop(units, (i) => code.line(`if (${best} >= 0 && ${at(i)} > ${at(best)}) ${best} = ${i};`))
      code.loop(units, (i) => code.line(`if (isnan(${at(i)})) ${best} = -1;`))
    }
    const field = `${place}prediction${steps === 1 ? '' : `[${step}]`}`
    code.line(`${field} = ${best} < 0 ? "" : ${classes}[${best}];`)
    if (probabilities === undefined) return
    const share = (i: string): string => `${place}probabilities[${step} * ${count} + ${i}]`
    if (units === 1) {
      code.line(`${share(String(positive))} = ${at('0')};`)
      code.line(`${share(String(1 - positive))} = 1.0f - ${at('0')};`)
    } else code.loop(units, (i) => code.line(`${share(i)} = ${at(i)};`))
  })
}
