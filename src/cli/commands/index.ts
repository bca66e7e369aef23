import type { Command } from '../command.ts'
import { board } from './board.ts'
import { completion } from './completion.ts'
import { cv } from './cv.ts'
import { data } from './data.ts'
import { diff } from './diff.ts'
import { doctor } from './doctor.ts'
import { evaluate } from './evaluate.ts'
import { explain } from './explain.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { init } from './init.ts'
import { lrFind } from './lr-find.ts'
import { predict } from './predict.ts'
import { report } from './report.ts'
import { runs } from './runs.ts'
import { schema } from './schema.ts'
import { serve } from './serve.ts'
import { summary } from './summary.ts'
import { sweep } from './sweep.ts'
import { train } from './train.ts'
import { validate } from './validate.ts'
import { verify } from './verify.ts'

/** Commands in the order of the help. */
export const commands: readonly Command[] = [
  init,
  validate,
  summary,
  train,
  cv,
  sweep,
  lrFind,
  data,
  evaluate,
  predict,
  report,
  board,
  serve,
  runs,
  diff,
  verify,
  exportCommand,
  importCommand,
  explain,
  schema,
  doctor,
  completion,
]
