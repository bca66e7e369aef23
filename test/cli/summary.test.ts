import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

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

describe('nnlab summary -o', () => {
  const BRANCHES = `
model:
  input: [4]
  layers:
    - {type: dense, units: 3, name: left}
    - {type: dense, units: 3, name: right, from: input}
    - {type: add, from: [left, right]}
`

  it('draws every layer and connection as SVG, in a file named so', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': BRANCHES })
    expect(await nnlab(['summary', '-o', 'model.svg'], { cwd })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('wrote model.svg'),
    })
    const svg = await readFile(join(cwd, 'model.svg'), 'utf8')
    expect(svg.match(/<rect /g)).toHaveLength(4)
    expect(svg.match(/<path class="edge"/g)).toHaveLength(4)
    expect(svg).toContain('left (dense)')
    expect(await nnlab(['summary', '-o', 'model.png'], { cwd })).toMatchObject({ code: 2 })
  })

  it('writes Graphviz and Mermaid', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': BRANCHES })
    const { stdout: dot } = await nnlab(['summary', '--format', 'dot'], { cwd })
    expect(dot).toContain('"left" -> "add";')
    const { stdout: mermaid } = await nnlab(['summary', '--format', 'mermaid'], { cwd })
    expect(mermaid).toContain('n1["left (dense)<br>(None, 3), 15 params"]')
    expect(mermaid).toContain('n1 --> n3')
  })
})
