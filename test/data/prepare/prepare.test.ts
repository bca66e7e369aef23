import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { preprocessingSchema } from '../../../src/data/fit/preprocessing.ts'
import { decode } from '../../../src/runtime/predictions.ts'
import { DataError } from '../../../src/errors.ts'
import { classes, folderOf, oneInput, plain, prepare, values } from '../support.ts'

const small = 'x,y,label\n1,10,no\n2,20,yes\n3,30,no\n4,40,yes\n'

describe('a csv file as data', () => {
  it('makes features of every other column and classes of a text target', async () => {
    const directory = await folderOf({ 'rows.csv': small })
    const { train, preprocessing, notes } = await prepare(
      { type: 'csv', path: 'rows.csv', target: 'label' },
      { directory, inputs: oneInput(2), outputs: classes(2) },
    )
    expect(train).toEqual({
      rows: 4,
      inputs: [{ name: 'input', shape: [2], data: Float32Array.of(1, 10, 2, 20, 3, 30, 4, 40) }],
      targets: [{ kind: 'classes', name: 'output', shape: [], data: Int32Array.of(0, 1, 0, 1) }],
      sourceRow: Uint32Array.of(0, 1, 2, 3),
    })
    expect(preprocessing.outputs).toMatchObject([{ classes: ['no', 'yes'], form: 'labels' }])
    expect(notes).toEqual(['label: the labels no, yes became classes 0 to 1'])
  })

  it('fits scaling on the training rows only', async () => {
    const directory = await folderOf({ 'rows.csv': small })
    const { train, test, preprocessing } = await prepare(
      {
        type: 'csv',
        path: 'rows.csv',
        target: 'label',
        features: { columns: ['x'], scale: 'min_max' },
        split: { test: 0.5, shuffle: false },
      },
      { directory, inputs: oneInput(1), outputs: classes(2) },
    )
    expect(plain(train.inputs[0]?.data)).toEqual([0, 1])
    expect(plain(test?.inputs[0]?.data)).toEqual([2, 3])
    expect(test?.sourceRow).toEqual(Uint32Array.of(2, 3))
    expect(preprocessing.inputs[0]?.features).toEqual([
      { kind: 'number', column: 'x', scaling: { subtract: 1, multiply: 1 } },
    ])
  })

  it('makes one-hot vectors of text features, and of numbers that are named for it', async () => {
    const directory = await folderOf({ 'rows.csv': 'size,code,y\nbig,7,1\nsmall,8,2\nbig,9,3\n' })
    const { train } = await prepare(
      { type: 'csv', path: 'rows.csv', target: 'y', features: { one_hot: ['code'], scale: 'standard' } },
      { directory, inputs: oneInput(5), outputs: values(1) },
    )
    expect(plain(train.inputs[0]?.data)).toEqual([1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1])
    expect(train.targets[0]).toMatchObject({ kind: 'numbers', shape: [1], data: Float32Array.of(1, 2, 3) })
  })

  it('names the category that only another split has', async () => {
    const directory = await folderOf({ 'rows.csv': 'city,y\nOslo,1\nRome,2\nOslo,3\nParis,4\n' })
    const spec = {
      type: 'csv' as const,
      path: 'rows.csv',
      target: 'y',
      split: { test: 0.25, shuffle: false },
    }
    const ports = { directory, inputs: oneInput(3), outputs: values(1) }
    await expect(prepare({ ...spec, features: { unseen: 'error' } }, ports)).rejects.toThrow(
      'rows.csv:5: "Paris" in column "city" is not one of the 2 values of the training split: Oslo, Rome',
    )
    const { train, test, notes } = await prepare(spec, ports)
    expect(plain(train.inputs[0]?.data)).toEqual([1, 0, 0, 0, 0, 1, 1, 0, 0])
    expect(plain(test?.inputs[0]?.data)).toEqual([0, 0, 0])
    expect(notes).toContain(
      'rows.csv: 1 of 4 rows has values that the training rows lack: city "Paris" (1 row)',
    )
  })

  it('scales a numeric target and its predictions back', async () => {
    const directory = await folderOf({ 'rows.csv': small })
    const { train, preprocessing } = await prepare(
      {
        type: 'csv',
        path: 'rows.csv',
        target: { column: 'y', scale: 'standard' },
        features: { columns: ['x'] },
      },
      { directory, inputs: oneInput(1), outputs: values(1) },
    )
    const target = train.targets[0]
    expect(plain(target?.data)).toEqual([-1.34164, -0.44721, 0.44721, 1.34164])
    const [output] = preprocessing.outputs
    if (output?.kind !== 'numbers' || target?.kind !== 'numbers') throw new Error('no numbers')
    const decoded = decode(output, target.data)
    expect(decoded.kind === 'numbers' && Array.from(decoded.values, Math.round)).toEqual([10, 20, 30, 40])
  })

  it('refuses a scale of as many numbers as the target has not', async () => {
    const directory = await folderOf({ 'rows.csv': small })
    const target = { column: 'y', scale: { type: 'min_max', min: [0, 0], max: [40, 50] } }
    const spec = { type: 'csv', path: 'rows.csv', target, features: { columns: ['x'] } }
    await expect(prepare(spec, { directory, inputs: oneInput(1), outputs: values(1) })).rejects.toThrow(
      'data.target.scale has 2 numbers, but the target has 1: y',
    )
  })

  it('feeds named inputs and outputs', async () => {
    const directory = await folderOf({ 'rows.csv': small })
    const { train } = await prepare(
      {
        type: 'csv',
        path: 'rows.csv',
        inputs: { b: 'x', a: { columns: ['y'], scale: { divide: 10 } } },
        targets: { kind: 'label', size: { column: ['x', 'y'] } },
      },
      {
        directory,
        inputs: [
          { name: 'a', shape: [1] },
          { name: 'b', shape: [1] },
        ],
        outputs: [
          { name: 'size', shape: [2], kind: 'numbers' },
          { name: 'kind', shape: [1], kind: 'classes' },
        ],
      },
    )
    expect(train.inputs.map(({ name, data }) => [name, plain(data)])).toEqual([
      ['a', [1, 2, 3, 4]],
      ['b', [1, 2, 3, 4]],
    ])
    expect(train.targets.map(({ name, data }) => [name, plain(data)])).toEqual([
      ['size', [1, 10, 2, 20, 3, 30, 4, 40]],
      ['kind', [0, 1, 0, 1]],
    ])
  })

  it('takes sample weights from a column', async () => {
    const directory = await folderOf({ 'rows.csv': 'x,w,y\n1,0.5,0\n2,2,1\n' })
    const spec = { type: 'csv' as const, path: 'rows.csv', target: 'y', sample_weight: 'w' }
    const { train } = await prepare(spec, { directory, inputs: oneInput(1), outputs: classes(2) })
    expect(train.sampleWeight).toEqual(Float32Array.of(0.5, 2))
    const negative = await folderOf({ 'rows.csv': 'x,w,y\n1,0.5,0\n2,-2,1\n' })
    await expect(
      prepare(spec, { directory: negative, inputs: oneInput(1), outputs: classes(2) }),
    ).rejects.toThrow('rows.csv:3: -2 in "w" is not a sample weight')
  })

  it('has a fingerprint that changes with the content only', async () => {
    const run = async (content: string) => {
      const directory = await folderOf({ 'rows.csv': content })
      const spec = { type: 'csv' as const, path: 'rows.csv', target: 'label' }
      return (await prepare(spec, { directory, inputs: oneInput(2), outputs: classes(2) })).fingerprint
    }
    expect(await run(small)).toMatch(/^[0-9a-f]{64}$/)
    expect(await run(small)).toBe(await run(small))
    expect(await run(small)).not.toBe(await run(`${small}5,50,no\n`))
  })

  it('stratifies by the target, the same way for the same seed', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `${i},${i % 10 === 0 ? 'rare' : 'common'}`)
    const directory = await folderOf({ 'rows.csv': ['x,y', ...rows].join('\n') })
    const run = (seed: number) =>
      prepare(
        { type: 'csv', path: 'rows.csv', target: 'y', split: { test: 0.2, validation: 0.1, stratify: true } },
        { directory, seed, inputs: oneInput(1), outputs: classes(2) },
      )
    const { train, validation, test } = await run(7)
    const rare = [train, validation, test].map((part) => part?.targets[0]?.data.filter((k) => k === 1).length)
    expect(rare).toEqual([7, 1, 2])
    expect((await run(7)).train).toEqual(train)
    expect((await run(8)).train).not.toEqual(train)
  })
})

describe('missing values', () => {
  const content = 'x,c,y\n1,a,0\n,b,1\n5,,0\n3,a,\n'
  const run = async (missing: 'error' | 'drop' | 'mean' | { constant: number }, text = content) => {
    const directory = await folderOf({ 'rows.csv': text })
    return prepare(
      { type: 'csv', path: 'rows.csv', target: 'y', missing },
      { directory, inputs: oneInput(3), outputs: classes(2) },
    )
  }
  const complete = 'x,c,y\n1,a,0\n,b,1\n5,,0\n3,a,1\n'

  it('are an error by default, which counts them', async () => {
    await expect(run('error')).rejects.toMatchObject({
      message: 'rows.csv:3: column "x" has no value; 3 values are missing in x (1), c (1), y (1)',
      hint: expect.stringContaining('drop, mean, median or {constant: 0}'),
    })
  })

  it('drop leaves the rows out', async () => {
    const directory = await folderOf({ 'rows.csv': content })
    const { train, notes } = await prepare(
      { type: 'csv', path: 'rows.csv', target: 'y', missing: 'drop' },
      { directory, inputs: oneInput(2), outputs: classes(2) },
    )
    expect(train).toMatchObject({ rows: 1, sourceRow: Uint32Array.of(0) })
    expect(notes).toEqual(['3 of 4 rows have missing values and were dropped'])
    expect((await run('drop', complete.replace('\n,b,1\n5,,0', '\n2,b,1\n5,a,0'))).notes).toEqual([])
  })

  it('are refused or dropped in files of the validation and the test rows, too', async () => {
    const directory = await folderOf({
      'rows.csv': 'x,c,y,g\n1,a,0,5\n2,b,1,6\n',
      'held.csv': 'x,c,y,g\n1,a,0,\n,b,1,7\n5,,0,7\n3,a,,7\n',
    })
    const path = { train: 'rows.csv', validation: 'held.csv', test: 'held.csv' }
    const features = { columns: ['x', 'c'] }
    const spec = { type: 'csv', path, target: 'y', features, split: { group: 'g' } }
    const ports = { directory, inputs: oneInput(3), outputs: classes(2) }
    await expect(prepare(spec, ports)).rejects.toMatchObject({
      message: 'held.csv:3: column "x" has no value; 3 values are missing in x (1), c (1), y (1)',
      hint: expect.stringContaining('drop, mean, median or {constant: 0}'),
    })
    const { train, validation, test, notes } = await prepare({ ...spec, missing: 'drop' }, ports)
    expect([train.rows, validation?.rows, test?.rows]).toEqual([2, 1, 1])
    const note = 'held.csv: 3 of 4 rows have missing values and were dropped'
    expect(notes).toEqual([note, note])
    await expect(prepare({ ...spec, missing: 'mean' }, ports)).rejects.toThrow(
      'held.csv:5: column "y" has no value',
    )
  })

  it('are not all values of a column that held-out rows lack', async () => {
    const rows = { 'rows.csv': 'x,Size,y\n1,2,0\n2,3,1\n', 'held.csv': 'x,size,y\n1,2,0\n' }
    const directory = await folderOf(rows)
    const spec = { type: 'csv', path: { train: 'rows.csv', test: 'held.csv' }, target: 'y' }
    await expect(
      prepare(spec, { directory, inputs: oneInput(2), outputs: classes(2) }),
    ).rejects.toMatchObject({
      message:
        'held.csv: the column "Size" is missing, which the model is trained on; the file has x, size, y',
      hint: 'is "size" the column "Size"?',
    })
  })

  it('mean and constant fill numbers in, and leave a missing text without a category', async () => {
    expect(plain((await run('mean', complete)).train.inputs[0]?.data)).toEqual([
      1, 1, 0, 3, 0, 1, 5, 0, 0, 3, 1, 0,
    ])
    expect(plain((await run({ constant: -1 }, complete)).train.inputs[0]?.data).slice(3, 6)).toEqual([
      -1, 0, 1,
    ])
  })

  it('mean does not invent targets', async () => {
    await expect(run('mean')).rejects.toThrow('rows.csv:5: column "y" has no value')
  })

  it('drop does not hide a text in a column of numbers', async () => {
    await expect(run('drop', 'x,c,y\n1,a,0\n2,b,1\noops,a,0\n')).rejects.toThrow(
      'rows.csv:4: "oops" in column "x"',
    )
  })
})

describe('targets of classes', () => {
  const inline = (targets: (number | string | number[])[], outputs = classes(3)) =>
    prepare({ type: 'inline', inputs: targets.map((_, i) => [i]), targets }, { inputs: oneInput(1), outputs })
  const indices = async (...run: Parameters<typeof inline>) =>
    plain((await inline(...run)).train.targets[0]?.data)

  it('may be class indices, texts, labels from 1, or one-hot', async () => {
    expect(await indices([2, 0, 1])).toEqual([2, 0, 1])
    expect(await indices([[2], [0], [1]])).toEqual([2, 0, 1])
    expect(await indices(['c', 'a', 'b', 'a'])).toEqual([2, 0, 1, 0])
    expect(await indices([3, 1, 2, 1])).toEqual([2, 0, 1, 0])
    expect(
      await indices([
        [0, 0, 1],
        [1, 0, 0],
      ]),
    ).toEqual([2, 0])
    expect(await indices([[0], [1], [1]], classes(1))).toEqual([0, 1, 1])
    expect(await indices(['yes', 'no'], classes(1))).toEqual([1, 0])
  })

  it('say which conversion ran', async () => {
    expect((await inline([3, 1, 2])).notes).toEqual(['targets: the labels 1 to 3 became classes 0 to 2'])
    expect((await inline([[0, 1, 0]])).notes).toEqual(['targets: one-hot targets became class indices'])
    expect((await inline([0, 1, 1])).notes).toEqual([])
    expect((await inline(['a', 'b'])).notes).toEqual([
      'targets: the labels a, b became classes 0 to 1',
      'targets: 2 classes (a, b), fewer than the 3 that the output output can separate',
    ])
  })

  it.each<[string, (number | string | number[])[], number, string]>([
    ['too large', [0, 3], 3, 'data row 2: label 3 in column "targets" is out of range'],
    ['negative', [0, -1], 3, 'data row 2: label -1 in column "targets" is out of range'],
    ['fractional', [0.5, 1], 3, 'data row 1: label 0.5 in column "targets" is out of range'],
    [
      'too large for one unit',
      [0, 2],
      1,
      'has 1 unit, which separates two classes, so labels are integers from 0 to 1',
    ],
    [
      'too many texts',
      ['a', 'b', 'c', 'd'],
      3,
      'targets: 4 classes (a, b, c, d), but the model\'s output "output" has 3 units',
    ],
    [
      'not one-hot',
      [
        [0, 1, 0],
        [0, 1, 1],
      ],
      3,
      'data row 2: [0, 1, 1] is not one-hot',
    ],
    [
      'one-hot without a 1',
      [
        [0, 1, 0],
        [0, 0, 0],
      ],
      3,
      'data row 2: [0, 0, 0] is not one-hot',
    ],
    ['from 1 with a gap', [1, 3], 3, 'data row 2: label 3 in column "targets" is out of range'],
    [
      'of another width',
      [
        [0, 1],
        [1, 0],
      ],
      3,
      'has 2 values per row (targets): expected 1 (class labels) or 3 (one-hot)',
    ],
  ])('are refused when %s', async (_, targets, units, message) => {
    const failure: unknown = await inline(targets, classes(units)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DataError)
    expect(failure).toHaveProperty('message', expect.stringContaining(message))
  })

  it('may be one class for each step', async () => {
    const { train } = await prepare(
      { type: 'inline', inputs: [[1, 2]], targets: [[2, 0]] },
      { inputs: oneInput(2), outputs: classes(2, 3) },
    )
    expect(train.targets[0]).toMatchObject({ shape: [2], data: Int32Array.of(2, 0) })
    const oneHot = await prepare(
      {
        type: 'inline',
        inputs: [[1, 2]],
        targets: [
          [
            [0, 0, 1],
            [1, 0, 0],
          ],
        ],
      },
      { inputs: oneInput(2), outputs: classes(2, 3) },
    )
    expect(oneHot.train.targets[0]).toMatchObject({ shape: [2], data: Int32Array.of(2, 0) })
  })

  it('may be listed in class order', async () => {
    const directory = await folderOf({ 'rows.csv': 'x,y\n1,5\n2,3\n3,4\n', 'more.csv': 'x,y\n1,5\n2,6\n' })
    const run = (path: string, listed = [5, 4, 3]) =>
      prepare(
        { type: 'csv', path, target: { column: 'y', classes: listed } },
        { directory, inputs: oneInput(1), outputs: classes(3) },
      )
    expect(plain((await run('rows.csv')).train.targets[0]?.data)).toEqual([0, 2, 1])
    await expect(run('more.csv')).rejects.toThrow(
      'more.csv:3: 6 in column "y" is not one of the 3 classes: 5, 4, 3',
    )
    await expect(run('rows.csv', [5, 3, 5])).rejects.toThrow(
      'data.target.classes lists a class twice: 5, 3, 5',
    )
  })

  it('may be given as one column for each class', async () => {
    const directory = await folderOf({ 'rows.csv': 'x,cat,dog\n1,0,1\n2,1,0\n' })
    const { train, preprocessing } = await prepare(
      { type: 'csv', path: 'rows.csv', target: ['cat', 'dog'] },
      { directory, inputs: oneInput(1), outputs: classes(2) },
    )
    expect(plain(train.targets[0]?.data)).toEqual([1, 0])
    expect(preprocessing.outputs[0]).toMatchObject({ classes: ['cat', 'dog'], form: 'one_hot' })
  })
})

describe('images', () => {
  const image = (...bytes: number[]) =>
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, ...bytes)
  const files = {
    images: image(0, 51, 102, 255, 1, 2, 3, 4, 5, 6, 7, 8),
    labels: Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 1),
  }
  const run = async (shape: number[], keys = {}) =>
    prepare(
      { type: 'idx', images: 'images', labels: 'labels', ...keys },
      { directory: await folderOf(files), inputs: oneInput(...shape), outputs: classes(2) },
    )

  it('stay bytes, with their scale beside them', async () => {
    const spec = { features: { scale: { divide: 255 } }, split: { test: 0.34, shuffle: false } }
    const { train, test } = await run([2, 2, 1], spec)
    expect(train.inputs[0]).toEqual({
      name: 'input',
      shape: [2, 2, 1],
      data: Uint8Array.of(0, 51, 102, 255, 1, 2, 3, 4),
      scale: { multiply: 1 / 255, add: 0 },
    })
    expect(test?.inputs[0]?.data).toEqual(Uint8Array.of(5, 6, 7, 8))
    expect((await run([4])).train.inputs[0]).not.toHaveProperty('scale')
  })

  it('are standardized as a whole', async () => {
    const { train } = await run([4], { features: { scale: 'standard' } })
    const { data = [], scale } = train.inputs[0] ?? {}
    const scaled = Array.from(data, (x) => x * (scale?.multiply ?? 0) + (scale?.add ?? 0))
    expect(scaled.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 9)
    expect(scaled.reduce((sum, x) => sum + x * x, 0) / 12).toBeCloseTo(1, 9)
  })

  it('must have the shape of the input, or be flat in it', async () => {
    await expect(run([3, 3, 1])).rejects.toThrow(
      'images: the model\'s input "input" takes 9 numbers per row (shape [3, 3, 1]), but the features give 4: images of shape [2, 2]',
    )
    await expect(run([1, 4, 1])).resolves.toBeDefined()
  })
})

describe('columns that do not fit', () => {
  const run = async (
    spec: object,
    inputs = oneInput(2),
    outputs: ReturnType<typeof values> | ReturnType<typeof classes> = classes(2),
  ) => {
    const directory = await folderOf({ 'rows.csv': small })
    const failure: unknown = await prepare(
      { type: 'csv', path: 'rows.csv', target: 'label', ...spec },
      { directory, inputs, outputs },
    ).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DataError)
    return failure instanceof DataError ? [failure.message, failure.hint] : []
  }

  it('are named with both numbers', async () => {
    expect((await run({}, oneInput(3)))[0]).toBe(
      'rows.csv: the model\'s input "input" takes 3 numbers per row (shape [3]), but the features give 2: x, y',
    )
    expect((await run({ target: 'x' }, oneInput(3), values(3)))[0]).toMatch(
      /output "output" has 3 numbers per row \(shape \[3\]\), but its target has 1: x$/,
    )
    expect((await run({ target: 'y' }, oneInput(5)))[0]).toMatch(/label 10 in column "y" is out of range/)
    expect((await run({ target: 'y' }, oneInput(5), values(1)))[0]).toMatch(
      /the features give 3: x, label \(one-hot over 2 values\)$/,
    )
  })

  it('bring the nearest name', async () => {
    expect(await run({ target: 'lable' })).toEqual([
      'rows.csv: there is no column "lable", which data.target names; the columns are x, y, label',
      'did you mean "label"?',
    ])
    expect((await run({ features: { columns: ['z'] } }))[0]).toMatch(/which data\.features\.columns names/)
    expect((await run({ features: { exclude: ['z'] } }))[0]).toMatch(/which data\.features\.exclude names/)
    expect((await run({ features: { one_hot: ['z'] } }))[0]).toMatch(/which one_hot names/)
    expect((await run({ sample_weight: 'z' }))[0]).toMatch(/which data\.sample_weight names/)
  })

  it('are explained when the header or the delimiter is the reason', async () => {
    const directory = await folderOf({ 'a.csv': 'x;y\n1;2\n', 'b.csv': '1,2\n3,4\n' })
    const hint = (path: string) =>
      prepare({ type: 'csv', path, target: 'y' }, { directory, inputs: oneInput(1), outputs: values(1) })
    await expect(hint('a.csv')).rejects.toMatchObject({
      hint: expect.stringContaining('set data.delimiter: ";"'),
    })
    await expect(hint('b.csv')).rejects.toMatchObject({
      hint: expect.stringContaining('set data.header: false'),
    })
  })

  it('of texts are refused as numbers', async () => {
    expect((await run({}, oneInput(2), values(1)))[0]).toBe(
      'rows.csv:2: column "label" holds strings such as "no", but the output "output" is trained on numbers',
    )
  })

  it('are refused when nothing is left, or they are too many inputs for the names', async () => {
    expect((await run({ features: { exclude: ['x', 'y'] } }))[0]).toMatch(/no column left for the features/)
    expect(await run({ inputs: { imput: ['x', 'y'] } })).toEqual([
      'data.inputs: the model has no input called "imput"; it has input',
      'did you mean "input"?',
    ])
    const two = [...oneInput(1), { name: 'other', shape: [1] }]
    expect((await run({}, two))[0]).toMatch(/^data\.inputs: the model has 2 inputs \(input, other\)/)
    expect((await run({ inputs: { input: ['x', 'y'] } }, two))[0]).toMatch(/input "other" gets no data/)
  })

  it('must fit 32-bit numbers', async () => {
    const directory = await folderOf({ 'rows.csv': 'x,y\n1,0\n1e300,1\n' })
    await expect(
      prepare(
        { type: 'csv', path: 'rows.csv', target: 'y' },
        { directory, inputs: oneInput(1), outputs: classes(2) },
      ),
    ).rejects.toThrow('rows.csv:3: 1e+300 in "x": expected a finite 32-bit number')
  })
})

it('what was fitted survives JSON and its schema', async () => {
  const cell = fc.record({ x: fc.integer(), c: fc.constantFrom('a', 'b'), y: fc.constantFrom('no', 'yes') })
  const scale = fc.constantFrom<'standard' | 'min_max' | { divide: number }>('standard', 'min_max', {
    divide: 3,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 8, maxLength: 20 }), scale, async (rows, scale) => {
      async function* stdin() {
        yield new TextEncoder().encode(['x,c,y', ...rows.map(({ x, c, y }) => `${x},${c},${y}`)].join('\n'))
      }
      const width = 1 + new Set(rows.map(({ c }) => c)).size
      const { preprocessing } = await prepare(
        { type: 'csv', path: '-', target: 'y', features: { scale }, missing: 'mean' },
        { stdin: stdin(), inputs: oneInput(width), outputs: classes(2) },
      )
      const back = preprocessingSchema.parse(JSON.parse(JSON.stringify(preprocessing)))
      expect(JSON.stringify(back)).toBe(JSON.stringify(preprocessing))
    }),
    { numRuns: 30 },
  )
})
