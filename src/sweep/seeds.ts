import type { Repetition } from './repetition.ts'

/** One trial for each of consecutive seeds, the first of which is the config's own. */
export const severalSeeds: Repetition = {
  name: 'seeds',
  option: 'seeds',
  title: 'training with several seeds',
  command: 'train',
  async choose(count, seed) {
    const first = await seed()
    return { seeds: Array.from({ length: count }, (_, i) => first + i) }
  },
  trials({ seeds = [] }) {
    const digits = String(Math.max(...seeds)).length
    return seeds.map((seed, i) => ({
      kind: 'seed',
      number: seed,
      title: `seed ${seed} (${i + 1} of ${seeds.length})`,
      key: `seed-${String(seed).padStart(digits, '0')}`,
      set: [`seed=${seed}`],
    }))
  },
}
