// Machine code in this process, made executable and called through the library koffi.

import { platform } from 'node:os'

import type { VectorBytes } from '../../backend/native/assembler.ts'
import { NativeFunctions } from '../../backend/native/functions.ts'
import type { Processor } from '../../backend/native/processor.ts'
import { koffiFile, loadKoffi } from '../koffi.ts'
import type { Koffi } from '../koffi.ts'
import { executable } from './code-pages.ts'
import { useLargePages } from './large-pages.ts'

/** The vectors that machine code may use; with `none` WebAssembly does everything, to the same bits. */
export type NativeVectors = 'auto' | 'avx512' | 'avx2' | 'none'

/** Calls a function of machine code, as a module imports it: its number, the addresses a, b and out, the count. */
export type Multiply = (tile: number, a: number, b: number, out: number, count: number) => void

const SIGNATURE = 'int (int, int, int, int)'

/** Functions of machine code that can be called. */
export type MachineFunctions = {
  readonly addresses: readonly bigint[]
  /** The file of the library, for other threads. */
  readonly library: string
  /** The import that calls them from this thread. */
  multiply(): Multiply
}

export class Native {
  readonly #koffi: Koffi
  readonly #processor: Processor

  constructor(koffi: Koffi, processor: Processor) {
    this.#koffi = koffi
    this.#processor = processor
  }

  get vector(): VectorBytes {
    return this.#processor.vector
  }

  functionsOn(memory: WebAssembly.Memory): NativeFunctions {
    return new NativeFunctions(this.#processor, this.#addressOf(memory))
  }

  /** The same functions on another memory. */
  moved(functions: NativeFunctions, memory: WebAssembly.Memory): NativeFunctions {
    return functions.on(this.#addressOf(memory))
  }

  /** Gives a memory large pages as it grows up to a number of bytes, where the system has some. */
  useLargePages(memory: WebAssembly.Memory, bytes: number): void {
    useLargePages(this.#koffi, this.#addressOf(memory), bytes)
  }

  #addressOf({ buffer }: WebAssembly.Memory): bigint {
    return this.#koffi.address(new Uint8Array(buffer))
  }

  load({ code: { bytes, entries } }: NativeFunctions): MachineFunctions {
    const koffi = this.#koffi
    const page = executable(koffi, bytes)
    if (page === undefined) throw new Error('the system allowed an executable page before, and now does not')
    const addresses = entries.map((entry) => page + BigInt(entry))
    return {
      addresses,
      library: koffiFile(),
      multiply() {
        const signature = koffi.proto(SIGNATURE)
        const calls = addresses.map((address) => koffi.decode(address, 0, signature))
        return (tile, a, b, out, count) => void calls[tile]?.(a, b, out, count)
      },
    }
  }
}

/** `multiply` in a worker's own words, of the addresses and the library. */
export const MULTIPLY_SOURCE = `({ addresses, library }) => {
  const koffi = require(library)
  // Only this makes the room that calls from a thread need: without it they crash (koffi 3.3.4).
  koffi.load(null)
  const signature = koffi.proto('${SIGNATURE}')
  const calls = addresses.map((address) => koffi.decode(address, 0, signature))
  return (tile, a, b, out, count) => calls[tile](a, b, out, count)
}`

/** Machine code for this processor; undefined where it has no such vectors, or the library or the system is in the way. */
export function openNative(wanted: NativeVectors): Native | undefined {
  if (!opened.has(wanted)) opened.set(wanted, open(wanted))
  return opened.get(wanted)
}

/** The vectors of machine code, in a word: of `none`, WebAssembly computes everything. */
export function nativeName(native: Native | undefined): Exclude<NativeVectors, 'auto'> {
  return native === undefined ? 'none' : native.vector === 64 ? 'avx512' : 'avx2'
}

const opened = new Map<NativeVectors, Native | undefined>()

function open(wanted: NativeVectors): Native | undefined {
  if (wanted === 'none') return undefined
  const koffi = loadKoffi()
  const widest = koffi && widestVectors(koffi)
  if (koffi === undefined || widest === undefined) return undefined
  const vector = wanted === 'avx2' ? 32 : widest
  return new Native(koffi, {
    vector,
    halves: computesByHalves(koffi),
    windows: platform() === 'win32',
  })
}

/** Functions that return what the processor says of itself. */
const PROBES = {
  // push rbx; mov eax, 1; cpuid; pop rbx; ret
  signature: [0x53, 0xb8, 1, 0, 0, 0, 0x0f, 0xa2, 0x5b, 0xc3],
  // push rbx; mov eax, 1; xor ecx, ecx; cpuid; mov eax, ecx; pop rbx; ret
  leaf1: [0x53, 0xb8, 1, 0, 0, 0, 0x31, 0xc9, 0x0f, 0xa2, 0x89, 0xc8, 0x5b, 0xc3],
  // push rbx; mov eax, 7; xor ecx, ecx; cpuid; mov eax, ebx; pop rbx; ret
  leaf7: [0x53, 0xb8, 7, 0, 0, 0, 0x31, 0xc9, 0x0f, 0xa2, 0x89, 0xd8, 0x5b, 0xc3],
  // xor ecx, ecx; xgetbv; ret
  state: [0x31, 0xc9, 0x0f, 0x01, 0xd0, 0xc3],
} as const

/** Bits of cpuid and of XCR0: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (CPUID) and 1 (13.3). */
const [FMA, OSXSAVE, AVX2, AVX512F] = [1 << 12, 1 << 27, 1 << 5, 1 << 16]
const [YMM_STATE, ZMM_STATE] = [0x06, 0xe6]

function ask(koffi: Koffi, probe: keyof typeof PROBES): number {
  const page = executable(koffi, Uint8Array.from(PROBES[probe]))
  return page === undefined ? 0 : koffi.decode(page, 0, koffi.proto('int ()'))()
}

function widestVectors(koffi: Koffi): VectorBytes | undefined {
  const has = (value: number, bits: number): boolean => (value & bits) === bits
  if (!has(ask(koffi, 'leaf1'), FMA | OSXSAVE)) return undefined
  const [features, state] = [ask(koffi, 'leaf7'), ask(koffi, 'state')]
  if (has(features, AVX512F | AVX2) && has(state, ZMM_STATE)) return 64
  return has(features, AVX2) && has(state, YMM_STATE) ? 32 : undefined
}

/** Family and extended family in the signature of AMD's Zen 3 and Zen 4. */
const [FAMILY, ZEN_4] = [0x0ff00f00, 0x00a00f00]

/** True of Zen 4, whose units have 256 bits: of two halves a 512-bit vector takes as long as two vectors. */
function computesByHalves(koffi: Koffi): boolean {
  return (ask(koffi, 'signature') & FAMILY) === ZEN_4
}
