import { RunError } from '../../errors.ts'
import { Ranks } from '../ranks.ts'
import type { RankMessage } from '../ranks.ts'
import type { Launch } from './launch.ts'
import { openMpiLibrary } from './library.ts'
import type { MpiLibrary } from './library.ts'

/** Tests of a message between two turns of the event loop, and the time after which they become seldom. */
const TESTS = 100
const PATIENCE_MS = 5
/** Time after a signal to end within which a message of another rank must come: launchers kill a second after it. */
const GRACE_MS = 150
/** The longest message. */
const MOST_BYTES = 2 ** 30

/** A rank that does not answer. */
export class LostRankError extends RunError {}

/** The processes of an MPI job. */
class MpiRanks extends Ranks {
  readonly rank: number
  readonly size: number
  readonly local: number
  readonly #mpi: MpiLibrary

  constructor(mpi: MpiLibrary) {
    super()
    const number = new Int32Array(1)
    const ask = (call: MpiLibrary['rank'], group: bigint): number => {
      call(group, mpi.addressOf(new Uint8Array(number.buffer)))
      return number[0] ?? 0
    }
    mpi.init(0, 0)
    this.#mpi = mpi
    this.rank = ask(mpi.rank, mpi.world)
    this.size = ask(mpi.size, mpi.world)
    this.local = ask(mpi.size, ranksOfMachine(mpi))
  }

  async exchange(sent: readonly RankMessage[], received: readonly RankMessage[]): Promise<void> {
    const { send, receive } = this.#mpi
    const requests = [
      ...received.flatMap((message) => this.#begin(receive, message)),
      ...sent.flatMap((message) => this.#begin(send, message)),
    ]
    for (const request of requests) await this.#done(request)
  }

  abort(code: number): void {
    this.#mpi.abort(this.#mpi.world, code)
  }

  end(): void {
    this.#mpi.finalize()
  }

  /** Begins a transfer in pieces that a call can take; returns the request of each. */
  #begin(call: MpiLibrary['send'], { rank, bytes }: RankMessage): Uint8Array[] {
    const { addressOf, bytes: type, world } = this.#mpi
    return Array.from({ length: Math.ceil(bytes.length / MOST_BYTES) }, (_, i) => {
      const at = i * MOST_BYTES
      const count = Math.min(MOST_BYTES, bytes.length - at)
      // A request is an address or a number.
      const request = new Uint8Array(8)
      call(addressOf(bytes) + BigInt(at), count, type, rank, 0, world, addressOf(request))
      return request
    })
  }

  /** Waits while timers and signals have their turn. */
  async #done(request: Uint8Array): Promise<void> {
    const { addressOf, test, ignoredStatus } = this.#mpi
    const flag = new Int32Array(1)
    const at = { request: addressOf(request), flag: addressOf(new Uint8Array(flag.buffer)) }
    const since = performance.now()
    let wantedSince = Infinity
    for (;;) {
      for (let tests = 0; tests < TESTS; tests++) {
        test(at.request, at.flag, ignoredStatus)
        if (flag[0] !== 0) return
      }
      const now = performance.now()
      if (this.wantsStop) wantedSince = Math.min(wantedSince, now)
      if (now - wantedSince > GRACE_MS)
        throw new LostRankError('another rank of the MPI job no longer answers')
      await new Promise((resolve) =>
        now - since < PATIENCE_MS ? setImmediate(resolve) : setTimeout(resolve, 1),
      )
    }
  }
}

/** The group of the ranks on this machine. */
function ranksOfMachine({ split, world, shared, noInfo, addressOf }: MpiLibrary): bigint {
  // A group is an address or a number.
  const group = new BigInt64Array(1)
  split(world, shared, 0, noInfo, addressOf(new Uint8Array(group.buffer)))
  return group[0] ?? 0n
}

/** Makes this process a rank of the job that it was started in. */
export function openRanks({ libraries }: Launch): Ranks {
  return new MpiRanks(openMpiLibrary(libraries))
}
