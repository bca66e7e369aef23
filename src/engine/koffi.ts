import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'

const require = createRequire(import.meta.url)
/** koffi for this system, where machine code runs: the package koffi itself has a script for its installation. */
const KOFFI = `@koromix/koffi-${platform()}-x64`

/** The part of koffi that is used; its own types say `any`. */
export type Koffi = {
  /** Opens a library; null is the program itself. */
  load(path: string | null): {
    func(declaration: string): (...args: readonly (number | bigint | null)[]) => number
    /** The address of a variable; throws where there is none. */
    symbol(name: string, type: string): bigint
  }
  proto(declaration: string): unknown
  decode(address: bigint, offset: number, type: unknown): (...args: readonly number[]) => number
  address(bytes: Uint8Array): bigint
  view(address: bigint, bytes: number): ArrayBuffer
}

/** The library that calls functions of others, where it is installed and loads: it is optional. */
export function loadKoffi(): Koffi | undefined {
  if (arch() !== 'x64') return undefined
  try {
    // koffi's own types are all `any`.
    return require(KOFFI) as Koffi
  } catch {
    return undefined
  }
}

/** The file of koffi, for other threads. */
export function koffiFile(): string {
  return require.resolve(KOFFI)
}
