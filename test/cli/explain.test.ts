import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { schemaDocument } from '../../src/spec/schema/schema-document.ts'
import { widthOf } from '../../src/report/text/characters.ts'
import { nnlab } from './support.ts'

describe('nnlab explain', () => {
  it('explains a key as text or JSON', async () => {
    const { code, stdout, stderr } = await nnlab(['explain', 'fit.batch_size', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ path: 'fit.batch_size', description: 'Rows per step', default: 32 }),
    ])
    const text = await nnlab(['explain', 'fit.batch_size'])
    expect(text).toEqual({ code: 0, stdout: expect.stringContaining('Rows per step'), stderr: '' })
  })

  it.each(['compile.metrics', 'compile.weighted_metrics', 'compile.loss', 'fit.callbacks', 'model.layers'])(
    'names each component of %s once',
    async (key) => {
      const Explanations = z.array(z.object({ members: z.array(z.object({ name: z.string() })) }))
      const { stdout } = await nnlab(['explain', key, '--json'])
      const names = Explanations.parse(JSON.parse(stdout)).flatMap(({ members }) =>
        members.map(({ name }) => name),
      )
      expect(names.length).toBeGreaterThan(5)
      expect(names).toEqual([...new Set(names)])
    },
  )

  it('takes a path in several words', async () => {
    expect(await nnlab(['explain', 'optimizer', 'adam'])).toEqual(await nnlab(['explain', 'optimizer.adam']))
  })

  it('answers an unknown name with exit code 2 and the nearest one', async () => {
    expect(await nnlab(['explain', 'lstmm'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: unknown key or component "lstmm"\n  = did you mean "lstm"?\n',
    })
  })

  it.each([40, 80, 200])('fits terminals of %i columns', async (columns) => {
    for (const key of ['dense', 'fit', 'data.split', 'mean_squared_error', 'callbacks']) {
      const { stdout } = await nnlab(['explain', key], { isTTY: true, columns, env: { NO_COLOR: '1' } })
      const lines = stdout.split('\n')
      expect(lines.filter((line) => widthOf(line) > columns)).toEqual([])
      // Words are whole.
      const words = new Set((await nnlab(['explain', key])).stdout.split(/\s+/))
      expect(lines.flatMap((line) => line.split(/\s+/)).filter((word) => !words.has(word))).toEqual([])
    }
  })

  it('prints the operations of a training step', async () => {
    const { code, stdout } = await nnlab(['explain', '--ir', 'configs/xor.yaml'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ *%\d+: f32\[4, 8\] = matmul\(/m)
    expect(stdout).toMatch(/^ *%\d+: f32\[4, 8\] = tanh\(%\d+\)$/m)
  })
})

describe('nnlab schema', () => {
  it('prints the JSON Schema of a config', async () => {
    const { code, stdout, stderr } = await nnlab(['schema'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(schemaDocument())
  })
})
