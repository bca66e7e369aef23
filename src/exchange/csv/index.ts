import type { GraphNode, Parameter } from '../../model/graph.ts'
import { inputsBefore } from '../../model/sizes.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import { required } from '../../step/step-program.ts'
import { csvField } from '../../table/formats/csv-field.ts'
import type { ExchangeFormat, ModelToExport } from '../format.ts'
import { shortestFloat32 } from '../shortest-float32.ts'

/** The weights as tables, the rows of an embedding under their words: for spreadsheets, R and pandas. */
export const csv: ExchangeFormat = {
  type: 'csv',
  summary: 'a folder with a csv file for the weights of each parameter, those of an embedding by word',
  write(model, refuse) {
    const folder = new Map<string, string>()
    for (const node of model.graph.nodes)
      for (const parameter of node.parameters) {
        const name = fileName(parameter.id)
        // A layer a.b, and a layer b in a model a.
        if (folder.has(name)) refuse(`layer ${node.name}: file name but ${name}, which another layer has`)
        folder.set(name, table(model, node, parameter))
      }
    return { folder }
  },
  check: {
    program: 'pandas',
    compares: 'weights',
    imports: 'import pandas',
    version: 'pandas.__version__',
    run: `
def read(name):
    file = os.path.join(path, name.replace("/", ".") + ".csv")
    return pandas.read_csv(file, index_col=0, keep_default_na=False, float_precision="round_trip")
outputs = [read(name).to_numpy() for name in names]`,
  },
}

function fileName(id: string): string {
  return `${id.replaceAll('/', '.')}.csv`
}

/** A row for each index of the first axes, a column for each of the last one; vectors have one column. */
function table(model: ModelToExport, node: GraphNode, { id, shape }: Parameter): string {
  const values = required(model.weights, id)
  const columns = shape.length > 1 ? (shape.at(-1) ?? 1) : 1
  const isOfWords = node.component.vectorsPath !== undefined && id === node.parameters[0]?.id
  const words = isOfWords ? vocabularyOf(model, node) : undefined
  const rows = Array.from({ length: values.length / columns }, (_, row) => [
    csvField(words ? (words[row] ?? '') : String(row)),
    ...Array.from(values.subarray(row * columns, (row + 1) * columns), (value) =>
      String(shortestFloat32(value)),
    ),
  ])
  const head = [words ? 'word' : 'row', ...Array.from({ length: columns }, (_, column) => String(column))]
  return [head, ...rows].map((cells) => `${cells.join(',')}\n`).join('')
}

/** The words or categories that an embedding looks up, where its input is one column of them. */
function vocabularyOf(
  { graph, preprocessing }: ModelToExport,
  { name }: GraphNode,
): readonly string[] | undefined {
  const [source, ...others] = inputsBefore(name, graph)
  return others.length === 0 ? codesOf(preprocessing, source) : undefined
}

function codesOf({ inputs }: Preprocessing, source: string | undefined): readonly string[] | undefined {
  const [feature, ...further] = inputs.find(({ name }) => name === source)?.features ?? []
  if (feature?.kind !== 'encoded' || further.length > 0) return undefined
  if (feature.transform === 'ordinal') return feature.state.categories
  // The first two stand for no word and for any unknown one, as in Keras.
  return feature.transform === 'tokens' ? ['', '[UNK]', ...feature.state.words] : undefined
}
