import type { Op, Program, Value } from '../../ir/ir.ts'
import { removeDeadCode } from '../../ir/passes/dead-code.ts'
import { BatchLengths } from './batch.ts'
import { ElementType } from './graph.ts'
import type { GraphWriter } from './graph.ts'
import { OPERATORS } from './operators.ts'
import type { WrittenValue, Writing } from './operators.ts'

/** The graph that a program is written into; `given` names the tensors that its inputs are. */
export type WritingPlace = {
  readonly graph: GraphWriter
  readonly given: ReadonlyMap<string, string>
  /** The name of a tensor whose first axis is that of the rows. */
  readonly batched: string
}

/** Writes a program, given for two batches; returns the names of its outputs. */
export function writeProgram(
  { graph, given, batched }: WritingPlace,
  programs: readonly [Program, Program],
): ReadonlyMap<string, string> {
  const [program, other] = [removeDeadCode(programs[0]), removeDeadCode(programs[1])]
  const lengths = new BatchLengths(program, other)
  const written = new Map<Value, WrittenValue>()
  const of = (value: Value): WrittenValue => required(written, value)
  let rows: string | undefined
  const writing: Writing = {
    graph,
    inputOf: (name) => given.get(name) ?? name,
    nameOf: (value) => of(value).name,
    truthOf: (value) => of(value).truth ?? graph.node('Cast', [of(value).name], { to: ElementType.bool }),
    lengthsOf: (value) => lengths.of(value),
    rows: () => (rows ??= graph.node('Shape', [batched], { start: 0, end: 1 })),
  }
  for (const value of program.values) {
    const result = write(value, writing)
    written.set(value, typeof result === 'string' ? { name: result } : result)
  }
  return new Map(Array.from(program.outputs, ([name, value]) => [name, of(value).name]))
}

function write<K extends Op>(value: Value<K>, writing: Writing): string | WrittenValue {
  return OPERATORS[value.op](value, writing)
}

function required<K, T>(values: ReadonlyMap<K, T>, key: K): T {
  const value = values.get(key)
  if (value === undefined) throw new Error('a value is used before it is written')
  return value
}
