import { Ranks } from '../../src/engine/ranks.ts'
import type { MessageBytes } from '../../src/engine/ranks.ts'

/** Ranks in one process, which pass each other copies. */
class LocalRank extends Ranks {
  readonly local = 1
  readonly rank: number
  readonly size: number
  readonly #channels: Map<string, Channel>

  constructor(rank: number, size: number, channels: Map<string, Channel>) {
    super()
    this.rank = rank
    this.size = size
    this.#channels = channels
  }

  send(bytes: MessageBytes, to: number): Promise<void> {
    this.#channel(this.rank, to).put(bytes.slice())
    return Promise.resolve()
  }

  async receive(bytes: MessageBytes, from: number): Promise<void> {
    const sent = await this.#channel(from, this.rank).take()
    if (sent.length !== bytes.length) throw new Error('a message of another length')
    bytes.set(sent)
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

export function localRanks(size: number): Ranks[] {
  const channels = new Map<string, Channel>()
  return Array.from({ length: size }, (_, rank) => new LocalRank(rank, size, channels))
}
