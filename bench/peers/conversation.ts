import { createInterface } from 'node:readline'

/** A network of bench/networks.json. */
export type Network = {
  readonly name: string
  readonly title: string
  readonly input: readonly number[]
  readonly tokens?: number
  /** Whether the inputs are the bytes of images, which are divided by 255. */
  readonly pixels?: boolean
  readonly classes: number
  readonly batch: number
  readonly rows: number
  readonly loss: string
  readonly optimizer: { readonly type: string; readonly learning_rate: number }
  readonly layers: readonly { readonly type: string; readonly [option: string]: unknown }[]
}

/** A way to run a network: `run` does one epoch and resolves to its steps. */
export type Setting = { readonly name: string; run(): Promise<number> }

/** Answers bench/run.js over stdin and stdout, as bench/peers/common.py does for Python. */
export async function converse(prepare: (network: Network) => Promise<Setting>): Promise<void> {
  const prepared = new Map<string, Setting>()
  for await (const line of createInterface({ input: process.stdin })) {
    // bench/run.js writes the lines: they hold what it says.
    const { network, seconds } = JSON.parse(line) as { network: Network; seconds: number }
    try {
      const setting = prepared.get(network.name) ?? (await prepare(network))
      if (!prepared.has(network.name)) await rate(setting, 0.5)
      prepared.set(network.name, setting)
      const ms = await rate(setting, seconds)
      process.stdout.write(
        `${JSON.stringify({ ms, setting: setting.name, memory: process.resourceUsage().maxRSS * 1024 })}\n`,
      )
    } catch (error) {
      process.stdout.write(`${JSON.stringify({ error: String(error).split('\n', 1)[0] })}\n`)
    }
  }
}

/** Milliseconds a step over about so many seconds, after a warm-up. */
async function rate(setting: Setting, seconds: number): Promise<number> {
  await setting.run()
  const started = performance.now()
  let steps = 0
  while (performance.now() - started < seconds * 1000) steps += await setting.run()
  return (performance.now() - started) / steps
}
