import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

import { expect, it } from 'vitest'

import { pythonProgram } from '../../src/exchange/python.ts'

const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0

it.skipIf(!hasNumpy || process.platform === 'win32')(
  'a check ends with whoever started it, in whatever way that ends (needs numpy)',
  async () => {
    const program = pythonProgram({
      program: 'none',
      compares: 'weights',
      imports: 'print("begun", flush=True)',
      version: '""',
      run: 'time.sleep(600)',
    })
    const asker = spawn('sh', ['-c', 'python3 -c "$0"; true', program])
    asker.stdin.write('{"path": "", "inputs": [], "names": []}\n')
    // The check writes to the stderr that it has from its asker, which ends when both have.
    await once(asker.stderr, 'data')
    asker.kill('SIGKILL')
    await once(asker, 'close')
    expect(asker.signalCode).toBe('SIGKILL')
  },
)
