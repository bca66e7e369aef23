import { Ranks } from '../../src/engine/ranks.ts'
import type { RankMessage, MessageBytes } from '../../src/engine/ranks.ts'

/** Ranks in one process, which pass each other copies. */
class LocalRank extends Ranks {
  readonly local: number
  readonly rank: number
  readonly size: number
  readonly #channels: Map<string, Channel>

  constructor(rank: number, size: number, local: number, channels: Map<string, Channel>) {
    super()
    this.local = local
    this.rank = rank
    this.size = size
    this.#channels = channels
  }

  async exchange(sent: readonly RankMessage[], received: readonly RankMessage[]): Promise<void> {
    for (const { rank, bytes } of sent) this.#channel(this.rank, rank).put(bytes.slice())
    for (const { rank, bytes } of received) {
      const message = await this.#channel(rank, this.rank).take()
      if (message.length !== bytes.length) throw new Error('a message of another length')
      bytes.set(message)
    }
  }

  abort(): void {}
  end(): void {}

  #channel(from: number, to: number): Channel {
    const key = `${from}>${to}`
    const channel = this.#channels.get(key) ?? new Channel()
    this.#channels.set(key, channel)
    return channel
  }
}

class Channel {
  readonly #sent: MessageBytes[] = []
  readonly #waiting: ((bytes: MessageBytes) => void)[] = []

  put(bytes: MessageBytes): void {
    const waiting = this.#waiting.shift()
    if (waiting) waiting(bytes)
    else this.#sent.push(bytes)
  }

  take(): Promise<MessageBytes> {
    const sent = this.#sent.shift()
    return sent ? Promise.resolve(sent) : new Promise((resolve) => this.#waiting.push(resolve))
  }
}

/** Ranks as of a job with some of them on each machine. */
export function localRanks(size: number, local = 1): Ranks[] {
  const channels = new Map<string, Channel>()
  return Array.from({ length: size }, (_, rank) => new LocalRank(rank, size, local, channels))
}
