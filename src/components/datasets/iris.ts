import type { Dataset } from './dataset.ts'

/** R. A. Fisher, "The use of multiple measurements in taxonomic problems", 1936; from the UCI repository, CC BY 4.0. */
export const iris: Dataset = {
  name: 'iris',
  summary: '150 flowers of 3 species, four lengths in cm each',
  shape: [4],
  format: 'csv',
  target: 'species',
}
