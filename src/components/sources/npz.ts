import { columnFiles } from './column-files.ts'
import { dividedPath } from './options/files.ts'

export const npz = columnFiles({
  type: 'npz',
  summary:
    'Arrays from NumPy files: those of an .npz by their names in it, that of an .npy by its file name. The suffixes _train, _validation and _test stand for splits',
  dividesItself: true,
  endings: /\.np[yz]$/i,
  async read(path, reading) {
    const { readNpz } = await import('../../table/formats/npz.ts')
    const { train, validation = [], test = [] } = dividedPath(path)
    return readNpz({ train: [train].flat(), validation: [validation].flat(), test: [test].flat() }, reading)
  },
})
