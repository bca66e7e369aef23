// The part of the WebAssembly JavaScript interface that the compiler uses: it belongs to the DOM's typings, which a
// Node program does without. https://webassembly.github.io/spec/js-api/

declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string
  }
  interface Instance {
    readonly exports: Readonly<Record<string, (...args: number[]) => number>>
  }
  interface Memory {
    readonly buffer: ArrayBufferLike
    /** By pages of 64 KiB; throws a RangeError beyond the maximum. */
    grow(pages: number): number
  }

  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module
  type Imports = Readonly<Record<string, Readonly<Record<string, Memory | ((...args: number[]) => void)>>>>
  const Instance: new (module: Module, imports: Imports) => Instance
  const Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean
  function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: Imports): Promise<{ instance: Instance }>
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>
}
