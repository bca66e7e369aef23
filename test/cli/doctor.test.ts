import { cpus } from 'node:os'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import packageJson from '../../package.json' with { type: 'json' }
import { nnlab } from './support.ts'

const Report = z.strictObject({
  nnlab: z.literal(packageJson.version),
  node: z.literal(process.version),
  platform: z.literal(`${process.platform} ${process.arch}`),
  processor: z.string().min(1),
  cores: z.literal(cpus().length),
  memory: z.int().positive(),
  compiled: z.strictObject({
    arithmetic: z.enum(['fma', 'mul_add']),
    native: z.enum(['none', 'avx2', 'avx512']),
  }),
  backends: z.array(
    z.looseObject({
      name: z.string(),
      available: z.boolean(),
      chosen: z.boolean(),
      detail: z.string(),
    }),
  ),
})

describe('nnlab doctor', () => {
  it('tells of the machine, the engine and the backends, one of which is chosen', async () => {
    const { code, stdout, stderr } = await nnlab(['doctor', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { backends } = Report.parse(JSON.parse(stdout))
    expect(backends.map(({ name }) => name)).toEqual(['tensorflow', 'wasm', 'cpu'])
    const chosen = backends.filter((backend) => backend.chosen)
    expect(chosen).toEqual([expect.objectContaining({ available: true })])
    expect(chosen).toEqual([backends.find(({ available }) => available)])
  })

  it('tells the same as text', async () => {
    const { code, stdout } = await nnlab(['doctor'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      new RegExp(`^nnlab ${packageJson.version}, Node ${process.version}, ${process.platform} `),
    )
    expect(stdout).toMatch(/^Engine: compiled, with (fma|mul_add) arithmetic/m)
    for (const backend of ['tensorflow', 'wasm', 'cpu'])
      expect(stdout).toMatch(new RegExp(`^│ ${backend} `, 'm'))
    expect(stdout.match(/ chosen /g)).toHaveLength(1)
  })

  it('tells the machine code that NNLAB_NATIVE chooses', async () => {
    const { stdout } = await nnlab(['doctor', '--json'], { env: { NNLAB_NATIVE: '0' } })
    expect(Report.parse(JSON.parse(stdout)).compiled.native).toBe('none')
  })

  it('tells why native TensorFlow cannot be used', async () => {
    const env = { NNLAB_TFJS_NODE: '/no/such/folder' }
    const { stdout } = await nnlab(['doctor', '--json'], { env })
    const { backends } = Report.parse(JSON.parse(stdout))
    expect(backends[0]).toMatchObject({ name: 'tensorflow', available: false, chosen: false })
    expect(backends[0]?.detail).not.toBe('')
  })
})
