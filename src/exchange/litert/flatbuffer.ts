// Files of FlatBuffers (flatbuffers.dev/internals): what an object refers to lies behind it.

/** A number inside a table. */
type FlatNumber = { readonly size: 1 | 4; readonly value: number }

/** The fields of a table in the order of their schema; those that have their default are left out. */
type FlatTable = { readonly kind: 'table'; readonly fields: readonly (FlatNumber | FlatObject | undefined)[] }
/** Numbers, or the characters of a string, whose bytes begin at a multiple of `align`. */
type FlatBytes = {
  readonly kind: 'bytes'
  readonly count: number
  readonly data: Uint8Array
  readonly align: number
}
type FlatList = { readonly kind: 'list'; readonly items: readonly FlatObject[] }

export type FlatObject = FlatTable | FlatBytes | FlatList

/** A number of one byte, such as a truth value or a member of an enumeration. */
export function byte(value: number | boolean): FlatNumber {
  return { size: 1, value: Number(value) }
}

export function int32(value: number): FlatNumber {
  return { size: 4, value }
}

export function table(...fields: FlatTable['fields']): FlatTable {
  return { kind: 'table', fields }
}

export function list(items: readonly FlatObject[]): FlatList {
  return { kind: 'list', items }
}

export function numbers(
  values: Float32Array | Int32Array | Int8Array | Uint8Array | BigInt64Array,
  align: number = values.BYTES_PER_ELEMENT,
): FlatBytes {
  const { buffer, byteOffset, byteLength } = values
  const data = new Uint8Array(buffer, byteOffset, byteLength)
  return { kind: 'bytes', count: values.length, data, align: Math.max(4, align) }
}

export function string(text: string): FlatBytes {
  const characters = Buffer.from(text)
  // A zero follows, which the length does not count.
  return {
    kind: 'bytes',
    count: characters.length,
    data: Buffer.concat([characters, Buffer.alloc(1)]),
    align: 4,
  }
}

/** The place of an object, which others refer to, and of what stands before it. */
type ObjectPlace = { readonly at: number; readonly fieldsAt: readonly number[]; readonly vtableAt: number }

/** A file with a root table, known by an identifier of four characters. */
export function flatFile(identifier: string, root: FlatTable): Uint8Array {
  const places = new Map<FlatObject, ObjectPlace>()
  let end = 8
  // The set grows while it is walked: objects come in the order in which they are referred to.
  const objects = new Set<FlatObject>([root])
  for (const object of objects) {
    const place = placeFrom(end, object)
    places.set(object, place)
    end = place.at + sizeOf(object, place)
    for (const part of partsOf(object)) objects.add(part)
  }
  const bytes = new Uint8Array(end)
  const view = new DataView(bytes.buffer)
  const refer = (from: number, object: FlatObject): void =>
    view.setUint32(from, (places.get(object)?.at ?? 0) - from, true)
  refer(0, root)
  bytes.set(Buffer.from(identifier), 4)
  for (const [object, place] of places) writeObject(view, object, place, refer)
  return bytes
}

function partsOf(object: FlatObject): readonly FlatObject[] {
  if (object.kind === 'bytes') return []
  if (object.kind === 'list') return object.items
  return object.fields.filter((field) => field !== undefined && 'kind' in field)
}

/** A table follows its vtable; its fields of four bytes come before those of one. */
function placeFrom(end: number, object: FlatObject): ObjectPlace {
  if (object.kind === 'bytes') {
    // The count stands right before the data.
    return { at: aligned(end + 4, object.align) - 4, fieldsAt: [], vtableAt: 0 }
  }
  if (object.kind === 'list') return { at: aligned(end, 4), fieldsAt: [], vtableAt: 0 }
  const vtableAt = aligned(end, 2)
  const at = aligned(vtableAt + 4 + 2 * object.fields.length, 4)
  const fieldsAt: number[] = object.fields.map(() => 0)
  let next = 4
  for (const size of [4, 1]) {
    for (const [i, field] of object.fields.entries()) {
      if (field === undefined || widthOf(field) !== size) continue
      fieldsAt[i] = next
      next += size
    }
  }
  return { at, fieldsAt, vtableAt }
}

function widthOf(field: FlatNumber | FlatObject): number {
  return 'kind' in field ? 4 : field.size
}

function sizeOf(object: FlatObject, { fieldsAt }: ObjectPlace): number {
  if (object.kind === 'bytes') return 4 + object.data.length
  if (object.kind === 'list') return 4 + 4 * object.items.length
  return object.fields.reduce(
    (size, field, i) => (field ? Math.max(size, (fieldsAt[i] ?? 0) + widthOf(field)) : size),
    4,
  )
}

function writeObject(
  view: DataView,
  object: FlatObject,
  place: ObjectPlace,
  refer: (from: number, object: FlatObject) => void,
): void {
  const { at, fieldsAt, vtableAt } = place
  if (object.kind === 'bytes') {
    view.setUint32(at, object.count, true)
    new Uint8Array(view.buffer).set(object.data, at + 4)
  } else if (object.kind === 'list') {
    view.setUint32(at, object.items.length, true)
    for (const [i, item] of object.items.entries()) refer(at + 4 + 4 * i, item)
  } else {
    view.setUint16(vtableAt, 4 + 2 * object.fields.length, true)
    view.setUint16(vtableAt + 2, sizeOf(object, place), true)
    view.setInt32(at, at - vtableAt, true)
    for (const [i, field] of object.fields.entries()) {
      const offset = fieldsAt[i] ?? 0
      view.setUint16(vtableAt + 4 + 2 * i, offset, true)
      if (field === undefined) continue
      if ('kind' in field) refer(at + offset, field)
      else if (field.size === 1) view.setInt8(at + offset, field.value)
      else view.setInt32(at + offset, field.value, true)
    }
  }
}

function aligned(position: number, to: number): number {
  return Math.ceil(position / to) * to
}
