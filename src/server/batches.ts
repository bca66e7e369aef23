/** A result with the number of its row, from 1. */
type Numbered = { readonly row: number }

type Waiting<Row, Result> = {
  readonly rows: readonly Row[]
  resolve(results: Result[]): void
  reject(error: unknown): void
}

/** Runs what arrives while a batch runs as the next batch: rows are computed together, and each caller gets its own. */
export class Batches<Row, Result extends Numbered> {
  readonly #run: (rows: readonly Row[]) => Promise<Result[]>
  #waiting: Waiting<Row, Result>[] = []
  #running = false

  constructor(run: (rows: readonly Row[]) => Promise<Result[]>) {
    this.#run = run
  }

  add(rows: readonly Row[]): Promise<Result[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject })
      if (!this.#running) void this.#runAll()
    })
  }

  async #runAll(): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) {
      // What has arrived at the same time is taken in first.
      await new Promise(setImmediate)
      const batch = this.#waiting
      this.#waiting = []
      await this.#runTogether(batch)
    }
    this.#running = false
  }

  async #runTogether(batch: readonly Waiting<Row, Result>[]): Promise<void> {
    try {
      const results = await this.#run(batch.flatMap(({ rows }) => rows))
      let [before, next] = [0, 0]
      for (const { rows, resolve } of batch) {
        const own: Result[] = []
        for (
          let result = results[next];
          result && result.row <= before + rows.length;
          result = results[++next]
        )
          own.push({ ...result, row: result.row - before })
        resolve(own)
        before += rows.length
      }
    } catch (error) {
      // A row that cannot be used is an error of the request that it is of.
      if (batch.length > 1) for (const one of batch) await this.#runTogether([one])
      else for (const { reject } of batch) reject(error)
    }
  }
}
