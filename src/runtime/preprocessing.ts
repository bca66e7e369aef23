import type { ScaledEncoding } from './encodings/index.ts'
import type { FittedScaling } from './scaling.ts'
import type { TextForm } from './text-form.ts'

/** Version of the saved preprocessing; older ones are read too. */
export const PREPROCESSING_VERSION = 2

export type NumberFeature = {
  readonly kind: 'number'
  readonly column: string
  /** Replaces a missing number, before scaling. */
  readonly fill?: number | undefined
  /** Adds a second number: 1 where the first was missing. */
  readonly indicator?: boolean | undefined
  readonly scaling?: FittedScaling | undefined
}

export type EncodedFeature = ScaledEncoding & { readonly kind: 'encoded'; readonly column: string }

export type ArrayFeature = {
  readonly kind: 'array'
  readonly column: string
  readonly shape: readonly number[]
  /** None, one for all elements, or one for each of them or of the channels, which are the last axis. */
  readonly scalings: readonly FittedScaling[]
}

export type Feature = NumberFeature | EncodedFeature | ArrayFeature

export type InputState = {
  readonly name: string
  readonly shape: readonly number[]
  readonly features: readonly Feature[]
}

/** The activation that makes probabilities of an output's numbers: linear where they are some already. */
export type ToProbabilities = 'linear' | 'sigmoid' | 'softmax'

type FittedOutput = {
  readonly name: string
  readonly shape: readonly number[]
  readonly columns: readonly string[]
  /** Absent where the numbers are no probabilities. */
  readonly probabilities?: ToProbabilities | undefined
  /** The steps of a row, where each has a sample weight of its own; absent where a row has one. */
  readonly weights?: readonly number[] | undefined
}

export type ClassesState = FittedOutput & {
  readonly kind: 'classes'
  /** Rows hold labels or, converted to class indices, one-hot vectors. */
  readonly form: 'labels' | 'one_hot'
  /** The labels in class order, or the names of their codes. */
  readonly classes: readonly string[]
  /** The labels that rows hold where `classes` are names for them. */
  readonly codes?: readonly string[] | undefined
  /** The class of two whose probability or margin an output of one unit yields; absent in older models: the second. */
  readonly positive?: string | undefined
}

export type NumbersState = FittedOutput & {
  readonly kind: 'numbers'
  /** The input whose numbers are the target; absent where columns are. */
  readonly same_as?: string | undefined
  /** None, or one for each element; those of an input that is the target tell the units of its columns. */
  readonly scalings: readonly FittedScaling[]
  /** The target of a training row, one for each element, unscaled; absent in older models. */
  readonly sample?: readonly number[] | undefined
}

export type OutputState = ClassesState | NumbersState

/** The labels in class order, as rows hold them. */
export function labelsOf({ codes, classes }: ClassesState): readonly string[] {
  return codes ?? classes
}

/** The index of the class whose probability or margin an output of one unit yields. */
export function positiveIndex({ classes, positive }: ClassesState): number {
  return positive === undefined ? 1 : classes.indexOf(positive)
}

/** Windows of a time series. */
export type WindowState = {
  readonly steps: number
  /** The number of rows from the last one of the window to the first one of its target. */
  readonly horizon: number
  /** Rows of the target; default: 1, as for the distances. */
  readonly target_steps?: number | undefined
  /** Distance of the rows of a window. */
  readonly sampling_rate?: number | undefined
  /** Distance of the first rows of windows. */
  readonly sequence_stride?: number | undefined
  /** The column that identifies the series of a row. */
  readonly series?: string | undefined
  /** The column of times; default: the order of the file. */
  readonly time?: string | undefined
}

/** All that was learned about the data in training: saved with the model, replayed on new rows. */
export type Preprocessing = {
  readonly version: number
  readonly inputs: readonly InputState[]
  readonly outputs: readonly OutputState[]
  readonly sample_weight?: string | readonly string[] | undefined
  readonly missing: 'error' | 'drop' | 'fill'
  readonly window?: WindowState | undefined
  /** Form of the training file, which new files are assumed to share. */
  readonly csv?:
    | {
        delimiter?: string | undefined
        encoding?: string | undefined
        header: boolean
        columns: string[]
        skip_rows?: number | undefined
        comment?: string | readonly string[] | undefined
      }
    | undefined
  /** The column of the training table that names the image of each row. */
  readonly image_column?: string | undefined
  /** The way in which the training files write values, which new files are assumed to share. */
  readonly text?: TextForm | undefined
}

/** The columns that weigh the rows, or together the steps of each. */
export function weightColumns({
  sample_weight: names = [],
}: Pick<Preprocessing, 'sample_weight'>): readonly string[] {
  return typeof names === 'string' ? [names] : names
}
