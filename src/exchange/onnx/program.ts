import type { Op, Program, Value } from '../../ir/ir.ts'
import { withAncestors } from '../../ir/ops/index.ts'
import { required } from '../../step/step-program.ts'
import { BatchLengths } from '../batch.ts'
import { ElementType } from './graph.ts'
import type { GraphWriter } from './graph.ts'
import { OPERATORS } from './operators.ts'
import type { WrittenValue, Writing } from './operators.ts'

/** An input of a program that is made of one of its outputs, outside of it. */
type Made = { readonly output: string; readonly write: (graph: GraphWriter, x: string) => string }

/** The graph that a program is written into; `given` are the tensors that its inputs are, by name. */
type Place = { readonly graph: GraphWriter; readonly given: ReadonlyMap<string, string | Made> }

/**
 * Writes a program, given for two batches; `batched` is the name of a tensor whose first axis is that of the rows. Returns the
 * names of the program's outputs.
 */
export function writeProgram(
  place: Place,
  [program, other]: readonly [Program, Program],
  batched: string,
): ReadonlyMap<string, string> {
  return writeInto(place, program, new BatchLengths(program, other), batched)
}

function writeInto(
  { graph, given }: Place,
  program: Program,
  lengths: BatchLengths,
  batched: string,
): ReadonlyMap<string, string> {
  const written = new Map<Value, WrittenValue>()
  const of = (value: Value): WrittenValue => {
    const known = written.get(value)
    if (known !== undefined) return known
    const result = write(value, writing)
    const made = typeof result === 'string' ? { name: result } : result
    written.set(value, made)
    return made
  }
  const inputOf = (name: string): string => {
    const tensor = given.get(name) ?? name
    if (typeof tensor === 'string') return tensor
    return tensor.write(graph, of(required(program.outputs, tensor.output)).name)
  }
  let rows: string | undefined
  const writing: Writing = {
    graph,
    inputOf,
    nameOf: (value) => of(value).name,
    truthOf: (value) => of(value).truth ?? graph.node('Cast', [of(value).name], { to: ElementType.bool }),
    partOf: (value, offset) => required(of(value).parts ?? new Map<number, string>(), offset),
    lengthsOf: (value) => lengths.of(value),
    rows: () => (rows ??= graph.node('Shape', [batched], { start: 0, end: 1 })),
    writeBody: (body, inner, names) => writeInto({ graph: inner, given: names }, body, lengths, batched),
  }
  const live = withAncestors(program.outputs.values())
  // In their order, but for those that an input is made of.
  for (const value of program.values) if (live.has(value)) of(value)
  return new Map(Array.from(program.outputs, ([name, value]) => [name, of(value).name]))
}

function write<K extends Op>(value: Value<K>, writing: Writing): string | WrittenValue {
  return OPERATORS[value.op](value, writing)
}
