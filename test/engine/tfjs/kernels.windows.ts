// Convolutions, pooling and resizing: strides that do not divide, dilations, partial windows, windows without a
// positive value, batches of one and of several, more channels than a SIMD register holds.
import type { Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core'
import { uniform } from './kernels.case.ts'
import type { Case } from './kernels.case.ts'
import * as reference from './kernels.reference.ts'
import type { NdArray, Shape } from './kernels.reference.ts'

type Pad = 'valid' | 'same'
const pads: Pad[] = ['valid', 'same']

const convolutions1d = pads.flatMap((pad) =>
  (
    [
      [[2, 9, 3], [3, 3, 4], 1, 1],
      [[2, 9, 3], [3, 3, 4], 2, 1],
      [[2, 9, 3], [3, 3, 4], 1, 2],
      [[1, 8, 1], [4, 1, 2], 3, 1],
      [[2, 8, 1], [2, 1, 2], 1, 3],
    ] as const
  ).map(([x, filter, stride, dilation]): Case => ({
    name: `conv1d of [${x.join()}] by [${filter.join()}], ${pad}, stride ${stride}, dilation ${dilation}`,
    inputs: [uniform(x), uniform(filter, -1, 1, 'filter')],
    run: (tf, x: Tensor3D, y: Tensor3D) => tf.conv1d(x, y, stride, pad, 'NWC', dilation),
    reference: (x, y) => reference.conv(x, y, { strides: [stride], dilations: [dilation], pad }),
  })),
)

const convolutions2d = pads.flatMap((pad) =>
  (
    [
      [
        [2, 5, 6, 3],
        [3, 3, 3, 4],
        [1, 1],
        [1, 1],
      ],
      [
        [1, 5, 6, 1],
        [3, 3, 1, 1],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 7, 6, 3],
        [3, 2, 3, 5],
        [2, 2],
        [1, 1],
      ],
      [
        [2, 7, 6, 3],
        [2, 3, 3, 2],
        [2, 1],
        [1, 1],
      ],
      [
        [3, 8, 7, 2],
        [2, 2, 2, 2],
        [3, 3],
        [1, 1],
      ],
      [
        [2, 7, 8, 2],
        [3, 3, 2, 3],
        [1, 1],
        [2, 2],
      ],
      [
        [1, 7, 8, 2],
        [3, 2, 2, 3],
        [1, 1],
        [1, 3],
      ],
      [
        [2, 5, 5, 3],
        [1, 1, 3, 4],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 5, 5, 3],
        [1, 1, 3, 4],
        [2, 2],
        [1, 1],
      ],
      [
        [1, 3, 3, 9],
        [2, 2, 9, 10],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 3, 4, 2],
        [3, 4, 2, 3],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 1, 6, 2],
        [1, 3, 2, 3],
        [1, 2],
        [1, 1],
      ],
    ] as const
  ).map(([x, filter, strides, dilations]): Case => ({
    name: `conv2d of [${x.join()}] by [${filter.join()}], ${pad}, strides ${strides.join()}, dilations ${dilations.join()}`,
    inputs: [uniform(x), uniform(filter, -1, 1, 'filter')],
    run: (tf, x: Tensor4D, y: Tensor4D) => tf.conv2d(x, y, [...strides], pad, 'NHWC', [...dilations]),
    reference: (x, y) => reference.conv(x, y, { strides, dilations, pad }),
  })),
)

const explicitlyPadded: Case[] = [
  {
    name: 'conv2d with explicit padding, strides 2,2',
    notNative: true,
    inputs: [uniform([2, 5, 6, 2]), uniform([3, 3, 2, 3], -1, 1, 'filter')],
    run: (tf, x: Tensor4D, y: Tensor4D) =>
      tf.conv2d(x, y, 2, [
        [0, 0],
        [2, 1],
        [0, 2],
        [0, 0],
      ]),
    reference: (x, y) =>
      reference.conv(
        reference.pad(x, [
          [0, 0],
          [2, 1],
          [0, 2],
          [0, 0],
        ]),
        y,
        { strides: [2, 2], pad: 'valid' },
      ),
  },
  {
    name: 'conv2d after pad (causal)',
    inputs: [uniform([2, 1, 6, 2]), uniform([1, 3, 2, 3], -1, 1, 'filter')],
    run: (tf, x: Tensor4D, y: Tensor4D) =>
      tf.conv2d(
        tf.pad(x, [
          [0, 0],
          [0, 0],
          [4, 0],
          [0, 0],
        ]),
        y,
        1,
        'valid',
        'NHWC',
        [1, 2],
      ),
    reference: (x, y) =>
      reference.conv(
        reference.pad(x, [
          [0, 0],
          [0, 0],
          [4, 0],
          [0, 0],
        ]),
        y,
        { strides: [1, 1], dilations: [1, 2], pad: 'valid' },
      ),
  },
  {
    name: 'conv2d with explicit padding and dilation',
    notNative: true,
    inputs: [uniform([2, 5, 6, 2]), uniform([2, 3, 2, 3], -1, 1, 'filter')],
    run: (tf, x: Tensor4D, y: Tensor4D) =>
      tf.conv2d(
        x,
        y,
        1,
        [
          [0, 0],
          [2, 1],
          [0, 2],
          [0, 0],
        ],
        'NHWC',
        2,
      ),
    reference: (x, y) =>
      reference.conv(
        reference.pad(x, [
          [0, 0],
          [2, 1],
          [0, 2],
          [0, 0],
        ]),
        y,
        { strides: [1, 1], dilations: [2, 2], pad: 'valid' },
      ),
  },
]

const convolutions3d = pads.flatMap((pad) =>
  (
    [
      [
        [2, 3, 2, 4, 2],
        [2, 2, 3, 2, 3],
        [1, 1, 1],
        [1, 1, 1],
      ],
      [
        [1, 5, 4, 3, 1],
        [3, 2, 2, 1, 2],
        [2, 2, 1],
        [1, 1, 1],
      ],
      [
        [2, 5, 3, 4, 1],
        [2, 2, 2, 1, 2],
        [1, 1, 1],
        [2, 1, 2],
      ],
      [
        [2, 4, 4, 4, 2],
        [3, 1, 2, 2, 3],
        [3, 1, 2],
        [1, 1, 1],
      ],
    ] as const
  ).map(([x, filter, strides, dilations]): Case => ({
    name: `conv3d of [${x.join()}] by [${filter.join()}], ${pad}, strides ${strides.join()}, dilations ${dilations.join()}`,
    notNative: dilations.some((step) => step > 1),
    inputs: [uniform(x), uniform(filter, -1, 1, 'filter')],
    run: (tf, x: Tensor5D, y: Tensor5D) => tf.conv3d(x, y, [...strides], pad, 'NDHWC', [...dilations]),
    reference: (x, y) => reference.conv(x, y, { strides, dilations, pad }),
  })),
)

const transposed = (
  [
    [[2, 4, 3], [3, 3, 2, 3], [4, 3], [1, 1], 'same'],
    [[2, 3, 3], [3, 3, 2, 3], [6, 5], [2, 2], 'same'],
    [[1, 3, 2], [2, 2, 1, 4], [7, 4], [3, 2], 'same'],
    [[2, 2, 3], [3, 2, 2, 3], [5, 6], [2, 2], 'valid'],
    [[2, 2, 2], [2, 2, 3, 2], [5, 5], [3, 3], 'valid'],
    [[2, 2, 2], [1, 1, 3, 2], [4, 4], [2, 2], 'same'],
  ] as const
).map(([[n, h, w], filter, [height, width], strides, pad]): Case => ({
  name: `conv2dTranspose of [${[n, h, w, filter[3]].join()}] by [${filter.join()}] to ${height},${width}, ${pad}, strides ${strides.join()}`,
  inputs: [uniform([n, h, w, filter[3]]), uniform(filter, -1, 1, 'filter')],
  run: (tf, x: Tensor4D, y: Tensor4D) =>
    tf.conv2dTranspose(x, y, [n, height, width, filter[2]], [...strides], pad),
  reference: (x, y) => reference.convTranspose(x, y, [height, width], { strides, pad }),
}))

const transposed3d: Case[] = [
  {
    name: 'conv3dTranspose, same, strides 2,1,2',
    inputs: [uniform([2, 2, 3, 2, 3]), uniform([3, 2, 2, 2, 3], -1, 1, 'filter')],
    run: (tf, x: Tensor5D, y: Tensor5D) => tf.conv3dTranspose(x, y, [2, 4, 3, 3, 2], [2, 1, 2], 'same'),
    reference: (x, y) => reference.convTranspose(x, y, [4, 3, 3], { strides: [2, 1, 2], pad: 'same' }),
  },
]

const depthwise = pads.flatMap((pad) =>
  (
    [
      [
        [2, 5, 6, 3],
        [3, 3, 3, 1],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 5, 6, 3],
        [3, 2, 3, 2],
        [1, 1],
        [1, 1],
      ],
      [
        [1, 7, 6, 2],
        [3, 3, 2, 2],
        [2, 2],
        [1, 1],
      ],
      [
        [2, 7, 7, 2],
        [2, 2, 2, 1],
        [3, 3],
        [1, 1],
      ],
      [
        [2, 7, 8, 2],
        [3, 3, 2, 2],
        [1, 1],
        [2, 2],
      ],
      [
        [2, 6, 5, 9],
        [3, 3, 9, 1],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 5, 5, 1],
        [3, 3, 1, 3],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 5, 5, 4],
        [1, 1, 4, 2],
        [2, 2],
        [1, 1],
      ],
    ] as const
  ).map(([x, filter, strides, dilations]): Case => ({
    name: `depthwiseConv2d of [${x.join()}] by [${filter.join()}], ${pad}, strides ${strides.join()}, dilations ${dilations.join()}`,
    inputs: [uniform(x), uniform(filter, -1, 1, 'filter')],
    run: (tf, x: Tensor4D, y: Tensor4D) =>
      tf.depthwiseConv2d(x, y, [...strides], pad, 'NHWC', [...dilations]),
    reference: (x, y) => reference.depthwiseConv(x, y, { strides, dilations, pad }),
  })),
)

/** Inputs of either sign, and inputs whose windows hold no positive value. */
const signs = (shape: Shape): [string, NdArray][] => [
  ['mixed', uniform(shape, -1, 1)],
  ['negative', uniform(shape, -2, -1)],
]

const pooling2d = pads.flatMap((pad) =>
  (['max', 'avg'] as const).flatMap((kind) =>
    (
      [
        [
          [2, 4, 6, 3],
          [2, 2],
          [2, 2],
        ],
        [
          [2, 5, 7, 3],
          [2, 2],
          [2, 2],
        ],
        [
          [1, 5, 7, 1],
          [3, 2],
          [1, 1],
        ],
        [
          [2, 7, 5, 2],
          [3, 3],
          [2, 2],
        ],
        [
          [2, 5, 5, 5],
          [2, 3],
          [3, 1],
        ],
        [
          [3, 1, 5, 2],
          [1, 2],
          [1, 2],
        ],
        [
          [2, 4, 3, 2],
          [4, 3],
          [1, 1],
        ],
        [
          [2, 6, 6, 2],
          [1, 1],
          [2, 2],
        ],
        [
          [2, 3, 3, 2],
          [2, 2],
          [3, 3],
        ],
      ] as const
    ).flatMap(([shape, size, strides]) =>
      signs(shape).map(([sign, x]): Case => ({
        name: `${kind}Pool of ${sign} [${shape.join()}] by ${size.join()}, ${pad}, strides ${strides.join()}`,
        inputs: [x],
        run: (tf, x: Tensor4D) => tf[kind === 'max' ? 'maxPool' : 'avgPool'](x, [...size], [...strides], pad),
        reference: (x) => reference.pool(x, kind, { size, strides, pad }),
      })),
    ),
  ),
)

const pooling3d = pads.flatMap((pad) =>
  (['max', 'avg'] as const).flatMap((kind) =>
    (
      [
        [
          [2, 4, 2, 4, 2],
          [2, 2, 2],
          [2, 2, 2],
        ],
        [
          [2, 3, 5, 3, 3],
          [2, 2, 2],
          [2, 2, 2],
        ],
        [
          [1, 3, 4, 5, 1],
          [2, 3, 2],
          [1, 1, 1],
        ],
        [
          [2, 4, 3, 4, 2],
          [1, 2, 3],
          [3, 1, 2],
        ],
      ] as const
    ).flatMap(([shape, size, strides]) =>
      signs(shape).map(([sign, x]): Case => ({
        name: `${kind}Pool3d of ${sign} [${shape.join()}] by ${size.join()}, ${pad}, strides ${strides.join()}`,
        inputs: [x],
        run: (tf, x: Tensor5D) =>
          tf[kind === 'max' ? 'maxPool3d' : 'avgPool3d'](x, [...size], [...strides], pad),
        reference: (x) => reference.pool(x, kind, { size, strides, pad }),
      })),
    ),
  ),
)

const resizing = (['legacy', 'half_pixel', 'align_corners'] as const).flatMap((centers) =>
  (['nearest', 'bilinear'] as const).flatMap((kind) =>
    (
      [
        [
          [2, 3, 2, 2],
          [6, 4],
        ],
        [
          [1, 2, 3, 1],
          [6, 9],
        ],
        [
          [2, 4, 5, 3],
          [7, 3],
        ],
        [
          [2, 4, 4, 1],
          [2, 2],
        ],
        [
          [2, 1, 3, 2],
          [3, 3],
        ],
        [
          [1, 5, 3, 2],
          [1, 1],
        ],
      ] as const
    ).map(([shape, [height, width]]): Case => ({
      name: `resize ${kind} of [${shape.join()}] to ${height},${width}, ${centers}`,
      inputs: [uniform(shape)],
      run: (tf, x: Tensor4D) =>
        tf.image[kind === 'nearest' ? 'resizeNearestNeighbor' : 'resizeBilinear'](
          x,
          [height, width],
          centers === 'align_corners',
          centers === 'half_pixel',
        ),
      reference: (x) => reference.resize(x, [height, width], kind, centers),
    })),
  ),
)

export const windowCases: readonly Case[] = [
  ...convolutions1d,
  ...convolutions2d,
  ...explicitlyPadded,
  ...convolutions3d,
  ...transposed,
  ...transposed3d,
  ...depthwise,
  ...pooling2d,
  ...pooling3d,
  ...resizing,
]
