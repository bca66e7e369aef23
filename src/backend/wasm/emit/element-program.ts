// The elementwise expressions of an anchor's result as a program for a machine.

import type { Value } from '../../../ir/ir.ts'
import { isOfKind } from '../../../ir/ops/index.ts'
import { isShifted, operandsOf } from '../../plan/group.ts'
import type { ValueAlong } from '../../plan/group.ts'
import { constantStep, isElementBinary, isElementFunction } from '../../plan/element-program.ts'
import type { ElementPlace, ElementProgram, ElementStep, ElementStore } from '../../plan/element-program.ts'
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
  const stored = storedOf(anchor, scene)
  const stores = translation.storesOf(stored)
  if (stores.length === 0 || stores.length < stored.length) return undefined
  return { steps: translation.steps, stores }
}

/**
 * The program of the rows of a nest with column sums, to which it adds and which lie some bytes behind each other, and of
 * values that it stores on the way. Undefined where a machine does not know a part of it.
 */
export function columnSumsProgramOf(
  sums: readonly Value<'reduce'>[],
  stored: readonly Value[],
  bytes: number,
  scene: Scene,
): ElementProgram | undefined {
  const translation = new ElementTranslation(undefined, scene)
  const changes = sums.flatMap(({ x }, i) => {
    const value = translation.valueOf({ value: x, axes: scene.space.all })
    return value === undefined ? [] : [{ value: translation.addedTo(i * bytes, value), bytes: i * bytes }]
  })
  const stores = translation.storesOf(stored)
  if (changes.length < sums.length || stores.length < stored.length) return undefined
  return { steps: translation.steps, stores, changes }
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

  /** The stores of values that run along all loops, as far as a machine knows them. */
  storesOf(values: readonly Value[]): ElementStore[] {
    return values.flatMap((value) => {
      const item = { value, axes: this.#scene.space.all }
      const number = this.valueOf(item)
      const access = contiguousAccess(this.#scene, item)
      const place = this.placeOf(access)
      return number === undefined || place === undefined
        ? []
        : [{ value: number, address: access.address, place }]
    })
  }

  /** The number of a value added to the numbers some bytes behind the argument. */
  addedTo(bytes: number, value: number): number {
    const sum = bytes === 0 ? 0 : this.steps.push({ kind: 'beside', bytes })
    return this.steps.push({ kind: 'binary', function: 'add', x: sum, y: value })
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
