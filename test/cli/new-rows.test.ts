import { readFileSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { folderOf, nnlab } from './support.ts'

const Golden = z.object({
  png: z.string(),
  gray_png: z.string(),
  npz: z.string(),
  parquet: z.object({ snappy: z.string() }),
})
const golden = Golden.parse(
  JSON.parse(readFileSync(new URL('../golden/formats.json', import.meta.url), 'utf8')),
)

const network = `
  layers: [flatten, {type: dense, units: 1, activation: sigmoid}]
compile: {loss: binary_crossentropy, metrics: [accuracy]}
fit: {epochs: 1}
`
const configs = {
  images: `data: {type: images, path: photos, image_size: [4, 4], features: {scale: {divide: 255}}}
model:
  input: [4, 4, 3]${network}`,
  parquet: `data: {type: parquet, path: rows.parquet, target: flag, features: {columns: [n, v], scale: standard}}
model:
  input: [3]${network}`,
}

async function trained(config: keyof typeof configs): Promise<string> {
  const cwd = await folderOf({ 'nnlab.yaml': configs[config] })
  await mkdir(join(cwd, 'photos/cats'), { recursive: true })
  await mkdir(join(cwd, 'photos/dogs'))
  await writeFile(join(cwd, 'photos/cats/1.png'), Buffer.from(golden.png, 'base64'))
  await writeFile(join(cwd, 'photos/dogs/1.png'), Buffer.from(golden.gray_png, 'base64'))
  await writeFile(join(cwd, 'rows.parquet'), Buffer.from(golden.parquet.snappy, 'base64'))
  await writeFile(join(cwd, 'other.npz'), Buffer.from(golden.npz, 'base64'))
  expect(await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

const Evaluation = z.object({ rows: z.number(), metrics: z.record(z.string(), z.number()) })

describe('new rows', () => {
  it('of images may be folders, files and patterns', async () => {
    const cwd = await trained('images')
    const predict = async (...rows: string[]) => {
      const { code, stdout } = await nnlab(['predict', 'run', ...rows], { cwd })
      expect(code).toBe(0)
      return stdout
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(',').slice(2, 5).join())
    }
    const both = await predict('photos')
    expect(both).toHaveLength(2)
    expect(await predict('--data', 'photos/cats')).toEqual(both.slice(0, 1))
    expect(await predict('photos/dogs/1.png')).toEqual(both.slice(1))
    expect(await predict('photos/*/*.png')).toEqual(both)
    await copyFile(join(cwd, 'photos/dogs/1.png'), join(cwd, 'picture'))
    expect(await predict('picture', '--from', 'images')).toEqual(both.slice(1))
    for (const from of ['xls', 'inline']) {
      const { code, stderr } = await nnlab(['predict', 'run', 'picture', '--from', from], { cwd })
      expect(code).toBe(2)
      expect(stderr).toContain(
        `--from: expected one of csv, jsonl, parquet, npz, idx, texts, images, got "${from}"`,
      )
    }
  })

  it.each(['images', 'parquet'] as const)(
    'of %s give the figures that training gave them',
    async (config) => {
      const cwd = await trained(config)
      const evaluate = async (...flags: string[]) =>
        Evaluation.parse(JSON.parse((await nnlab(['evaluate', 'run', '--json', ...flags], { cwd })).stdout))
      const path = config === 'images' ? 'photos' : 'rows.parquet'
      expect(await evaluate('--data', path)).toEqual(await evaluate())
    },
  )

  it('of other columns are refused with the file and what is missing', async () => {
    const cwd = await trained('parquet')
    expect(await nnlab(['predict', 'run', 'other.npz'], { cwd })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(
        'other.npz: the columns n, v are missing, which the model was trained on; the file has x, y',
      ),
    })
    expect(await nnlab(['evaluate', 'run', '--data', 'photos'], { cwd })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('photos: the model was not trained on images, but on n, v'),
    })
  })
})
