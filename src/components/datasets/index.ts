import { cifar10 } from './cifar10.ts'
import type { Dataset } from './dataset.ts'
import { digits } from './digits.ts'
import { fashionMnist } from './fashion_mnist.ts'
import { iris } from './iris.ts'
import { kmnist } from './kmnist.ts'
import { mnist } from './mnist.ts'

export const datasets: readonly Dataset[] = [iris, digits, mnist, fashionMnist, kmnist, cifar10]

/** The data set of that name, which the schema has checked. */
export function datasetNamed(name: string): Dataset {
  const dataset = datasets.find((candidate) => candidate.name === name)
  if (!dataset) throw new RangeError(`there is no data set ${name}`)
  return dataset
}
