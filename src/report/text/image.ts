/** How a terminal shows colours. */
export type ColorDepth = 'none' | '256' | '24-bit'

/** Rows of one image, [height, width] or [height, width, channels]; `white` is the value of the brightest. */
export type Image = {
  readonly shape: readonly number[]
  readonly values: ArrayLike<number>
  readonly black: number
  readonly white: number
}

type Rgb = readonly [number, number, number]

const RAMP = ' .:-=+*#%@'

/** Whether an array looks like an image: at least 4 by 4, and 1 or 3 channels. */
export function isImage(shape: readonly number[]): boolean {
  const [height = 0, width = 0, channels = 1] = shape
  return (
    (shape.length === 2 || shape.length === 3) &&
    height >= 4 &&
    width >= 4 &&
    (channels === 1 || channels === 3)
  )
}

/** An image in lines of text, two rows of points a line, at most `columns` wide: half blocks in colour, or letters. */
export function drawImage(image: Image, depth: ColorDepth, columns: number): string[] {
  const [height = 0, width = 0] = image.shape
  const step = Math.max(1, Math.ceil(width / columns))
  const [rows, cells] = [Math.ceil(height / step), Math.ceil(width / step)]
  return Array.from({ length: Math.ceil(rows / 2) }, (_, line) => {
    const points = Array.from({ length: cells }, (_, x): [Rgb, Rgb] => [
      pointAt(image, 2 * line, x, step),
      pointAt(image, 2 * line + 1, x, step),
    ])
    if (depth === 'none') return points.map(([top, bottom]) => letter(top, bottom)).join('')
    const code = depth === '256' ? indexed : direct
    return `${points.map(([top, bottom]) => `\u001b[38;${code(top)};48;${code(bottom)}m▀`).join('')}\u001b[0m`
  })
}

/** Images beside each other, as many as fit, with a title under each. */
export function drawImages(
  images: readonly { readonly image: Image; readonly title: string }[],
  depth: ColorDepth,
  width: number,
): string[] {
  const widest = Math.min(28, width)
  const cell = Math.max(
    ...images.map(({ image }) =>
      Math.ceil((image.shape[1] ?? 0) / Math.max(1, Math.ceil((image.shape[1] ?? 0) / widest))),
    ),
  )
  const perRow = Math.max(1, Math.floor((width + 2) / (cell + 2)))
  const lines: string[] = []
  for (let first = 0; first < images.length; first += perRow) {
    const group = images.slice(first, first + perRow)
    const drawn = group.map(({ image }) => drawImage(image, depth, widest))
    for (let line = 0; line < Math.max(...drawn.map((one) => one.length)); line++) {
      lines.push(
        drawn
          .map((one) => one[line] ?? ' '.repeat(cell))
          .join('  ')
          .trimEnd(),
      )
    }
    lines.push(
      group
        .map(({ title }) => title.slice(0, cell).padEnd(cell))
        .join('  ')
        .trimEnd(),
      '',
    )
  }
  return lines
}

/** The mean of a square of points, each channel from 0 to 255. */
function pointAt({ shape, values, black, white }: Image, row: number, column: number, step: number): Rgb {
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

function direct(color: Rgb): string {
  return `2;${color.join(';')}`
}

/** The nearest of the 6 by 6 by 6 colours, or for greys of the 24 greys, of a terminal with 256. */
function indexed([red, green, blue]: Rgb): string {
  if (red === green && green === blue && red > 4 && red < 247)
    return `5;${232 + Math.round((red - 8) / 10.3)}`
  const [r, g, b] = [red, green, blue].map((level) => Math.round((level / 255) * 5))
  return `5;${16 + 36 * (r ?? 0) + 6 * (g ?? 0) + (b ?? 0)}`
}
