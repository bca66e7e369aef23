import { UsageError } from '../errors.ts'
import { nearest } from '../nearest.ts'

const COMMANDS = [
  'init',
  'validate',
  'summary',
  'train',
  'cv',
  'data',
  'evaluate',
  'predict',
  'runs',
  'diff',
  'verify',
  'schema',
  'explain',
  'doctor',
  'completion',
]

/** What other tools have a flag for is a key of the config here. */
const KEYS: Readonly<Record<string, string>> = {
  epochs: 'fit.epochs',
  'batch-size': 'fit.batch_size',
  'learning-rate': 'compile.optimizer.learning_rate',
  lr: 'compile.optimizer.learning_rate',
  seed: 'seed',
  optimizer: 'compile.optimizer',
  loss: 'compile.loss',
}

/** yargs's message in our words, with a hint. */
export function wrongUsage(message: string): UsageError {
  const command = /^Unknown commands?: (.*)$/.exec(message)?.[1]
  if (command !== undefined) {
    const close = nearest(command, COMMANDS)
    return new UsageError(`there is no command "${command}"`, {
      hint: close === undefined ? '`nnlab --help` lists the commands' : `did you mean \`nnlab ${close}\`?`,
    })
  }
  const [option] = /^Unknown arguments?: (.*)$/.exec(message)?.[1]?.split(', ') ?? []
  if (option !== undefined) {
    const key = KEYS[nearest(option, Object.keys(KEYS)) ?? '']
    return new UsageError(`there is no option --${option}`, {
      hint:
        key === undefined
          ? '`nnlab COMMAND --help` lists the options'
          : `set a key of the config with --set ${key}=VALUE`,
    })
  }
  return new UsageError(message.startsWith('Not enough') ? 'which command?' : message, {
    hint: '`nnlab --help` lists the commands, `nnlab COMMAND --help` their options',
  })
}
