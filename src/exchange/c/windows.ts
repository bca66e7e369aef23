// Convolutions and pools as C: loops over the outputs, and within them over the elements of a window.
import type { ConvolutionGeometry, PoolGeometry, Shape, Value } from '../../ir/ir.ts'
import { placeOf } from './code.ts'
import type { Code } from './code.ts'
import type { OpWriting } from './op-writing.ts'

/** The place along each axis where a window's element lies in x; what lies outside is left out. */
function inside(
  code: Code,
  { strides, padding, dilation }: Pick<ConvolutionGeometry, 'strides' | 'padding' | 'dilation'>,
  lengths: Shape,
  [output, window]: readonly [readonly string[], readonly string[]],
  body: (at: readonly string[]) => void,
): void {
  const at = output.map((index, axis) => {
    const name = code.variable('at')
    const [before = 0] = padding[axis] ?? []
    const offset = `${window[axis] ?? '0'} * ${dilation[axis] ?? 1}`
    code.line(`const int ${name} = ${index} * ${strides[axis] ?? 1} + ${offset} - ${before};`)
    return name
  })
  const tests = at.map((name, axis) => `${name} >= 0 && ${name} < ${lengths[axis] ?? 0}`)
  code.block(`if (${tests.join(' && ')})`, () => body(at))
}

/** The elements of a product, and the filter. */
type ProductPlaces = {
  readonly x: string
  readonly kernel: string
  readonly y: string
  readonly filter: string
}

/**
 * Loops over the outputs, the taps and the channels of a convolution of x to y; `around` writes what comes before and after the
 * products of one place, given that of a filter in y.
 */
export function eachProduct(
  code: Code,
  [x, kernel, y]: readonly [Shape, Shape, Shape],
  geometry: ConvolutionGeometry,
  body: (places: ProductPlaces) => void,
  around: (place: (filter: string) => string, products: () => void) => void = (_, products) =>
    void products(),
): void {
  const [channels = 1, filters = 1] = kernel.slice(-2)
  const perGroup = filters / geometry.groups
  code.each(y.slice(0, -1), ([row = '0', ...output]) => {
    const place = (filter: string): string => placeOf([row, ...output, filter], y)
    around(place, () =>
      code.each(kernel.slice(0, -2), (window) => {
        code.block('', () => {
          inside(code, geometry, x.slice(1, -1), [output, window], (at) => {
            code.each([channels, filters], ([channel = '0', filter = '0']) => {
              const group = geometry.groups === 1 ? '' : `${filter} / ${perGroup} * ${channels} + `
              body({
                x: placeOf([row, ...at, `${group}${channel}`], x),
                kernel: placeOf([...window, channel, filter], kernel),
                y: place(filter),
                filter,
              })
            })
          })
        })
      }),
    )
  })
}

export function writeConvolution(value: Value<'convolution'>, { code, x }: OpWriting): void {
  const { x: image, kernel, shape } = value
  code.each(shape, (indices) => code.line(`y[${placeOf(indices, shape)}] = 0.0f;`))
  eachProduct(code, [image.shape, kernel.shape, shape], value, (at) =>
    code.line(`y[${at.y}] += ${x(image)}[${at.x}] * ${x(kernel)}[${at.kernel}];`),
  )
}

export function writeInputGradient(value: Value<'convolution_input_gradient'>, { code, x }: OpWriting): void {
  const { dy, kernel, shape } = value
  code.each(shape, (indices) => code.line(`y[${placeOf(indices, shape)}] = 0.0f;`))
  eachProduct(code, [shape, kernel.shape, dy.shape], value, (at) =>
    code.line(`y[${at.x}] += ${x(dy)}[${at.y}] * ${x(kernel)}[${at.kernel}];`),
  )
}

export function writePool(value: Value<'pool'>, { code, x }: OpWriting): void {
  const { function: name, x: image, shape, size } = value
  const geometry: PoolGeometry & { dilation: Shape } = { ...value, dilation: size.map(() => 1) }
  code.each(shape, ([row = '0', ...indices]) => {
    const [output, channel = '0'] = [indices.slice(0, -1), indices.at(-1)]
    const [result, count] = [code.variable('result'), code.variable('count')]
    code.line(`float ${result} = ${name === 'max' ? '-INFINITY' : '0.0f'};`)
    if (name === 'average') code.line(`int ${count} = 0;`)
    code.each(size, (window) => {
      code.block('', () => {
        inside(code, geometry, image.shape.slice(1, -1), [output, window], (at) => {
          const element = `${x(image)}[${placeOf([row, ...at, channel], image.shape)}]`
          if (name === 'max') code.line(`if (${element} > ${result}) ${result} = ${element};`)
          else code.line(`${result} += ${element};`).line(`${count} += 1;`)
        })
      })
    })
    const y = `y[${placeOf([row, ...indices], shape)}]`
    code.line(name === 'max' ? `${y} = ${result};` : `${y} = ${result} / (float)${count};`)
  })
}
