import { expect, test } from 'vitest'
import { Pace } from '../../../src/engine/compiled/pace.ts'

/** Runs calls of so many steps on a machine where a step on each number of threads takes so long. */
function play(pace: Pace, calls: number, steps: number, cost: (threads: number) => number): number[] {
  return Array.from({ length: calls }, () => {
    const legs = pace.plan(steps)
    expect(legs.reduce((sum, leg) => sum + leg.steps, 0)).toBe(steps)
    for (const leg of legs) pace.record(leg.threads, leg.steps, leg.steps * cost(leg.threads))
    return legs.at(-1)?.threads ?? 0
  })
}

test('settles on the fastest number of threads', () => {
  const pace = new Pace([1, 2, 4])
  const used = play(pace, 40, 1000, (threads) => ({ 1: 1, 2: 0.6, 4: 0.9 })[threads] ?? 1)
  expect(used.slice(0, 3)).toEqual([4, 4, 2])
  expect(new Set(used.slice(3))).toEqual(new Set([2]))
})

test('notices when the machine is busy, and when it is free again', () => {
  const pace = new Pace([1, 2])
  play(pace, 10, 1000, (threads) => 1 / threads)
  expect(play(pace, 60, 1000, (threads) => threads).at(-1)).toBe(1)
  expect(play(pace, 60, 1000, (threads) => 1 / threads).at(-1)).toBe(2)
})

test('one disturbed call changes nothing', () => {
  const pace = new Pace([1, 2])
  play(pace, 4, 1000, (threads) => 1 / threads)
  play(pace, 1, 1000, () => 5)
  expect(play(pace, 1, 1000, (threads) => 1 / threads)).toEqual([2])
})

test('a beginning that is disturbed is made good for in a few calls', () => {
  const pace = new Pace([1, 2])
  play(pace, 2, 1000, (threads) => threads)
  expect(play(pace, 6, 1000, (threads) => 1 / threads).slice(3)).toEqual([2, 2, 2])
})

test('a short call measures as many steps as can be timed', () => {
  const pace = new Pace([1, 2])
  expect(play(pace, 1, 5, (threads) => 1 / threads)).toEqual([2])
  expect(pace.plan(5)).toEqual([
    { threads: 1, steps: 4 },
    { threads: 2, steps: 1 },
  ])
})

test.each([1, 50, 1000])('spends little time on another number of threads, in calls of %i steps', (steps) => {
  const pace = new Pace([1, 2])
  const spent = { 1: 0, 2: 0 }
  for (let call = 0; call < 20_000 / steps; call++) {
    for (const leg of pace.plan(steps)) {
      const ms = leg.steps / leg.threads
      spent[leg.threads === 1 ? 1 : 2] += ms
      pace.record(leg.threads, leg.steps, ms)
    }
  }
  expect(spent[1]).toBeLessThan(spent[2] / 40)
})

test.each([1, 50])('notices within a second that the machine is free, in calls of %i steps', (steps) => {
  const pace = new Pace([1, 2])
  play(pace, 2000 / steps, steps, (threads) => threads)
  expect(play(pace, 1000 / steps, steps, (threads) => 1 / threads).at(-1)).toBe(2)
})

test('a run too short to be timed decides nothing', () => {
  const pace = new Pace([1, 2])
  expect(play(pace, 5, 1, () => 0.01)).toEqual([2, 2, 2, 2, 2])
})

test('calls too short to be timed alone are timed together', () => {
  const pace = new Pace([0, 1, 2])
  const used = play(pace, 40, 1, (threads) => ({ 0: 0.2, 1: 0.4, 2: 0.3 })[threads] ?? 1)
  expect(used.slice(0, 4)).toEqual([2, 2, 2, 2])
  expect(used.slice(-20).filter((threads) => threads === 0).length).toBeGreaterThan(15)
})

test('one number of threads is used as it is', () => {
  expect(new Pace([3]).plan(10)).toEqual([{ threads: 3, steps: 10 }])
})
