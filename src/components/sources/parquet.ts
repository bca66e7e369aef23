import { columnFiles } from './column-files.ts'

export const parquet = columnFiles({
  type: 'parquet',
  summary: 'Rows from Parquet files',
  endings: /\.parquet$/i,
  async read(path, reading) {
    const [{ readFiles }, { readParquet }] = await Promise.all([
      import('./read-files.ts'),
      import('../../table/formats/parquet.ts'),
    ])
    return readFiles(path, reading, readParquet)
  },
})
