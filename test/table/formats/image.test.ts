import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'

import { expect, it } from 'vitest'

import { decodeImage } from '../../../src/table/formats/image.ts'

const golden: unknown = JSON.parse(
  readFileSync(new URL('../../golden/formats.json', import.meta.url), 'utf8'),
)
const png = Buffer.from(pngIn(golden), 'base64')

function pngIn(formats: unknown): string {
  if (typeof formats !== 'object' || formats === null || !('png' in formats)) throw new Error('no png')
  return String(formats.png)
}

/** The image with a chunk after its header. */
function withChunk(name: string, data: Buffer): Buffer {
  const header = png.indexOf('IHDR') + 4 + 13 + 4
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(name, 'latin1'), data, Buffer.alloc(4)])
  chunk.writeUInt32BE(data.length)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4)
  return Buffer.concat([png.subarray(0, header), chunk, png.subarray(header)])
}

it.each(['iCCP', 'zTXt', 'iTXt', 'tEXt', 'eXIf'])(
  'of a PNG, %s is not read: it may inflate to any size',
  async (name) => {
    // Not a deflated stream: who inflates it fails.
    const image = withChunk(name, Buffer.concat([Buffer.from('profile\0\0'), Buffer.alloc(64, 0xff)]))
    expect(await decodeImage(image, 'a.png')).toEqual(await decodeImage(png, 'a.png'))
  },
)

it('a PNG of palette colors without a palette is refused', async () => {
  const image = Buffer.from(png)
  image[25] = 3
  await expect(decodeImage(image, 'a.png')).rejects.toThrow('a.png: the image is damaged (it has no palette)')
})
