import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

import { pruners } from '../components/pruners/index.ts'
import { samplers } from '../components/samplers/index.ts'
import type { SamplerComponent } from '../components/samplers/sampler.ts'
import { ConfigError } from '../diagnostic.ts'
import { RunError, UsageError } from '../errors.ts'
import { loadExperiment } from '../experiment/build-experiment.ts'
import type { Experiment } from '../experiment/build-experiment.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import {
  dataFolderOf,
  overriddenExperiment,
  readConfig,
  readDocument,
  savedDocument,
} from '../experiment/experiment.ts'
import type { Config } from '../experiment/experiment.ts'
import { portablePath } from '../portable-path.ts'
import type { ComponentConfig } from '../registry.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import { copyModel } from '../run/base.ts'
import { createNumberedFolder, lastNumberedFolder } from '../run/numbered-folder.ts'
import { directionsOf } from '../spec/schema/per-output.ts'
import type { SweepSpec } from '../spec/schema/sweep.ts'
import { begunRecord } from './group-record.ts'
import { withLaterLayers } from './later-layers.ts'
import { pinnedArithmetic } from './pinned-arithmetic.ts'
import { mostTrials, samplerOf } from './sampler-of.ts'
import type { TurnOrderOptions } from './turn-order.ts'
import { requireRows } from './required-rows.ts'
import { parametersOf } from './space.ts'
import type { SearchParameter } from './space.ts'
import { readResumableSweep, SWEEP_CONFIG, writeSweep } from './sweep-folder.ts'
import type { SweepRecord } from './sweep-folder.ts'
import { sweepProblems } from './sweep-problems.ts'
import { triedRows } from './tried-values.ts'

/** A sweep in its folder, with what its config comes to. */
export type OpenSweep = {
  readonly folder: string
  readonly record: SweepRecord
  readonly experiment: Experiment
  readonly sweep: SweepSpec
  readonly sampler: { readonly component: SamplerComponent; readonly config: ComponentConfig }
  readonly parameters: readonly SearchParameter[]
  readonly metric: { readonly name: string; readonly goal: 'minimize' | 'maximize' }
  readonly order: TurnOrderOptions
}

export type NewSweepOptions = {
  readonly config?: Config | undefined
  readonly set?: readonly string[] | undefined
  /** Values of parameters as on the command line, such as `compile.optimizer.learning_rate=1e-3,1e-2`. */
  readonly parameters?: readonly string[] | undefined
  readonly seeds?: number | undefined
}

/** Finds every mistake before the first trial, and makes the folder of the sweep. */
export async function beginSweep(
  { config = DEFAULT_CONFIG, set = [], parameters = [], seeds }: NewSweepOptions,
  environment: RunEnvironment,
): Promise<OpenSweep> {
  const { cwd, datasets, files, onWarnings } = environment
  refuseFiles(config, parameters, cwd)
  const paths = parameters.map(pathOf)
  const repeated = paths.find((path, i) => paths.indexOf(path) < i)
  if (repeated !== undefined) {
    throw new UsageError(`${repeated} is given twice`, {
      hint: `write all its values after one "=", divided by commas`,
    })
  }
  const overrides = [
    ...set,
    ...parameters.map(parameterOverride),
    ...(seeds === undefined ? [] : [`sweep.seeds=${seeds}`]),
  ]
  const document = await readConfig(config, overrides, cwd)
  const experiment = loadExperiment(document)
  const { sweep, spec, warnings } = experiment
  if (sweep === undefined) {
    throw new UsageError('the config has no section `sweep`, and no parameters are given', {
      hint: 'name parameters and their values, as in `nnlab sweep config.yaml compile.optimizer.learning_rate=1e-3,1e-2`',
    })
  }
  const problems = sweepProblems(document, sweep)
  if (problems.length > 0) throw new ConfigError(problems, document.sources)
  onWarnings(warnings, document.sources)
  const dataFolder = dataFolderOf(experiment, cwd)
  const tried = triedRows(sweep).map((rows, i) => ({
    experiment: overriddenExperiment(document, rows),
    ...(i > 0 && { title: rows.join(', ') }),
  }))
  await requireRows(tried, dataFolder, environment)
  const folder = await createNumberedFolder(cwd, spec.name, 'sweep-')
  const pinned = document.with([`fit.arithmetic=${pinnedArithmetic(spec.fit)}`])
  const taken = document.base && spec.model.weights === undefined ? document.base.model.spec.model.layers : []
  const data = withLaterLayers(pinned.data ?? {}, taken.length)
  const written = JSON.stringify({ ...data, name: spec.name }, null, 2)
  await writeFileAtomic(join(folder, SWEEP_CONFIG), `${written}\n`, files)
  if (document.base) await copyModel(document.base.model, folder, files)
  const record = begunRecord(spec.name, dataFolder, datasets)
  // With the record, the folder is a sweep.
  await writeSweep(folder, record, files)
  return openSweepIn(folder, record)
}

/** Configs among the parameters are refused, with the one to sweep. */
function refuseFiles(config: Config, parameters: readonly string[], cwd: string): void {
  const other = parameters.find(
    (argument) => /\.ya?ml$/i.test(argument) && existsSync(resolve(cwd, argument)),
  )
  if (other === undefined || typeof config !== 'string') return
  const [search, base] = hasSweep(config, cwd) && !hasSweep(other, cwd) ? [config, other] : [other, config]
  const path = portablePath(relative(dirname(resolve(cwd, search)), resolve(cwd, base)))
  throw new UsageError(`${other} is a file, not a parameter with values`, {
    hint: `a sweep has one config: run \`nnlab sweep ${search}\`, a file that begins with \`extends: ${path}\` and has a section \`sweep\``,
  })
}

function hasSweep(config: string, cwd: string): boolean {
  return readDocument(config, [], cwd).data?.['sweep'] !== undefined
}

/** The path of a parameter of the command line, without quotes. */
function pathOf(argument: string): string {
  const at = argument.indexOf('=')
  if (at < 1) {
    throw new UsageError(`${argument} is not a parameter with values`, {
      hint: 'write its path, "=" and its values, as in compile.optimizer.learning_rate=1e-3,1e-2',
    })
  }
  return argument.slice(0, at).replaceAll('"', '')
}

/** A range as a config has it, and as other tools do, such as 1e-3..1e-1 or 1e-3:1e-1. */
const [RANGE, OTHER_RANGE] = [/^\{\s*(min|max|distribution)\s*:/, /^([-+.\de]+?)(?:\.{2,3}|:)([-+.\de]+)$/i]

/** A parameter of the command line as an override of the section `sweep`. */
function parameterOverride(argument: string): string {
  const path = pathOf(argument)
  const values = argument.slice(argument.indexOf('=') + 1).trim()
  const [, min, max] = OTHER_RANGE.exec(values) ?? []
  if (min !== undefined && max !== undefined) {
    throw new UsageError(`${argument} names no values`, {
      hint: `write a range as '${path}={min: ${min}, max: ${max}}', values as ${path}=${min},${max}`,
    })
  }
  return `sweep.parameters."${path}"=${RANGE.test(values) ? values : `{values: [${values}]}`}`
}

/** Opens a sweep that was begun, to continue it. */
export async function reopenSweep(path: string, environment: RunEnvironment): Promise<OpenSweep> {
  const folder = resolve(environment.cwd, path)
  const { ended: _, ...record } = await readResumableSweep(folder)
  return openSweepIn(folder, record)
}

/** A sweep in its folder, by its record. */
export async function openSweepIn(folder: string, record: SweepRecord): Promise<OpenSweep> {
  const experiment = overriddenExperiment(await savedDocument(folder, SWEEP_CONFIG), [])
  const { sweep, spec, outline } = experiment
  if (sweep === undefined) throw new RunError(`${join(folder, SWEEP_CONFIG)} is damaged: it has no sweep`)
  const config = samplerOf(sweep)
  const component = samplers.of(config)
  const { name } = sweep.metric
  const isHigher = directionsOf(spec.compile, outline.outputs ?? []).get(name) === 'higher'
  const pruner = sweep.early_terminate
  return {
    folder,
    record,
    experiment,
    sweep,
    sampler: { component, config },
    parameters: parametersOf(sweep),
    metric: { name, goal: sweep.metric.goal ?? (isHigher ? 'maximize' : 'minimize') },
    order: {
      most: mostTrials(sweep),
      lag: component.learns || pruner !== undefined ? sweep.parallel : Infinity,
      pruner,
      epochs: spec.fit.epochs,
    },
  }
}

/** The folder of the sweep of a config that was begun last. */
export async function latestSweep(config: Config = DEFAULT_CONFIG, cwd: string): Promise<string> {
  const { name } = loadExperiment(await readConfig(config, [], cwd)).spec
  const parent = join(cwd, 'runs', name)
  const last = await lastNumberedFolder(parent, 'sweep-')
  if (last === undefined) throw new RunError(`there is no sweep of ${name} in ${parent}`)
  return last
}

/** True where the pruner compares the losses of whole trainings, epoch by epoch. */
export function needsCurves({ sweep: { early_terminate: pruner } }: OpenSweep): boolean {
  return pruner !== undefined && pruners.of(pruner).limit !== undefined
}
