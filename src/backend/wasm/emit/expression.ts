// Writes the elementwise expressions of a group, four elements of one loop at a time. A value that runs along fewer
// loops than the current one is computed once, outside; a value read twice is computed once.

import type { Value } from '../../../ir/ir.ts'
import { isOfKind } from '../../../ir/ops/index.ts'
import { isShifted, operandsOf } from '../../plan/group.ts'
import type { ValueAlong } from '../../plan/group.ts'
import type { Axes } from '../../plan/space.ts'
import type { FunctionBuilder, Local, Vector } from '../assembler/function-builder.ts'
import { contiguousAccess, shiftedAccess } from './access.ts'
import type { Access } from './access.ts'
import { applyElementwise } from './elementwise.ts'
import { storeLanesAt } from './lanes.ts'
import type { Scene } from './scene.ts'
import type { Position } from './tile.ts'

/** Loops around the current instruction: how deep each is nested (1 or 2), and its index times 4. */
export type Loops = {
  readonly depth: ReadonlyMap<number, number>
  readonly index: ReadonlyMap<number, Position>
  /** The position in a tensor that runs along all loops, where it is known. */
  readonly element?: Position
  /** The loop whose elements fill a vector. */
  readonly vector: number | undefined
}

export class Expressions {
  readonly #f: FunctionBuilder
  readonly #scene: Scene
  readonly #loops: Loops
  readonly #scopes = Array.from({ length: 3 }, () => new Map<string, Local>())
  #depth = 0
  /** The vector's distance from the loop index, in vectors, and how many of its lanes are elements. */
  #vector = 0
  #lanes = 4
  /** Members that the group stored in an earlier pass. */
  #written: ReadonlySet<Value> = new Set()

  constructor(f: FunctionBuilder, scene: Scene, loops: Loops) {
    this.#f = f
    this.#scene = scene
    this.#loops = loops
  }

  /** Code that follows stands `depth` loops deep; what was computed so deep before is forgotten. */
  enter(depth: number): void {
    this.#depth = depth
    for (const scope of this.#scopes.slice(depth)) scope.clear()
  }

  /** Code that follows stands `depth` loops deep again, and knows what was computed there. */
  back(depth: number): void {
    this.#depth = depth
    for (const scope of this.#scopes.slice(depth + 1)) scope.clear()
  }

  /** Code that follows is of the nth vector of a block, whose first lanes are elements. */
  at(vector: number, lanes: number): void {
    this.#vector = vector
    this.#lanes = lanes
  }

  written(members: ReadonlySet<Value>): void {
    this.#written = members
  }

  /** Takes a vector from the stack as the value of an item at the current depth. */
  define(item: ValueAlong): void {
    this.#f.set(this.#remember(this.#key(item)))
  }

  /** Computes items, each in a local of its own. */
  compute(items: readonly ValueAlong[]): { item: ValueAlong; local: Vector }[] {
    return items.map((item) => {
      const local = this.#f.local('v128')
      this.push(item)
      this.#f.set(local)
      return { item, local }
    })
  }

  /** Makes a local the value of an item at the current depth. */
  bind(item: ValueAlong, local: Vector): void {
    this.#scopes[this.#depth]?.set(this.#key(item), local)
  }

  /** Computes the parts of items that need no loop deeper than the current one. */
  hoist(items: readonly ValueAlong[], pure: boolean): void {
    const seen = new Set<string>()
    for (const item of items) this.#hoist(item, pure, seen)
  }

  /** Pushes the vector of an item. */
  push({ value, axes }: ValueAlong): void {
    const item = this.#behind(value, axes)
    const key = this.#key(item)
    const known = this.#find(key)
    if (known !== undefined) {
      this.#f.get(known)
      return
    }
    const { value: source } = item
    if (source.op === 'constant' && source.data.length === 1) {
      const [number = 0] = source.data
      if (source.dtype === 'i32') this.#f.i32x4(number)
      else this.#f.f32x4(number)
      return
    }
    if (this.#isRead(source)) this.#load(this.#access(item))
    else this.#apply(item)
    this.#f.tee(this.#remember(key))
  }

  /** Pushes an item as f32 lanes. */
  pushFloat(item: ValueAlong): void {
    this.push(item)
    if (item.value.dtype === 'i32') this.#f.op('f32x4.convert_i32x4_s')
  }

  /** Takes a vector from a local and stores its elements as those of an item that lies in memory. */
  store(item: ValueAlong, from: Vector): void {
    const access = contiguousAccess(this.#scene, item)
    const stride = this.#vectorStride(access)
    storeLanesAt(this.#f, from, stride === 0 ? 1 : this.#lanes, () =>
      this.#pushAddress(access, this.#vector * 16 * stride),
    )
  }

  /** Computes the part of a stored item's address that the outer loops determine. */
  prepareStore(item: ValueAlong): void {
    this.#prepareAddress(contiguousAccess(this.#scene, item))
  }

  #prepareAddress({ strides, moved }: Access): void {
    this.#pushAddressPart(strides, 1)
    this.#f.op('drop')
    if (moved) {
      this.#pushMoved(moved)
      this.#f.op('drop')
    }
  }

  /** `seen`: the keys of what was hoisted as far as it can be. */
  #hoist(item: ValueAlong, pure: boolean, seen: Set<string>): void {
    const { value, axes } = this.#behind(item.value, item.axes)
    if (value.op === 'constant' && value.data.length === 1) return
    const key = this.#key({ value, axes })
    if (seen.has(key) || this.#find(key) !== undefined) return
    seen.add(key)
    const level = Math.max(0, ...axes.map((axis) => this.#loops.depth.get(axis) ?? 0))
    if (level <= this.#depth && (!pure || this.#isPure(value))) {
      this.push({ value, axes })
      this.#f.op('drop')
    } else if (this.#isRead(value) || isShifted(value)) {
      if (this.#depth === 1) this.#prepareAddress(this.#access({ value, axes }))
    } else if (value.op !== 'reduce') {
      for (const operand of operandsOf(value))
        this.#hoist(this.#operand({ value, axes }, operand), pure, seen)
    }
  }

  /** True if a value needs nothing that the group computes. */
  #isPure(value: Value): boolean {
    const { group, reading } = this.#scene
    if (group.members.has(value) || value === group.anchor) return false
    return this.#isRead(value) || operandsOf(value).every((x) => this.#isPure(reading.isView(x) ? x.x : x))
  }

  /** True if a value comes from memory rather than from its operands. */
  #isRead(value: Value): boolean {
    const { group, stored } = this.#scene
    if (value === group.anchor || group.members.has(value)) return this.#written.has(value)
    return stored.has(value)
  }

  #behind(value: Value, axes: Axes): ValueAlong {
    const found = this.#scene.reading.behind(this.#scene.space, value, axes)
    if (found === undefined) throw new Error(`the loops do not fit value ${value.id}`)
    return found
  }

  #operand({ value, axes }: ValueAlong, operand: Value): ValueAlong {
    const along = this.#scene.reading.operandAxes(this.#scene.space, value, operand, axes)
    if (along === undefined) throw new Error(`the loops do not fit an operand of value ${value.id}`)
    return { value: operand, axes: along }
  }

  #apply(item: ValueAlong): void {
    const { value } = item
    if (isOfKind(value, 'elementwise')) {
      applyElementwise(value, {
        f: this.#f,
        math: this.#scene.math,
        push: (x) => this.push(this.#operand(item, x)),
        pushFloat: (x) => this.pushFloat(this.#operand(item, x)),
      })
    } else if (isOfKind(value, 'count')) {
      this.#count(item, value)
    } else if (isShifted(value)) {
      this.#load(this.#access(item))
    } else if (isOfKind(value, 'indexing')) {
      this.push(this.#operand(item, value.x))
    } else {
      throw new Error(`value ${value.id} (${value.op}) is no elementwise expression`)
    }
  }

  /** The position along the loops that make up one axis. */
  #count({ axes }: ValueAlong, value: Value<'iota'>): void {
    const { space } = this.#scene
    const strides = space.strides(space.regroup(axes, value.shape)?.[value.axis] ?? [])
    const offset = this.#pushAddress({ strides, address: 0 }, 0)
    if (offset !== 0) this.#f.i32(offset).op('i32.add')
    this.#f.i32(2).op('i32.shr_u', 'i32x4.splat')
    const stride = this.#vectorStride({ strides, address: 0 })
    if (stride !== 0) {
      const first = 4 * this.#vector
      this.#f.i32x4(first * stride, (first + 1) * stride, (first + 2) * stride, (first + 3) * stride)
      this.#f.op('i32x4.add')
    }
    if (value.dtype === 'f32') this.#f.op('f32x4.convert_i32x4_s')
  }

  #access(item: ValueAlong): Access {
    const { value, axes } = item
    if (!isShifted(value) || this.#isRead(value)) return contiguousAccess(this.#scene, item)
    return shiftedAccess(this.#scene, value, axes)
  }

  #vectorStride({ strides }: Access): number {
    return this.#loops.vector === undefined ? 0 : (strides[this.#loops.vector] ?? 0)
  }

  #load(access: Access): void {
    const [f, stride] = [this.#f, this.#vectorStride(access)]
    const ahead = 4 * this.#vector
    if (stride === 0) f.memory('v128.load32_splat', this.#pushAddress(access, 0))
    else if (stride === 1) f.memory('v128.load', this.#pushAddress(access, 4 * ahead))
    else {
      f.memory('v128.load32_zero', this.#pushAddress(access, 4 * stride * ahead))
      const vector = f.local('v128')
      f.set(vector)
      for (let lane = 1; lane < this.#lanes; lane++) {
        const offset = this.#pushAddress(access, 4 * stride * (ahead + lane))
        f.get(vector).memoryLane('v128.load32_lane', lane, offset).set(vector)
      }
      f.get(vector)
    }
  }

  /** Pushes the part of an address that varies; returns the constant part, for the instruction's offset. */
  #pushAddress({ strides, address, moved }: Access, ahead: number): number {
    const { element, index } = this.#loops
    const { space } = this.#scene
    const whole = space.strides(space.all).every((stride, axis) => stride === strides[axis])
    if (element !== undefined && whole) this.#f.get(element.local)
    else {
      this.#pushAddressPart(strides, 1)
      if (this.#pushAddressPart(strides, 2)) this.#f.op('i32.add')
    }
    if (moved) {
      this.#pushMoved(moved)
      this.#f.op('i32.add')
    }
    if (element !== undefined && whole) return address + ahead + element.bytes
    const fixed = strides.reduce(
      (sum, stride, axis) => sum + stride * (index.get(axis)?.bytes ?? 0),
      address + ahead,
    )
    if (strides.every((stride) => stride >= 0)) return fixed
    this.#f.i32(fixed).op('i32.add')
    return 0
  }

  /** Pushes the bytes that an index in memory adds to an address. */
  #pushMoved({ index, bytes }: NonNullable<Access['moved']>): void {
    const key = `@moved:${index}*${bytes}`
    const known = this.#find(key)
    if (known !== undefined) this.#f.get(known)
    else {
      this.#f.i32(0).memory('i32.load', index).i32(bytes).op('i32.mul')
      this.#f.tee(this.#remember(key, 'i32'))
    }
  }

  /** Pushes what the loops of one depth add to an address, in bytes; nothing for inner loops that add nothing. */
  #pushAddressPart(strides: readonly number[], depth: 1 | 2): boolean {
    const f = this.#f
    const terms = strides.flatMap((stride, axis) =>
      stride !== 0 && this.#loops.depth.get(axis) === depth ? [{ stride, axis }] : [],
    )
    if (terms.length === 0) {
      if (depth === 1) f.i32(0)
      return depth === 1
    }
    const simple = terms.length === 1 && terms[0]?.stride === 1
    const key = `@${depth}:${terms.map(({ stride, axis }) => `${axis}*${stride}`).join()}`
    const known = simple ? undefined : this.#find(key)
    if (known !== undefined) {
      f.get(known)
      return true
    }
    terms.forEach(({ stride, axis }, i) => {
      const index = this.#loops.index.get(axis)
      if (index === undefined) throw new Error(`nothing counts loop ${axis}`)
      f.get(index.local)
      if (stride !== 1) f.i32(stride).op('i32.mul')
      if (i > 0) f.op('i32.add')
    })
    if (!simple) f.tee(this.#remember(key, 'i32'))
    return true
  }

  #key({ value, axes }: ValueAlong): string {
    const varies = this.#loops.vector !== undefined && axes.includes(this.#loops.vector)
    return `${value.id}:${axes.join()}${varies ? `+${this.#vector}` : ''}`
  }

  #find(key: string): Local | undefined {
    return this.#scopes.find((scope) => scope.has(key))?.get(key)
  }

  #remember(key: string, type: 'v128' | 'i32' = 'v128'): Local {
    const local = this.#f.local(type)
    this.#scopes[this.#depth]?.set(key, local)
    return local
  }
}
