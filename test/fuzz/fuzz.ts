import { tryPair } from './try-pair.ts'

// Trains random pairs of a config and rows: `npm run fuzz -- SEED COUNT [FIRST]`.

const [seed = 1, count = 100, first = 0] = process.argv.slice(2).map(Number)
const codes = new Map<number, number>()
let faulty = 0
for (let number = first; number < first + count; number++) {
  const { code, refusal, faults } = await tryPair(seed, number)
  codes.set(code, (codes.get(code) ?? 0) + 1)
  if (faults.length > 0) faulty++
  if (refusal !== undefined)
    process.stdout.write(`${seed} ${number}: exit code ${code}: ${refusal.slice(0, 300)}\n`)
  for (const fault of faults) process.stdout.write(`${seed} ${number}: ${fault}\n`)
}
const ended = [...codes].map(([code, times]) => `${times} with exit code ${code}`).join(', ')
process.stdout.write(`${count} pairs: ${ended}; ${faulty} with faults\n`)
process.exitCode = faulty > 0 ? 1 : 0
