// Coefficients of the functions that are evaluated by polynomials, highest power first, and the constants that reduce
// their arguments: the same in every back end. Most are Cephes's (S. L. Moshier, netlib.org/cephes).

/** (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2, from expf. */
export const EXP_TAIL = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
]

export const LOG2_E = 1.44269504088896341
/** ln 2 in two parts, the first of which has few bits, so that its multiples are exact. */
export const LN2_HIGH = 0.693359375
export const LN2_LOW = -2.1219444e-4

/** (log(1 + t) - t + t^2 / 2) / t^3 for sqrt(1/2) <= 1 + t < sqrt(2), from logf. */
export const LOG_TAIL = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]

/** erf(x) / x in x^2 for |x| < 1, from erff. */
export const ERF_NEAR = [
  7.853861353153693e-5, -8.010193625184903e-4, 5.188327685732524e-3, -2.685381193529856e-2,
  1.128358514861418e-1, -3.7612625824233e-1, 1.12837916672671,
]
/** log(erfc(x)) for 1 <= x <= 4: a weighted minimax fit (Lawson's iteration), off by 1.1e-9 in erf at most. */
export const ERF_FAR = [
  1.8638008306824078e-4, -2.947666784987155e-3, 2.1838096921929624e-2, -1.0310682127396494e-1,
  -6.381447582836277e-1, -1.1270892337094705, -3.415126066411366e-4,
]

/** (sin(r) - r) / r^3 in r^2, for |r| <= pi / 4, from sinf. */
export const SIN_TAIL = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
/** (cos(r) - 1 + r^2 / 2) / r^4 in r^2, for |r| <= pi / 4, from cosf. */
export const COS_TAIL = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]
/** pi / 2 in two float64 parts, as in fdlibm's e_rem_pio2.c. */
export const HALF_PI_HIGH = 1.57079632673412561417
export const HALF_PI_LOW = 6.07710050650619224932e-11

/** log2((1 + s) / (1 - s)) / s in s^2, in float64: the series of atanh. */
export const LOG2_SERIES = [15, 13, 11, 9, 7, 5, 3, 1].map((n) => 2 / (n * Math.LN2))
/** 2^s in float64: Taylor's series. */
export const EXP2_SERIES = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => Math.LN2 ** n / factorial(n))

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1)
}

/** Bits of the float32 and the float64 nearest to sqrt(1/2). */
export const SQRT_HALF_BITS = 0x3f3504f3
export const SQRT_HALF_BITS_64 = 0x3fe6a09e667f3bcdn

/** The smallest normal float32. */
export const SMALLEST_NORMAL = 2 ** -126
