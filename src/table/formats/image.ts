import { DataError } from '../../errors.ts'

/** Pixels row by row, `channels` bytes each. */
export type DecodedImage = { width: number; height: number; channels: number; pixels: Uint8Array }

/** Larger images are refused before memory is taken for them. */
const MOST_PIXELS = 2 ** 26
const MEGABYTE = 2 ** 20
/** Color type of a PNG whose pixels are numbers of colors in a palette. */
const INDEXED = 3

/** Decodes a PNG or JPEG file to gray or RGB pixels, without transparency; `name` begins the messages. */
export async function decodeImage(file: Uint8Array, name: string): Promise<DecodedImage> {
  try {
    if (file[0] === 0x89 && file[1] === 0x50) return await decodePng(file)
    if (file[0] === 0xff && file[1] === 0xd8) return await decodeJpeg(file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DataError(`${name}: the image is damaged (${why})`, { cause })
  }
  throw new DataError(`${name}: this is neither a PNG nor a JPEG image`)
}

async function decodePng(file: Uint8Array): Promise<DecodedImage> {
  const { convertIndexedToRgb, decode } = await import('fast-png')
  const png = decode(await checkedPng(file), { checkCrc: true })
  const { width, height, depth } = png
  if (png.palette)
    return { width, height, channels: 3, pixels: opaque(convertIndexedToRgb(png), width * height) }
  const data = depth < 8 ? unpack(png.data, width, height, depth) : png.data
  const pixels = depth === 16 ? Uint8Array.from(data, (value) => value >> 8) : Uint8Array.from(data)
  return withoutAlpha({ width, height, channels: png.channels, pixels })
}

/** Palettes with transparency give four bytes a pixel. */
function opaque(data: Uint8Array, pixels: number): Uint8Array {
  return data.length === pixels * 3
    ? data
    : withoutAlpha({ width: pixels, height: 1, channels: 4, pixels: data }).pixels
}

/** Chunks that decide the pixels; others, such as color profiles and texts, may inflate to any size. */
const PIXEL_CHUNKS = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']

/**
 * A PNG's chunks of pixels alone. Refuses sizes that the file cannot hold or that are too large, before the library
 * allocates memory for them.
 */
async function checkedPng(file: Uint8Array): Promise<Uint8Array> {
  if (file.length < 33) throw new Error('it is too short')
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const width = view.getUint32(16)
  const height = view.getUint32(20)
  if (width * height > MOST_PIXELS || width * height === 0)
    throw new Error(`its size is ${width} x ${height}`)
  const chunks: { name: string; bytes: Uint8Array }[] = []
  for (let at = 8; at + 12 <= file.length; at += 12 + view.getUint32(at)) {
    const name = Buffer.from(file.subarray(at + 4, at + 8)).toString('latin1')
    chunks.push({ name, bytes: file.subarray(at, at + 12 + view.getUint32(at)) })
  }
  if (file[25] === INDEXED && !chunks.some(({ name }) => name === 'PLTE'))
    throw new Error('it has no palette')
  const kept = chunks.filter(({ name }) => PIXEL_CHUNKS.includes(name)).map(({ bytes }) => bytes)
  const pixels = Buffer.concat([file.subarray(0, 8), ...kept])
  // At most 4 samples of 2 bytes a pixel, and for each row, of up to 7 passes, a byte that names its filter.
  const most = width * height * 8 + 7 * (height + width)
  const data = chunks.filter(({ name }) => name === 'IDAT').map(({ bytes }) => bytes.subarray(8, -4))
  if (data.reduce((sum, part) => sum + part.length, 0) * 1032 >= 64 * MEGABYTE) {
    const { inflateSync } = await import('node:zlib')
    inflateSync(Buffer.concat(data), { maxOutputLength: most })
  }
  return pixels
}

/** Samples of less than a byte, spread over the range of a byte; rows begin at whole bytes. */
function unpack(data: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8)
  const largest = 2 ** depth - 1
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const bit = (i % width) * depth
    const byte = data[Math.floor(i / width) * rowBytes + (bit >> 3)] ?? 0
    return (((byte >> (8 - depth - (bit & 7))) & largest) * 255) / largest
  })
}

function withoutAlpha(image: DecodedImage): DecodedImage {
  const { channels, pixels, width, height } = image
  if (channels === 1 || channels === 3) return image
  const kept = channels - 1
  const plain = new Uint8Array(width * height * kept)
  for (let i = 0; i < plain.length; i++) plain[i] = pixels[Math.floor(i / kept) * channels + (i % kept)] ?? 0
  return { ...image, channels: kept, pixels: plain }
}

async function decodeJpeg(file: Uint8Array): Promise<DecodedImage> {
  const { default: jpeg } = await import('jpeg-js')
  const { width, height, data } = jpeg.decode(file, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MOST_PIXELS / 1e6,
    maxMemoryUsageInMB: 768,
  })
  return { width, height, channels: 3, pixels: data }
}

/** The same picture with one channel a pixel (ITU-R BT.601 luma) or three. */
export function withChannels(image: DecodedImage, channels: 1 | 3): DecodedImage {
  if (image.channels === channels) return image
  const { width, height, pixels } = image
  const size = width * height
  const converted = new Uint8Array(size * channels)
  for (let i = 0; i < size; i++) {
    if (channels === 3) converted.fill(pixels[i] ?? 0, i * 3, i * 3 + 3)
    else {
      const [red = 0, green = 0, blue = 0] = pixels.subarray(i * 3, i * 3 + 3)
      converted[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue)
    }
  }
  return { width, height, channels, pixels: converted }
}

/**
 * Bilinear interpolation between the centers of pixels, without smoothing when it shrinks, rounded to bytes.
 * TensorFlow symbol: tf.image.resize, which leaves the fractions.
 */
export function resize(
  { width, height, channels, pixels }: DecodedImage,
  toHeight: number,
  toWidth: number,
): Uint8Array {
  if (width === toWidth && height === toHeight) return pixels
  const resized = new Uint8Array(toHeight * toWidth * channels)
  const columns = Array.from({ length: toWidth }, (_, x) => between(x, width / toWidth, width))
  let next = 0
  for (let y = 0; y < toHeight; y++) {
    const row = between(y, height / toHeight, height)
    const above = row.low * width
    const below = row.high * width
    for (const column of columns) {
      for (let channel = 0; channel < channels; channel++) {
        const at = (start: number, x: number): number => pixels[(start + x) * channels + channel] ?? 0
        const top = mix(at(above, column.low), at(above, column.high), column.share)
        const bottom = mix(at(below, column.low), at(below, column.high), column.share)
        resized[next++] = Math.round(mix(top, bottom, row.share))
      }
    }
  }
  return resized
}

/** Finds the two source pixels around a target pixel. */
function between(
  target: number,
  scale: number,
  length: number,
): { low: number; high: number; share: number } {
  const place = (target + 0.5) * scale - 0.5
  const low = Math.floor(place)
  return { low: Math.max(0, low), high: Math.min(length - 1, low + 1), share: place - low }
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share
}
