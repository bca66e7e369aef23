// The elementwise expressions of an anchor's result as a program for a machine.

import type { Value } from '../../../ir/ir.ts'
import { isOfKind } from '../../../ir/ops/index.ts'
import { isShifted, operandsOf } from '../../plan/group.ts'
import type { ValueAlong } from '../../plan/group.ts'
import { constantStep, isElementBinary, isElementFunction } from '../../plan/element-program.ts'
import type { ElementProgram, ElementStep, ElementPlace } from '../../plan/element-program.ts'
import type { Axes } from '../../plan/space.ts'
import { contiguousAccess, shiftedAccess } from './access.ts'
import type { Access } from './access.ts'
import { storedOf } from './epilogue.ts'
import type { Scene } from './scene.ts'

/**
 * The program of what a group computes of its anchor's numbers and stores; without an anchor, its last loop runs along the
 * columns. Undefined where a machine does not know a part of it.
 */
export function elementProgramOf(anchor: Value | undefined, scene: Scene): ElementProgram | undefined {
  const translation = new ElementTranslation(anchor, scene)
  const stores = storedOf(anchor, scene).map((value) => {
    const item = { value, axes: scene.space.all }
    const number = translation.valueOf(item)
    const { address } = contiguousAccess(scene, item)
    const place = translation.placeOf(contiguousAccess(scene, item))
    return number === undefined || place === undefined ? [] : [{ value: number, address, place }]
  })
  if (stores.length === 0 || stores.some(({ length }) => length === 0)) return undefined
  return { steps: translation.steps, stores: stores.flat() }
}

class ElementTranslation {
  readonly steps: ElementStep[] = []
  readonly #anchor: Value | undefined
  readonly #scene: Scene
  readonly #rows: Axes
  readonly #columns: Axes
  readonly #known = new Map<string, number>()

  constructor(anchor: Value | undefined, scene: Scene) {
    this.#anchor = anchor
    this.#scene = scene
    const { all } = scene.space
    this.#rows = anchor ? scene.space.segment(1) : all.slice(0, -1)
    this.#columns = anchor ? scene.space.segment(2) : all.slice(-1)
  }

  /** The number of an item's value, whose steps are added where they are new; undefined if a machine does not know it. */
  valueOf({ value, axes }: ValueAlong): number | undefined {
    const { reading, space } = this.#scene
    const item = reading.behind(space, value, axes)
    if (item === undefined || item.value.dtype !== 'f32') return undefined
    if (item.value === this.#anchor) return item.axes.join() === space.all.join() ? 0 : undefined
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
    const { group, stored } = this.#scene
    if (value.op === 'constant' && value.data.length === 1) {
      return constantStep(value.data[0] ?? 0)
    }
    if (stored.has(value) && !group.members.has(value)) return this.#load(contiguousAccess(this.#scene, item))
    if (isShifted(value)) return this.#load(shiftedAccess(this.#scene, value, item.axes))
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

  #load(access: Access): ElementStep | undefined {
    const place = this.placeOf(access)
    return place && { kind: 'load', address: access.address, place }
  }

  /** The place of elements in memory; undefined where they lie otherwise. */
  placeOf({ strides, moved }: Access): ElementPlace | undefined {
    const [row, column] = [this.#rows, this.#columns].map((axes) => this.#distance(strides, axes))
    if (row === undefined || (column !== 0 && column !== 1)) return undefined
    return { row, column, moved }
  }

  /** Numbers from one element to the next along loops as if they were one; undefined where they are not. */
  #distance(strides: readonly number[], axes: Axes): number | undefined {
    const [distance = 0] = axes.slice(-1).map((axis) => strides[axis] ?? 0)
    let next = distance
    for (const axis of axes.toReversed()) {
      if (strides[axis] !== next) return undefined
      next *= this.#scene.space.size(axis)
    }
    return distance
  }
}
