import type { ByName } from '../../step/step-program.ts'
import type { Task } from '../../step/task.ts'
import type { Arena } from './arena.ts'

/** Addresses of the i32 that hold the address of what lies elsewhere in each call, for all programs of a model. */
export class Pointers {
  readonly order: number
  readonly rows: number
  readonly inputs: ByName<number>
  readonly targets: ByName<number>
  readonly rowWeights: ByName<number>
  readonly outputs: ByName<number>

  constructor(arena: Arena, { graph, outputs }: Task) {
    const pointer = (): number => arena.allocate(4, 'the network')
    const pointers = (named: readonly { readonly name: string }[]): ByName<number> =>
      new Map(named.map(({ name }) => [name, pointer()]))
    this.order = pointer()
    this.rows = pointer()
    this.inputs = pointers(graph.inputs)
    this.targets = pointers(outputs)
    this.rowWeights = pointers(outputs)
    this.outputs = pointers(graph.outputs.map((name) => ({ name })))
  }

  /** The addresses of all, in order. */
  get all(): number[] {
    const { order, rows, inputs, targets, rowWeights, outputs } = this
    return [order, rows, ...[inputs, targets, rowWeights, outputs].flatMap((named) => [...named.values()])]
  }
}
