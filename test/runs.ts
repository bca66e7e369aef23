/** How many cases a random test tries: so many, or NNLAB_TEST_RUNS times as many, as CI does every night. */
export function runs(few: number): number {
  return few * Number(process.env['NNLAB_TEST_RUNS'] ?? 1)
}
