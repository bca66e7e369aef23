// Functions on which optimizers are compared, each with its range and least value:
// https://www.sfu.ca/~ssurjano/optimization.html. bench/peers/optuna_peer.py has the same.

export type PublicFunction = {
  readonly name: string
  readonly ranges: readonly (readonly [number, number])[]
  readonly least: number
  readonly at: (x: readonly number[]) => number
}

const { PI, cos, sin, exp, sqrt, abs, E } = Math

const box = (low: number, high: number, count: number): [number, number][] =>
  Array.from({ length: count }, () => [low, high])
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const pairs = (x: readonly number[]): [number, number][] => x.slice(1).map((next, i) => [x[i] ?? 0, next])

export const PUBLIC_FUNCTIONS: readonly PublicFunction[] = [
  { name: 'sphere', ranges: box(-5, 5, 4), least: 0, at: (x) => sum(x.map((one) => one * one)) },
  {
    name: 'rosenbrock',
    ranges: box(-2, 2, 2),
    least: 0,
    at: (x) => sum(pairs(x).map(([a, b]) => 100 * (b - a * a) ** 2 + (1 - a) ** 2)),
  },
  {
    name: 'branin',
    ranges: [
      [-5, 10],
      [0, 15],
    ],
    least: 0.397887357729739,
    at: ([x = 0, y = 0]) =>
      (y - (5.1 * x * x) / (4 * PI * PI) + (5 * x) / PI - 6) ** 2 + 10 * (1 - 1 / (8 * PI)) * cos(x) + 10,
  },
  {
    name: 'six-hump camel',
    ranges: [
      [-3, 3],
      [-2, 2],
    ],
    least: -1.031628453489877,
    at: ([x = 0, y = 0]) => (4 - 2.1 * x * x + x ** 4 / 3) * x * x + x * y + (-4 + 4 * y * y) * y * y,
  },
  {
    name: 'ackley',
    ranges: box(-32.768, 32.768, 3),
    least: 0,
    at: (x) =>
      -20 * exp(-0.2 * sqrt(sum(x.map((one) => one * one)) / x.length)) -
      exp(sum(x.map((one) => cos(2 * PI * one))) / x.length) +
      20 +
      E,
  },
  {
    name: 'rastrigin',
    ranges: box(-5.12, 5.12, 3),
    least: 0,
    at: (x) => 10 * x.length + sum(x.map((one) => one * one - 10 * cos(2 * PI * one))),
  },
  {
    name: 'griewank',
    ranges: box(-600, 600, 3),
    least: 0,
    at: (x) =>
      sum(x.map((one) => (one * one) / 4000)) -
      x.reduce((product, one, i) => product * cos(one / sqrt(i + 1)), 1) +
      1,
  },
  {
    name: 'styblinski-tang',
    ranges: box(-5, 5, 3),
    least: -39.16616570377142 * 3,
    at: (x) => sum(x.map((one) => one ** 4 - 16 * one * one + 5 * one)) / 2,
  },
  {
    name: 'levy',
    ranges: box(-10, 10, 3),
    least: 0,
    at(x) {
      const w = x.map((one) => 1 + (one - 1) / 4)
      const last = w.at(-1) ?? 0
      const middle = w.slice(0, -1).map((one) => (one - 1) ** 2 * (1 + 10 * sin(PI * one + 1) ** 2))
      return sin(PI * (w[0] ?? 0)) ** 2 + sum(middle) + (last - 1) ** 2 * (1 + sin(2 * PI * last) ** 2)
    },
  },
  {
    name: 'schwefel',
    ranges: box(-500, 500, 2),
    least: 0,
    at: (x) => 418.9828872724338 * x.length - sum(x.map((one) => one * sin(sqrt(abs(one))))),
  },
]
