import type { RandomRun } from '../plan/tile-machine.ts'
import { XOR_INTEGERS } from './assembler.ts'
import type { Assembler, Memory, Register, VectorOperation } from './assembler.ts'

const MOVE: VectorOperation = { opcode: 0x28, map: 1, prefix: 0 }
const ADD: VectorOperation = { opcode: 0xfe, map: 1, prefix: 1 }
const SHIFT: VectorOperation = { opcode: 0x72, map: 1, prefix: 1 }
/** The field of a shift that says logical and right. */
const RIGHT = 2
const MULTIPLY_EVEN: VectorOperation = { opcode: 0xf4, map: 1, prefix: 1, wide: true }
const MULTIPLY_LOW: VectorOperation = { opcode: 0x40, map: 2, prefix: 1 }
const MULTIPLY_FLOATS: VectorOperation = { opcode: 0x59, map: 1, prefix: 0 }
const TO_FLOATS: VectorOperation = { opcode: 0x5b, map: 1, prefix: 0 }
const DUPLICATE_ODD: VectorOperation = { opcode: 0x16, map: 1, prefix: 2 }
const SHUFFLE: VectorOperation = { opcode: 0x70, map: 1, prefix: 1 }
const SHUFFLE_TWO: VectorOperation = { opcode: 0xc6, map: 1, prefix: 0 }
const MIX_LOW: VectorOperation = { opcode: 0x14, map: 1, prefix: 0 }
const MIX_HIGH: VectorOperation = { opcode: 0x15, map: 1, prefix: 0 }
/** Selections of four lanes: two of one vector and two of another. */
const [ODD_ODD, LOW_LOW, HIGH_HIGH, MIDDLE_SWAPPED] = [0xdd, 0x44, 0xee, 0xd8]

/** Arguments of a function in the System V calling convention, and registers that it need not keep. */
const [first, to, count] = ['rdi', 'rdx', 'rcx'] as const satisfies readonly Register[]
const [pool, place] = ['rax', 'r8'] as const satisfies readonly Register[]

/** Vectors that stay: the factors, the keys of a round, the numbers of the next blocks. The first eight hold words. */
const [M0, M1, KEY0, KEY1, BLOCK] = [8, 9, 10, 11, 12] as const
/** Philox4x32-10, as in src/random.ts. */
const [FACTOR0, FACTOR1, GROWTH0, GROWTH1, ROUNDS] = [0xd2511f53, 0xcd9e8d57, 0x9e3779b9, 0xbb67ae85, 10]
/** The bits of 2^-24. */
const SCALE = 0x33800000

type Four = readonly [number, number, number, number]

/**
 * The function (first, nothing, out, count) that writes `count` times as many blocks of random numbers as a vector has
 * lanes, from block number `first` on; addresses count from `memory`, an address of this process.
 */
export function emitRandom(code: Assembler, memory: bigint, { counter, key, id }: RandomRun): void {
  const lanes = code.vector / 4
  const constants = new ConstantVectors(lanes)
  const fill = (vector: number, source: number | { readonly address: number }): void => {
    if (typeof source === 'number') return code.load(vector, constants.all(source))
    code.set(place, memory + BigInt(source.address))
    code.broadcast(vector, { base: place, bytes: 0 })
  }
  const placeConstants = code.setAddress(pool)
  code.moveUnsigned32(to, to)
  code.moveUnsigned32(count, count)
  code.set(place, memory)
  code.add(to, place)
  // The blocks whose words the transposed vectors hold one after the other.
  const order = constants.of((lane) => (lanes / 4) * (lane % 4) + Math.floor(lane / 4))
  code.push(first)
  code.broadcast(BLOCK, { base: 'rsp', bytes: 0 })
  code.pop(first)
  code.vectors(ADD, BLOCK, BLOCK, order)
  fill(M0, FACTOR0)
  fill(M1, FACTOR1)
  const next = code.label()
  code.vectors(MOVE, 0, 0, BLOCK)
  code.vectors(ADD, BLOCK, BLOCK, constants.all(lanes))
  fill(1, counter)
  fill(2, id[0])
  fill(3, id[1])
  fill(KEY0, key[0])
  fill(KEY1, key[1])
  const words = emitRounds(code, constants)
  storeTransposed(code, words, constants.all(SCALE))
  code.add(to, 4 * code.vector)
  code.subtract(count, 1)
  code.jumpIfNotZero(next)
  code.leaveVectors()
  code.return()
  code.align(64)
  placeConstants(code.label())
  constants.write(code)
}

/** Vectors of numbers behind the code, each once. */
class ConstantVectors {
  readonly #lanes: number
  readonly #vectors: (readonly number[])[] = []

  constructor(lanes: number) {
    this.#lanes = lanes
  }

  of(valueAt: (lane: number) => number): Memory {
    const vector = Array.from({ length: this.#lanes }, (_, lane) => valueAt(lane))
    const known = this.#vectors.findIndex((other) => other.every((value, lane) => value === vector[lane]))
    const index = known < 0 ? this.#vectors.push(vector) - 1 : known
    return { base: pool, bytes: 4 * this.#lanes * index }
  }

  all(value: number): Memory {
    return this.of(() => value)
  }

  write(code: Assembler): void {
    for (const value of this.#vectors.flat()) code.int32(value)
  }
}

/** The rounds of Philox on the words in the vectors 0 to 3; returns where they are then. */
function emitRounds(code: Assembler, constants: ConstantVectors): Four {
  let words: Four = [0, 1, 2, 3]
  let free: Four = [4, 5, 6, 7]
  for (let round = 0; round < ROUNDS; round++) {
    const [c0, c1, c2, c3] = words
    const [high0, odd0, high1, odd1] = free
    multiply(code, c0, M0, high0, odd0)
    multiply(code, c2, M1, high1, odd1)
    code.vectors(XOR_INTEGERS, c1, c1, high1)
    code.vectors(XOR_INTEGERS, c1, c1, KEY0)
    code.vectors(XOR_INTEGERS, c3, c3, high0)
    code.vectors(XOR_INTEGERS, c3, c3, KEY1)
    words = [c1, c2, c3, c0]
    free = [high0, odd0, high1, odd1]
    if (round === ROUNDS - 1) break
    code.vectors(ADD, KEY0, KEY0, constants.all(GROWTH0))
    code.vectors(ADD, KEY1, KEY1, constants.all(GROWTH1))
  }
  return words
}

/** Replaces x by the low words of the products of its unsigned lanes with a factor; the high words go elsewhere. */
function multiply(code: Assembler, x: number, factor: number, high: number, odd: number): void {
  code.vectors(MULTIPLY_EVEN, high, x, factor)
  code.vectors(DUPLICATE_ODD, odd, 0, x)
  code.vectors(MULTIPLY_EVEN, odd, odd, factor)
  code.vectors(SHUFFLE_TWO, high, high, odd, ODD_ODD)
  code.vectors(SHUFFLE, high, 0, high, MIDDLE_SWAPPED)
  code.vectors(MULTIPLY_LOW, x, x, factor)
}

/** Stores the words of each block side by side, as numbers in [0, 1). */
function storeTransposed(code: Assembler, [w0, w1, w2, w3]: Four, scale: Memory): void {
  const [low01, low23, high01, high23] = [4, 5, 6, 7]
  // The words are in the first four vectors, in any order.
  code.vectors(MIX_LOW, low01, w0, w1)
  code.vectors(MIX_LOW, low23, w2, w3)
  code.vectors(MIX_HIGH, high01, w0, w1)
  code.vectors(MIX_HIGH, high23, w2, w3)
  const halves = [
    [low01, low23, LOW_LOW],
    [low01, low23, HIGH_HIGH],
    [high01, high23, LOW_LOW],
    [high01, high23, HIGH_HIGH],
  ] as const
  for (const [i, [x, y, selection]] of halves.entries()) {
    code.vectors(SHUFFLE_TWO, i, x, y, selection)
    code.vectors(SHIFT, RIGHT, i, i, 8)
    code.vectors(TO_FLOATS, i, 0, i)
    code.vectors(MULTIPLY_FLOATS, i, i, scale)
    code.store(i, { base: to, bytes: i * code.vector })
  }
}
