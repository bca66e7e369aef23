import { losses } from '../components/losses/index.ts'
import { UNKNOWN } from '../components/unknown-size.ts'
import type { ModelPorts } from '../data/fit/model-columns.ts'
import { classCount, inputShapes, vocabularySize } from '../data/prepare/measure.ts'
import { readData } from '../data/prepare/read-data.ts'
import type { ReadData } from '../data/prepare/read-data.ts'
import { ConfigError } from '../diagnostic.ts'
import { buildGraph } from '../model/build.ts'
import type { Outline } from '../model/graph.ts'
import { sizeWords, withSizes } from '../model/sizes.ts'
import type { DataSizes } from '../model/sizes.ts'
import type { ModelSpec } from '../spec/schema/model.ts'
import { lossOf } from '../spec/schema/per-output.ts'
import type { Spec } from '../spec/schema/spec.ts'
import { checkConfig, isSized } from './build-experiment.ts'
import type { Experiment, SizedExperiment } from './build-experiment.ts'
import type { Environment } from './environment.ts'
import { dataFolderOf } from './experiment.ts'

/** The experiment with the sizes that its rows tell; throws a ConfigError where it does not go with them. */
export function sizedExperiment(experiment: Experiment, read: ReadData): SizedExperiment {
  if (isSized(experiment)) return experiment
  const { spec, outline } = experiment
  const ports = portsIn(outline, spec)
  const model = withSizes(spec.model, outline, {
    inputs: inputShapes(read, ports),
    vocabularies: measured(outline, 'vocabulary', (input) => vocabularySize(read, ports, input)),
    classes: new Map(),
  })
  // The shape of an output may follow from that of an input.
  const { outline: widened } = buildGraph(model)
  const classes = measured(outline, 'classes', (output) => classCount(read, portsIn(widened, spec), output))
  return withModel(
    experiment,
    withSizes(model, widened, { inputs: new Map(), vocabularies: new Map(), classes }),
  )
}

/** The experiment with a model section that leaves no size to the data. */
function withModel({ document, warnings }: Experiment, model: ModelSpec): SizedExperiment {
  const { experiment, diagnostics } = checkConfig(document, model)
  if (experiment === undefined || !isSized(experiment)) throw new ConfigError(diagnostics, document.sources)
  const told = new Set(warnings.map(({ path, message }) => `${path} ${message}`))
  const news = experiment.warnings.filter(({ path, message }) => !told.has(`${path} ${message}`))
  return { ...experiment, warnings: news }
}

function measured(
  outline: Outline,
  word: 'classes' | 'vocabulary',
  sizeOf: (port: string) => number,
): DataSizes['classes'] {
  const ports = sizeWords(outline).flatMap((one) => (one.word === word ? one.ports : []))
  return new Map([...new Set(ports)].map((port) => [port, sizeOf(port)]))
}

function portsIn({ inputs = [], outputs = [], nodes }: Outline, { compile }: Spec): ModelPorts {
  return {
    inputs: inputs.map(({ name }) => ({ name })),
    outputs: outputs.map((name) => ({
      name,
      kind: losses.of(lossOf(compile, name)).kind,
      shape: nodes.find((node) => node.name === name)?.shape ?? [UNKNOWN],
    })),
  }
}

/** The experiment with the sizes that its rows tell, which are read where they are needed. */
export async function readSizes(
  experiment: Experiment,
  { cwd, stdin, datasets }: Environment,
): Promise<SizedExperiment> {
  if (isSized(experiment)) return experiment
  const read = await readData(experiment.spec.data, {
    directory: dataFolderOf(experiment, cwd),
    stdin,
    datasets,
  })
  try {
    return sizedExperiment(experiment, read)
  } finally {
    read.spool?.close()
  }
}
