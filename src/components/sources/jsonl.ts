import { columnFiles } from './column-files.ts'

export const jsonl = columnFiles({
  type: 'jsonl',
  summary:
    'Rows from files with JSON objects, one per line or in one array, plain or compressed as .gz or .zst',
  endings: /\.(jsonl|ndjson|geojson|json)(\.gz|\.zst)?$/i,
  async read(path, reading) {
    const [{ readFiles }, { readJsonl }] = await Promise.all([
      import('./read-files.ts'),
      import('../../table/formats/jsonl.ts'),
    ])
    return readFiles(path, reading, readJsonl)
  },
})
