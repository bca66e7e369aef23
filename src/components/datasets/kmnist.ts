import type { Dataset } from './dataset.ts'

/** T. Clanuwat et al., "Deep Learning for Classical Japanese Literature", 2018; checksums as in TensorFlow Datasets. */
export const kmnist: Dataset = {
  name: 'kmnist',
  summary: '70,000 cursive Japanese characters of 10 kinds, 28x28 gray pixels, 10,000 of them for the test',
  shape: [28, 28],
  format: 'idx',
  files: [
    {
      name: 'train-images-idx3-ubyte.gz',
      bytes: 18_165_135,
      sha256: '51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4',
    },
    {
      name: 'train-labels-idx1-ubyte.gz',
      bytes: 29_497,
      sha256: 'e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17',
    },
    {
      name: 't10k-images-idx3-ubyte.gz',
      bytes: 3_041_136,
      sha256: 'edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5',
    },
    {
      name: 't10k-labels-idx1-ubyte.gz',
      bytes: 5_120,
      sha256: '20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c',
    },
  ],
  mirrors: [
    'https://codh.rois.ac.jp/kmnist/dataset/kmnist/',
    'https://web.archive.org/web/2023id_/http://codh.rois.ac.jp/kmnist/dataset/kmnist/',
  ],
  folders: [],
}
