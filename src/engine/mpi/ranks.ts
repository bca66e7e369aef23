import { RunError } from '../../errors.ts'
import type { Launch } from './launch.ts'
import { openMpiLibrary } from './library.ts'
import type { MpiLibrary } from './library.ts'

/** Bytes in the memory of a process. */
type Bytes = Uint8Array<ArrayBufferLike>

/** Tests of a message between two turns of the event loop, and the time after which they become seldom. */
const TESTS = 100
const PATIENCE_MS = 50
/** Time after a signal to end within which a message of another rank must come: launchers kill after a second or more. */
const GRACE_MS = 400
/** The longest message. */
const MOST_BYTES = 2 ** 30

/** A rank that does not answer. */
export class LostRankError extends RunError {}

/** The processes of an MPI job that train one model together; rank 0 has the run. */
export class Ranks {
  readonly rank: number
  readonly size: number
  /** Ranks on this machine. */
  readonly local: number
  readonly #mpi: MpiLibrary
  readonly #agreed = new AbortController()
  #wanted: AbortSignal | undefined
  #wantedAt = Infinity

  constructor(mpi: MpiLibrary, local: number) {
    this.#mpi = mpi
    this.local = local
    mpi.init(0, 0)
    const number = new Int32Array(1)
    const address = mpi.addressOf(new Uint8Array(number.buffer))
    mpi.rank(mpi.world, address)
    this.rank = number[0] ?? 0
    mpi.size(mpi.world, address)
    this.size = number[0] ?? 1
  }

  /** The rank that computes a part of a batch. */
  ownerOf(part: number, parts: number): number {
    return Math.floor((part * this.size) / parts)
  }

  send(bytes: Bytes, to: number): Promise<void> {
    return this.#transfer(this.#mpi.send, bytes, to)
  }

  receive(bytes: Bytes, from: number): Promise<void> {
    return this.#transfer(this.#mpi.receive, bytes, from)
  }

  /** Gives all ranks the bytes of rank 0, along a binomial tree. */
  async broadcast(bytes: Bytes): Promise<void> {
    let distance = 1
    while (distance < this.size) distance *= 2
    let has = this.rank === 0
    for (distance /= 2; distance >= 1; distance /= 2) {
      if (has && this.rank + distance < this.size) await this.send(bytes, this.rank + distance)
      else if (!has && this.rank % distance === 0) {
        await this.receive(bytes, this.rank - distance)
        has = true
      }
    }
  }

  /** Gives all ranks the text of rank 0. */
  async share(text = ''): Promise<string> {
    const own = new TextEncoder().encode(text)
    const length = Int32Array.of(own.length)
    await this.broadcast(new Uint8Array(length.buffer))
    const bytes = this.rank === 0 ? own : new Uint8Array(length[0] ?? 0)
    if (bytes.length > 0) await this.broadcast(bytes)
    return new TextDecoder().decode(bytes)
  }

  /** A signal that all ranks see after the same step, once this one has seen its own. */
  inStep(signal: AbortSignal): AbortSignal {
    this.#wanted = signal
    const note = (): void => void (this.#wantedAt = performance.now())
    if (signal.aborted) note()
    else signal.addEventListener('abort', note, { once: true })
    return this.#agreed.signal
  }

  /** True where this rank wants all to stop. */
  get wantsStop(): boolean {
    return this.#wanted?.aborted === true
  }

  /** Stops after a step that some rank wanted to be the last. */
  stop(): void {
    this.#agreed.abort(this.wantsStop ? this.#wanted?.reason : 'interrupted')
  }

  /** Ends all ranks at once. */
  abort(code: number): void {
    this.#mpi.abort(this.#mpi.world, code)
  }

  /** Waits for all others to call it too. */
  end(): void {
    this.#mpi.finalize()
  }

  async #transfer(call: MpiLibrary['send'], bytes: Bytes, other: number): Promise<void> {
    const { addressOf, bytes: type, world } = this.#mpi
    const request = new Uint8Array(8)
    for (let at = 0; at < bytes.length; at += MOST_BYTES) {
      const count = Math.min(MOST_BYTES, bytes.length - at)
      call(addressOf(bytes) + BigInt(at), count, type, other, 0, world, addressOf(request))
      await this.#done(request)
    }
  }

  /** Waits while timers and signals have their turn. */
  async #done(request: Uint8Array): Promise<void> {
    const { addressOf, test, ignoredStatus } = this.#mpi
    const flag = new Int32Array(1)
    const at = { request: addressOf(request), flag: addressOf(new Uint8Array(flag.buffer)) }
    const since = performance.now()
    for (;;) {
      for (let tests = 0; tests < TESTS; tests++) {
        test(at.request, at.flag, ignoredStatus)
        if (flag[0] !== 0) return
      }
      const now = performance.now()
      if (now - Math.max(since, this.#wantedAt) > GRACE_MS && this.wantsStop)
        throw new LostRankError('another rank of the MPI job does not answer any more')
      await new Promise((resolve) =>
        now - since < PATIENCE_MS ? setImmediate(resolve) : setTimeout(resolve, 1),
      )
    }
  }
}

/** Makes this process a rank of the job that it was started in. */
export function openRanks({ libraries, local }: Launch): Ranks {
  return new Ranks(openMpiLibrary(libraries), local)
}
