import type { Network } from './peers/conversation.ts'

/** What one number of a net costs, all else being equal: 256-128-10, batch 64, 6,400 rows. */
export type Scale = {
  readonly what: string
  readonly values: readonly number[]
  network(value: number): Network
}

function net(name: string, { batch = 64, width = 128, rows = 6400 }): Network {
  return {
    name,
    title: name,
    input: [256],
    classes: 10,
    batch,
    rows,
    loss: 'sparse_categorical_crossentropy',
    optimizer: { type: 'adam', learning_rate: 0.001 },
    layers: [
      { type: 'dense', units: width, activation: 'relu' },
      { type: 'dense', units: 10, activation: 'softmax' },
    ],
  }
}

export const scales: readonly Scale[] = [
  {
    what: 'batch size',
    values: [1, 8, 64, 512],
    network: (batch) => net(`batch ${batch}`, { batch, rows: Math.min(6400, 400 * batch) }),
  },
  { what: 'width', values: [16, 128, 1024], network: (width) => net(`width ${width}`, { width }) },
  { what: 'rows', values: [640, 6400, 64_000], network: (rows) => net(`rows ${rows}`, { rows }) },
]

/** Peers of the scaling table: the others cost minutes and tell no more. */
export const scalePeers = ['nnlab', 'nnlab-1', 'torch', 'jax']
