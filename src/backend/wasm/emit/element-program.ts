// The elementwise expressions of an anchor's result as a program for a machine.

import type { Value } from '../../../ir/ir.ts'
import { isOfKind } from '../../../ir/ops/index.ts'
import { operandsOf } from '../../plan/group.ts'
import type { ValueAlong } from '../../plan/group.ts'
import { constantStep, isElementBinary, isElementFunction } from '../../plan/element-program.ts'
import type { Along, ElementProgram, ElementStep } from '../../plan/element-program.ts'
import { storedOf } from './epilogue.ts'
import type { Scene } from './expression.ts'

/** The program of what a group computes of its anchor's numbers and stores; undefined where a machine does not know a part of it. */
export function elementProgramOf(anchor: Value | undefined, scene: Scene): ElementProgram | undefined {
  const translation = new ElementTranslation(anchor, scene)
  const stores = storedOf(anchor, scene).map((value) => {
    const number = scene.moving.has(value) ? undefined : translation.valueOf({ value, axes: scene.space.all })
    return number === undefined ? [] : [{ value: number, address: scene.addressOf(value) }]
  })
  if (stores.length === 0 || stores.some(({ length }) => length === 0)) return undefined
  return { steps: translation.steps, stores: stores.flat() }
}

class ElementTranslation {
  readonly steps: ElementStep[] = []
  readonly #anchor: Value | undefined
  readonly #scene: Scene
  readonly #known = new Map<string, number>()

  constructor(anchor: Value | undefined, scene: Scene) {
    this.#anchor = anchor
    this.#scene = scene
  }

  /** The number of an item's value, whose steps are added where they are new; undefined if a machine does not know it. */
  valueOf({ value, axes }: ValueAlong): number | undefined {
    const { reading, space } = this.#scene
    const item = reading.behind(space, value, axes)
    if (item === undefined || item.value.dtype !== 'f32') return undefined
    if (item.value === this.#anchor) return this.#alongOf(item) === 'element' ? 0 : undefined
    const key = `${item.value.id}:${item.axes.join()}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const step = this.#stepOf(item)
    if (step === undefined) return undefined
    const number = typeof step === 'number' ? step : this.steps.push(step)
    this.#known.set(key, number)
    return number
  }

  /** The step that makes an item, or the number of a value that it is. */
  #stepOf(item: ValueAlong): ElementStep | number | undefined {
    const { value } = item
    const { group, stored, moving, addressOf } = this.#scene
    if (value.op === 'constant' && value.data.length === 1) {
      return constantStep(value.data[0] ?? 0)
    }
    if (stored.has(value) && !group.members.has(value)) {
      const along = this.#alongOf(item)
      if (along === undefined || moving.has(value)) return undefined
      return { kind: 'load', address: addressOf(value), along }
    }
    if (!isOfKind(value, 'elementwise', 'indexing')) return undefined
    const [x, y, z] = operandsOf(value).map((operand) => this.#operandOf(item, operand))
    if (x === undefined) return undefined
    if (isOfKind(value, 'indexing') || value.op === 'cast') return x
    if (value.op === 'unary') {
      return isElementFunction(value.function) ? { kind: 'unary', function: value.function, x } : undefined
    }
    if (y === undefined) return undefined
    if (value.op === 'binary') {
      return isElementBinary(value.function) ? { kind: 'binary', function: value.function, x, y } : undefined
    }
    return z === undefined ? undefined : { kind: 'select', condition: x, x: y, y: z }
  }

  #operandOf({ value, axes }: ValueAlong, operand: Value): number | undefined {
    const { reading, space } = this.#scene
    const along = reading.operandAxes(space, value, operand, axes)
    return along && this.valueOf({ value: operand, axes: along })
  }

  /** The places of an item that lies in memory in the order of the result, along all or some of its axes. */
  #alongOf({ axes }: ValueAlong): Along | undefined {
    const { space } = this.#scene
    const same = (others: readonly number[]): boolean => axes.join() === others.join()
    if (same(space.all)) return 'element'
    if (axes.length === 0) return 'all'
    if (same(space.segment(1))) return 'row'
    return same(space.segment(2)) ? 'column' : undefined
  }
}
