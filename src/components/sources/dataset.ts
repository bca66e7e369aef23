import * as z from 'zod'

import type { DividedTables } from '../../table/table.ts'
import type { RemoteDataset } from '../datasets/dataset.ts'
import { datasetNamed, datasets } from '../datasets/index.ts'
import { arrayKeys, arraySelection, arraysWithPositives } from './options/arrays.ts'
import { Memory } from './options/rows.ts'
import { defineSource } from './source.ts'
import type { SourceReading } from './source.ts'

const summaries = datasets.map(({ name, summary }) => `${name}: ${summary}`)

export const dataset = defineSource({
  type: 'dataset',
  summary: 'A well-known data set; those that are not part of nnlab are fetched when they are first used',
  paths: [],
  options: () => ({
    name: z.enum(datasets.map(({ name }) => name)).describe(`Its name. ${summaries.join('; ')}`),
    memory: Memory,
    ...arrayKeys,
  }),
  memory: ({ memory }) => memory,
  selection({ name, features: { scale }, target }) {
    const known = datasetNamed(name)
    const columns = known.format === 'csv' ? { labels: known.target } : { input: 'images', labels: 'labels' }
    const shape = { of: known.shape, path: ['data', 'name'] }
    return arraySelection({ ...columns, scale, shape, target })
  },
  withPositives: arraysWithPositives,
  async read({ name, split }, reading) {
    const known = datasetNamed(name)
    if (known.format !== 'csv') return readRemote(known, split.test === 0, reading)
    const [{ packagedFile }, { readCsv }] = await Promise.all([
      import('../../packaged-file.ts'),
      import('../../table/formats/csv.ts'),
    ])
    return {
      train: await readCsv({ path: packagedFile(`configs/data/${name}.csv`), header: true }, reading),
      notes: [],
    }
  },
})

async function readRemote(
  known: RemoteDataset,
  usesOwnTest: boolean,
  reading: SourceReading,
): Promise<DividedTables> {
  const { obtain } = await import('../datasets/obtain.ts')
  const paths = await obtain(known, reading.datasets)
  const notes = usesOwnTest
    ? []
    : [`the test split comes from the training rows of ${known.name}: its own is not used`]
  if (known.format === 'cifar') {
    const { readCifar } = await import('../../table/formats/cifar.ts')
    const { train, test } = await readCifar(paths[0] ?? '', reading)
    return { train, ...(usesOwnTest && { test }), notes }
  }
  const { readIdxPair } = await import('../../table/formats/idx.ts')
  const [images = '', labels, testImages = '', testLabels] = paths
  return {
    train: await readIdxPair(images, labels, reading),
    ...(usesOwnTest && { test: await readIdxPair(testImages, testLabels, reading) }),
    notes,
  }
}
