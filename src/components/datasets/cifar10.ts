import type { Dataset } from './dataset.ts'

/** A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; checksum as in TensorFlow Datasets. */
export const cifar10: Dataset = {
  name: 'cifar10',
  summary: '60,000 color photographs of 10 kinds of things, 32x32 pixels, 10,000 of them for the test',
  shape: [32, 32, 3],
  format: 'cifar',
  files: [
    {
      name: 'cifar-10-binary.tar.gz',
      bytes: 170_052_171,
      sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
    },
  ],
  mirrors: [
    'https://www.cs.toronto.edu/~kriz/',
    'https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/',
  ],
  folders: [],
}
