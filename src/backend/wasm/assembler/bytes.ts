/** A growing array of bytes with the number encodings of the WebAssembly binary format. */
export class Bytes {
  #data = new Uint8Array(256)
  #view = new DataView(this.#data.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  toUint8Array(): Uint8Array<ArrayBuffer> {
    return this.#data.slice(0, this.#length)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#data[this.#length++] = value
  }

  /** LEB128 of an unsigned 32-bit integer. */
  unsigned(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** LEB128 of a signed 32-bit integer; unsigned ones wrap around. */
  signed(value: number): void {
    let rest = value | 0
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    this.byte(rest & 0x7f)
  }

  /** LEB128 of a signed 64-bit integer; unsigned ones wrap around. */
  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value)
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    this.byte(Number(rest & 0x7fn))
  }

  float32(value: number): void {
    this.#reserve(4)
    this.#view.setFloat32(this.#length, value, true)
    this.#length += 4
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  int32(value: number): void {
    this.#reserve(4)
    this.#view.setInt32(this.#length, value, true)
    this.#length += 4
  }

  name(text: string): void {
    this.sized(new TextEncoder().encode(text))
  }

  /** A length and then the bytes. */
  sized(bytes: Bytes | Uint8Array): void {
    this.unsigned(bytes.length)
    this.append(bytes)
  }

  append(bytes: Bytes | Uint8Array): void {
    this.#reserve(bytes.length)
    this.#data.set(bytes instanceof Bytes ? bytes.#data.subarray(0, bytes.length) : bytes, this.#length)
    this.#length += bytes.length
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#data.length) return
    const grown = new Uint8Array(Math.max(2 * this.#data.length, this.#length + count))
    grown.set(this.#data)
    this.#data = grown
    this.#view = new DataView(grown.buffer)
  }
}
