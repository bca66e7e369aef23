import { expect, onTestFinished } from 'vitest'
import * as z from 'zod'

import { main } from '../../src/cli/main.ts'
import type { Signal } from '../../src/cli/io.ts'
import { ioFor } from './support.ts'

const Started = z.object({ url: z.string(), token: z.string().optional(), run: z.string().optional() })

/** Runs a command that listens, until the test ends. */
export async function listening(argv: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  let end: ((signal: Signal) => void) | undefined
  const io = ioFor({
    cwd,
    env,
    onSignal(handler) {
      end = handler
      return () => undefined
    },
  })
  const code = main([...argv, '--port', '0', '--json'], io)
  onTestFinished(async () => {
    end?.('SIGINT')
    await code
  })
  await expect.poll(() => io.stdout.text, { timeout: 30_000 }).toContain('\n')
  const started = Started.parse(JSON.parse(io.stdout.text))
  return { ...started, io, stop: (signal: Signal) => end?.(signal), code }
}
