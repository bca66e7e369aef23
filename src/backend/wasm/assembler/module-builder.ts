// Builds WebAssembly binaries: a module of functions whose bodies are written instruction by instruction, in the
// names of the text format. Type errors are left to the engine's validation, which names function and offset.

import { Bytes } from './bytes.ts'
import { FunctionBuilder } from './function-builder.ts'
import type { FunctionIndex, Local } from './function-builder.ts'
import { valueTypes } from './instructions.ts'
import type { ValueType } from './instructions.ts'

export type MemoryLimits = { readonly initial: number; readonly maximum: number; readonly shared: boolean }

type Signature<Params extends readonly ValueType[] = readonly ValueType[]> = {
  readonly params: Params
  readonly results: readonly ValueType[]
}

/** A local variable of each type. */
export type LocalsOf<Types extends readonly ValueType[]> = { readonly [I in keyof Types]: Local<Types[I]> }

export class ModuleBuilder {
  readonly #types = new Map<string, number>()
  readonly #typeSection = new Bytes()
  readonly #imports = new Bytes()
  readonly #exports = new Bytes()
  readonly #data = new Bytes()
  readonly #functions: { type: number; code: Bytes }[] = []
  #importCount = 0
  #importedFunctions = 0
  #exportCount = 0
  #dataCount = 0

  /** Limits are in pages of 64 KiB. */
  importMemory(module: string, name: string, limits: MemoryLimits): void {
    this.#importCount++
    this.#imports.name(module)
    this.#imports.name(name)
    this.#imports.byte(0x02)
    this.#imports.byte(limits.shared ? 0x03 : 0x01)
    this.#imports.unsigned(limits.initial)
    this.#imports.unsigned(limits.maximum)
  }

  /** Imports a function; all imports come before the first function of the module itself. */
  importFunction(module: string, name: string, signature: Signature): FunctionIndex {
    if (this.#functions.length > 0) throw new Error('a function is imported after others were defined')
    this.#importCount++
    this.#imports.name(module)
    this.#imports.name(name)
    this.#imports.byte(0x00)
    this.#imports.unsigned(this.#type(signature))
    return this.#importedFunctions++
  }

  /** Appends a function; `body` gets its builder and its parameters as locals. */
  function<const Params extends readonly ValueType[]>(
    signature: Signature<Params>,
    body: (f: FunctionBuilder, ...params: LocalsOf<Params>) => void,
  ): FunctionIndex
  function(signature: Signature, body: (f: FunctionBuilder, ...params: Local[]) => void): FunctionIndex {
    const f = new FunctionBuilder(signature.params)
    body(f, ...f.parameters)
    const index = this.#functions.push({ type: this.#type(signature), code: f.toBytes() }) - 1
    return this.#importedFunctions + index
  }

  export(name: string, index: FunctionIndex): void {
    this.#exportCount++
    this.#exports.name(name)
    this.#exports.byte(0x00)
    this.#exports.unsigned(index)
  }

  /** Bytes that are written to the memory when the module is instantiated. */
  data(address: number, bytes: Uint8Array): void {
    this.#dataCount++
    this.#data.byte(0x00)
    // The address is an expression: i32.const, end.
    this.#data.byte(0x41)
    this.#data.signed(address)
    this.#data.byte(0x0b)
    this.#data.sized(bytes)
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const types = new Bytes()
    const code = new Bytes()
    for (const f of this.#functions) {
      types.unsigned(f.type)
      code.sized(f.code)
    }
    const out = new Bytes()
    out.append(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00))
    section(out, 1, this.#types.size, this.#typeSection)
    section(out, 2, this.#importCount, this.#imports)
    section(out, 3, this.#functions.length, types)
    section(out, 7, this.#exportCount, this.#exports)
    section(out, 10, this.#functions.length, code)
    section(out, 11, this.#dataCount, this.#data)
    return out.toUint8Array()
  }

  #type({ params, results }: Signature): number {
    const key = `${params.join()}:${results.join()}`
    const known = this.#types.get(key)
    if (known !== undefined) return known
    this.#typeSection.byte(0x60)
    for (const list of [params, results]) {
      this.#typeSection.unsigned(list.length)
      for (const type of list) this.#typeSection.byte(valueTypes[type])
    }
    this.#types.set(key, this.#types.size)
    return this.#types.size - 1
  }
}

function section(out: Bytes, id: number, count: number, content: Bytes): void {
  if (count === 0) return
  const body = new Bytes()
  body.unsigned(count)
  body.append(content)
  out.byte(id)
  out.sized(body)
}
