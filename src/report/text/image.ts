import { padded, clip, visible } from './characters.ts'
import { colors, joined } from './terminal-text.ts'
import type { Part } from './terminal-text.ts'

/** Colors that a terminal can show. */
export type ColorDepth = 'none' | '256' | '24-bit'

/** An image of shape [height, width] or [height, width, channels]; `black` and `white` are the darkest and the brightest value. */
export type DrawnImage = {
  readonly shape: readonly number[]
  readonly values: ArrayLike<number>
  readonly black: number
  readonly white: number
}

type Rgb = readonly [number, number, number]

const RAMP = ' .:-=+*#%@'

/** True for an array that looks like an image: at least 4 by 4, and 1 or 3 channels. */
export function isImage(shape: readonly number[]): boolean {
  const [height = 0, width = 0, channels = 1] = shape
  return (
    (shape.length === 2 || shape.length === 3) &&
    height >= 4 &&
    width >= 4 &&
    (channels === 1 || channels === 3)
  )
}

/** An image as lines of text, two rows of pixels per line, at most `columns` wide: half blocks in color, or letters. */
function drawImage(image: DrawnImage, depth: ColorDepth, columns: number): Part[] {
  const [height = 0, width = 0] = image.shape
  const step = Math.max(1, Math.ceil(width / columns))
  const [rows, cells] = [Math.ceil(height / step), Math.ceil(width / step)]
  return Array.from({ length: Math.ceil(rows / 2) }, (_, line) => {
    const pixels = Array.from({ length: cells }, (_, x): [Rgb, Rgb] => [
      pixelAt(image, 2 * line, x, step),
      pixelAt(image, 2 * line + 1, x, step),
    ])
    if (depth === 'none') return pixels.map(([top, bottom]) => letter(top, bottom)).join('')
    const color = depth === '256' ? indexed : (rgb: Rgb) => rgb
    return joined(pixels.map(([top, bottom]) => colors(color(top), color(bottom))('▀')))
  })
}

/** Images side by side, as many as fit, with a title under each. */
export function drawImages(
  images: readonly { readonly image: DrawnImage; readonly title: string }[],
  depth: ColorDepth,
  width: number,
): Part[] {
  const widest = Math.min(28, width)
  const cell = Math.max(
    ...images.map(({ image }) =>
      Math.ceil((image.shape[1] ?? 0) / Math.max(1, Math.ceil((image.shape[1] ?? 0) / widest))),
    ),
  )
  const perRow = Math.max(1, Math.floor((width + 2) / (cell + 2)))
  const lines: Part[] = []
  for (let first = 0; first < images.length; first += perRow) {
    const group = images.slice(first, first + perRow)
    const drawn = group.map(({ image }) => drawImage(image, depth, widest))
    for (let line = 0; line < Math.max(...drawn.map((one) => one.length)); line++) {
      lines.push(joined(drawn.flatMap((one, i) => [i === 0 ? '' : '  ', one[line] ?? ' '.repeat(cell)])))
    }
    lines.push(
      group
        .map(({ title }) => padded(clip(visible(title), cell), cell))
        .join('  ')
        .trimEnd(),
      '',
    )
  }
  return lines
}

/** The mean of a square of pixels, each channel from 0 to 255. */
function pixelAt(
  { shape, values, black, white }: DrawnImage,
  row: number,
  column: number,
  step: number,
): Rgb {
  const [height = 0, width = 0, channels = 1] = shape
  const sums = new Array<number>(channels).fill(0)
  let count = 0
  for (let y = row * step; y < Math.min(height, (row + 1) * step); y++) {
    for (let x = column * step; x < Math.min(width, (column + 1) * step); x++) {
      count += 1
      for (let c = 0; c < channels; c++)
        sums[c] = (sums[c] ?? 0) + (values[(y * width + x) * channels + c] ?? 0)
    }
  }
  const levels = sums.map((sum) => {
    const share = count === 0 ? 0 : (sum / count - black) / (white - black || 1)
    return Math.round(255 * Math.min(1, Math.max(0, share)))
  })
  const [red = 0, green = red, blue = red] = levels
  return [red, green, blue]
}

function letter(top: Rgb, bottom: Rgb): string {
  const light = [...top, ...bottom].reduce((sum, level) => sum + level, 0) / 6
  return RAMP[Math.min(RAMP.length - 1, Math.floor((light / 256) * RAMP.length))] ?? ' '
}

/** The nearest of the 6 x 6 x 6 colors of a terminal with 256; for grays, of its 24 grays. */
function indexed([red, green, blue]: Rgb): [number] {
  if (red === green && green === blue && red > 4 && red < 247) return [232 + Math.round((red - 8) / 10.3)]
  const [r, g, b] = [red, green, blue].map((level) => Math.round((level / 255) * 5))
  return [16 + 36 * (r ?? 0) + 6 * (g ?? 0) + (b ?? 0)]
}
