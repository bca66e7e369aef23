import { describe, expect, it } from 'vitest'

import { nnlab } from './support.ts'

describe('nnlab summary', () => {
  it('lists the layers of a config with their shapes, parameters and connections', async () => {
    const { code, stdout, stderr } = await nnlab(['summary', 'configs/xor.yaml', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      name: 'xor',
      layers: [
        {
          name: 'input',
          type: 'input',
          output_shape: [null, 2],
          params: 0,
          trainable: true,
          connections: [],
        },
        {
          name: 'dense',
          type: 'dense',
          output_shape: [null, 8],
          params: 24,
          trainable: true,
          connections: ['input'],
        },
        {
          name: 'dense_1',
          type: 'dense',
          output_shape: [null, 1],
          params: 9,
          trainable: true,
          connections: ['dense'],
        },
      ],
      outputs: ['dense_1'],
      totals: { params: 33, trainable: 33, non_trainable: 0 },
      memory: { weights: 132, optimizer: 264, activations: 176, batch_size: 4 },
    })
  })

  it('shows the same as a table that fits the terminal', async () => {
    const { code, stdout } = await nnlab(['summary', 'configs/xor.yaml', '--set', 'name=x'], {
      isTTY: true,
      columns: 56,
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Model: x\n/)
    expect(stdout).toMatch(/│ dense_1 +│ \(None, 1\) +│ +9 │ dense +│\n│ \(dense\) /)
    expect(stdout).toContain('Total params: 33 (132 B)\n')
    const table = stdout.split('\n').filter((line) => /^[┏┃┡│└]/.test(line))
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(56)
  })
})
