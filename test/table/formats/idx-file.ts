/** An IDX file of unsigned bytes, or with the header of another type. */
export function idxFile(shape: readonly number[], body: ArrayLike<number>, type = 0x08): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length)
  header.set([0, 0, type, shape.length])
  for (const [axis, length] of shape.entries()) header.writeUInt32BE(length, 4 + 4 * axis)
  return Buffer.concat([header, Uint8Array.from(body)])
}
