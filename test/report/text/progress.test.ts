import { Writable } from 'node:stream'

import { expect, it } from 'vitest'

import { progressBars } from '../../../src/report/text/progress.ts'
import { Screen } from '../../../src/report/text/screen.ts'
import { lines } from '../../../src/report/text/terminal-text.ts'
import type { Control } from '../../../src/components/callbacks/listener.ts'

class Terminal extends Writable {
  readonly isTTY = true
  readonly columns = 40
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
  cursorTo = (): boolean => true
  moveCursor = (): boolean => true
  clearLine = (): boolean => true
}

const control: Control = {
  weights: () => Promise.reject(new Error('not asked')),
  stop: () => undefined,
  restore: () => undefined,
  factor: () => 1,
  setFactor: () => undefined,
  learningRate: () => undefined,
  report: () => Promise.resolve(),
  unfreeze: () => Promise.resolve(0),
}

it('says something above the bars, in lines that fit and that hide what was there', async () => {
  const terminal = new Terminal()
  const bars = progressBars(new Screen(terminal, {}))
  await bars.onTrainBegin?.({ epochs: 2, stepsPerEpoch: 3, stepsDone: 0 }, control)
  bars.say(lines(['note: the disk is full; training goes on, and it is tried again']))
  await bars.close?.('completed')
  bars.say(lines(['trained']))
  expect(terminal.text).toContain(
    'note: the disk is full; training goes\u001b[K\n  on, and it is tried again\u001b[K\n',
  )
  expect(terminal.text.endsWith('trained\n')).toBe(true)
})
