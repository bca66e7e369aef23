import * as z from 'zod'

import type { PeerProcess } from './peer-process.ts'
import type { Network } from './peers/conversation.ts'
import type { Peer } from './peers/list.ts'

/** Milliseconds a step of one network in one peer; `error` says why there are none. */
export type Row = {
  readonly network: string
  readonly peer: string
  readonly median: number | undefined
  readonly lowest: number | undefined
  readonly highest: number | undefined
  readonly setting: string
  readonly error: string | undefined
}

const answerSchema = z.union([
  z.object({ ms: z.number(), setting: z.string(), memory: z.number() }),
  z.object({ error: z.string() }),
])
export type Answer = z.output<typeof answerSchema>

/** A process of a peer that starts with the first question. */
export type Seat = { readonly peer: Peer; process: PeerProcess | undefined }

export async function ask(seat: Seat, network: Network, seconds: number, limit = 300_000): Promise<Answer> {
  if (seat.peer.missing !== undefined) return { error: seat.peer.missing }
  const child = (seat.process ??= seat.peer.start())
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${limit / 1000} s`)), limit)
  })
  try {
    return answerSchema.parse(await Promise.race([child.ask({ network, seconds }), late]))
  } catch (error) {
    // The next question starts a new process.
    child.stop()
    seat.process = undefined
    return { error: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

/** Each network in every peer, a round of all peers after the other, so that a noisy minute is noisy for all. */
export async function measure(
  seats: readonly Seat[],
  networks: readonly Network[],
  { rounds, seconds }: { rounds: number; seconds: number },
  log: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const network of networks) {
    const answers = new Map<Seat, Answer[]>(seats.map((seat) => [seat, []]))
    for (let round = 0; round < rounds; round++) {
      for (const [seat, list] of answers) {
        if (list.some((answer) => 'error' in answer) || isHopeless(list, [...answers.values()])) continue
        list.push(await ask(seat, network, seconds))
      }
    }
    for (const [{ peer }, list] of answers) {
      const row = summarize(network.name, peer.name, list)
      rows.push(row)
      log(
        `${network.name.padEnd(10)} ${peer.name.padEnd(18)} ${row.error ?? `${row.median?.toPrecision(3)} ms`}`,
      )
    }
  }
  return rows
}

/** Whether a peer takes so much longer than the fastest that more rounds would tell nothing but cost minutes. */
function isHopeless([first]: readonly Answer[], all: readonly (readonly Answer[])[]): boolean {
  const times = all.flatMap((list) => list.flatMap((answer) => ('ms' in answer ? [answer.ms] : [])))
  return first !== undefined && 'ms' in first && first.ms > 50 && first.ms > 10 * Math.min(...times)
}

function summarize(network: string, peer: string, answers: readonly Answer[]): Row {
  const failed = answers.find((answer) => 'error' in answer)
  const times = answers.flatMap((answer) => ('ms' in answer ? [answer.ms] : [])).sort((a, b) => a - b)
  const last = answers.flatMap((answer) => ('ms' in answer ? [answer.setting] : [])).at(-1)
  const error = failed !== undefined && 'error' in failed ? failed.error : undefined
  return {
    network,
    peer,
    median: error === undefined ? median(times) : undefined,
    lowest: times[0],
    highest: times.at(-1),
    setting: last ?? '',
    error,
  }
}

export function median(sorted: readonly number[]): number | undefined {
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  const lower = sorted[middle - 1]
  if (upper === undefined) return undefined
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2
}
