// Names in Keras, TensorFlow.js and PyTorch: nobody should have to look up our word for theirs.

import { canonical } from '../../nearest.ts'

/** Ours, or what to do instead (a sentence with a space in it), and their names for it in canonical spelling, divided by spaces. */
type NameTable = readonly (readonly [ours: string, theirs: string])[]

/** Our key for theirs, or what to do instead. */
export function keyForOther(key: string, known: readonly string[]): string | undefined {
  return oursFor(key, keys).find((ours) => known.includes(ours) || ours.includes(' '))
}

/** Our component for theirs, or what to do instead; `members` are the names of the family. */
export function componentForOther(
  family: string,
  name: string,
  members: readonly string[],
): string | undefined {
  const found = oursFor(name, components[family] ?? [])
  return found.find((ours) => members.includes(ours) || ours.includes(' '))
}

function oursFor(name: string, names: NameTable): string[] {
  const theirs = canonical(name)
  return names.flatMap(([ours, others]) => (others.split(' ').includes(theirs) ? [ours] : []))
}

/** The choice to write instead of theirs, in a sentence. */
export function choiceForOther(name: string, choices: readonly string[]): string | undefined {
  const [ours, sentence] = otherChoices.get(canonical(name)) ?? []
  return ours !== undefined && choices.includes(ours) ? sentence : undefined
}

const logValues = (ours: string): [string, string] => [
  ours,
  `write ${ours}, whose min and max are the values themselves; the log_uniform of W&B takes their logarithms`,
]

const noShape = (theirs: string, ours: string): [string, string] => [
  ours,
  `write ${ours} with min and max: ${theirs} is not supported`,
]

const otherChoices: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['loguniform', logValues('log_uniform_values')],
  ['qloguniform', logValues('q_log_uniform_values')],
  // Uniform in log(1/x), which is uniform in log(x).
  ['invloguniform', logValues('log_uniform_values')],
  ['invloguniformvalues', ['log_uniform_values', 'write log_uniform_values, which is the same']],
  ['lognormal', noShape('log_normal', 'log_uniform_values')],
  ['qlognormal', noShape('q_log_normal', 'q_log_uniform_values')],
  ['beta', noShape('beta', 'uniform')],
  ['qbeta', noShape('q_beta', 'q_uniform')],
  [
    'categoricalwprobabilities',
    [
      'uniform',
      'leave `distribution` and `probabilities` out: a value that is listed twice is drawn twice as often',
    ],
  ],
  ['categorical', ['uniform', 'leave `distribution` out beside `values`']],
  ['constant', ['uniform', 'leave `distribution` out beside `value`']],
  ['standardscaler', ['standard', 'write standard']],
  ['zscore', ['standard', 'write standard']],
  ['normalize', ['min_max', 'write min_max for numbers from 0 to 1, standard for mean 0 and deviation 1']],
  ['true', ['standard', 'write standard']],
  ['minmaxscaler', ['min_max', 'write min_max']],
  ['auto', ['balanced', 'write balanced']],
  ['robustscaler', ['robust', 'write robust']],
])

const runSeed = 'every random choice derives from the `seed` at the top of the file: remove this one'
const inferred = 'shapes are inferred from the layer before: remove it'
const modelInput = 'the shape of a row belongs in model.input'
const scaled = 'write it in features, as in `features: {scale: standard}`'
const excluded = 'write it in features, as in `features: {exclude: [id]}`'
const validation = 'rows are set aside with data.split.validation'

/** Keys; of several for one name, the first that is known counts. */
const keys: NameTable = [
  ['min_epochs', 'miniter graceperiod'],
  ['eta', 'reductionfactor'],
  ['run_cap', 'ntrials numtrials maxtrials'],
  ['time_cap', 'timeout'],
  ['learning_rate', 'lr learningrate'],
  ['weight_decay', 'wd'],
  ['beta_1', 'beta1'],
  ['beta_2', 'beta2'],
  ['epsilon', 'eps'],
  ['global_clipnorm', 'clipgradnorm'],
  ['negative_slope', 'alpha'],
  ['alpha', 'alpha'],
  ['rate', 'p prob dropoutrate'],
  ['strides', 'stride'],
  ['dilation_rate', 'dilation'],
  ['kernel_size', 'kernel'],
  ['use_bias', 'bias'],
  ['units', 'outfeatures hiddensize neurons nodes size'],
  ['filters', 'size outchannels channels'],
  ['pool_size', 'pool size'],
  ['input_dim', 'numembeddings vocabsize'],
  ['output_dim', 'embeddingdim'],
  ['seed', 'randomstate randomseed'],
  ['activation', 'nonlinearity act'],
  ['kernel_initializer', 'kernelinit weightinitializer init'],
  ['from', 'inboundnodes inbound inputs input'],
  ['input', 'inputshape batchinputshape batchshape inputs'],
  ['outputs', 'output'],
  ['loss', 'lossfn lossfunction criterion'],
  ['loss_weights', 'lossweights'],
  ['batch_size', 'batch minibatch'],
  ['epochs', 'epoch nepochs numepochs maxepochs'],
  ['class_weight', 'classweights'],
  ['sample_weight', 'sampleweights'],
  ['validation', 'validationsplit validationdata validationsize val valsplit'],
  ['test', 'testsize testsplit'],
  ['path', 'file filename url'],
  ['limit', 'nrows maxrows samplesize maxsamples'],
  ['where', 'filter query'],
  ['delimiter', 'sep separator'],
  ['target', 'label labels y'],
  ['targets', 'labels y'],
  ['features', 'x'],
  ['inputs', 'x'],
  ['scale', 'normalize standardize scaler scaling'],
  [scaled, 'normalize standardize scaler scaling scale'],
  ['exclude', 'drop dropcolumns ignore'],
  [excluded, 'drop dropcolumns ignore exclude'],
  ['layers', 'architecture'],
  ['fit', 'training train'],
  ['model', 'network architecture'],
  ['data', 'dataset'],
  ['it is an option of an optimizer: write it there, as in compile.optimizer.learning_rate', 'lr'],
  ['write a schedule: learning_rate: {type: inverse_time_decay, ...}', 'decay'],
  ['a value that is listed twice in `values` is drawn twice as often: remove it', 'probabilities'],
  [
    'parameters of a sweep are named by whole paths, as in compile.optimizer.learning_rate: {values: [...]}',
    'parameters',
  ],
  [
    'write it in place of the number: learning_rate: {type: cosine_decay, ...}',
    'schedule scheduler lrschedule',
  ],
  ['nnlab computes on the CPU: remove it', 'device'],
  ['a layer that names others in `from` makes the model functional: remove it', 'functional'],
  ['a list of layers is sequential: remove it', 'sequential'],
  ['write beta_1 and beta_2', 'betas'],
  [inferred, 'infeatures inchannels inputsize'],
  [modelInput, 'inputdim inputshape batchinputshape batchshape'],
  [runSeed, 'randomstate randomseed'],
  [validation, 'validationsplit validationdata validationsize val valsplit'],
  ['rows are set aside with data.split.test', 'testsize testsplit'],
  ['rows outside validation and test are the training rows', 'train'],
]

const unsupported = (what: string) => `${what} not supported`
const innerModel = 'write {type: model, layers: [...]}'

const components: Readonly<Record<string, NameTable>> = {
  layers: [
    ['dense', 'linear fc fullyconnected'],
    ['batch_normalization', 'batchnorm batchnorm1d batchnorm2d batchnorm3d'],
    ['layer_normalization', 'layernorm'],
    ['max_pooling1d', 'maxpool1d'],
    ['max_pooling2d', 'maxpool2d maxpool'],
    ['max_pooling3d', 'maxpool3d'],
    ['average_pooling1d', 'avgpool1d'],
    ['average_pooling2d', 'avgpool2d'],
    ['average_pooling3d', 'avgpool3d'],
    ['global_average_pooling1d', 'adaptiveavgpool1d'],
    ['global_average_pooling2d', 'adaptiveavgpool2d'],
    ['global_max_pooling2d', 'adaptivemaxpool2d'],
    ['conv2d_transpose', 'convtranspose2d deconv2d'],
    ['conv2d', 'conv'],
    ['zero_padding2d', 'zeropad2d'],
    ['upsampling2d', 'upsample'],
    ['simple_rnn', 'elman'],
    ['write {type: bidirectional, layer: {type: lstm, ...}}', 'bilstm'],
    ['write {type: bidirectional, layer: {type: gru, ...}}', 'bigru'],
    ['spatial_dropout1d', 'dropout1d'],
    ['concatenate', 'cat'],
    ['reshape', 'view'],
    [innerModel, 'sequential functional'],
    [unsupported('attention layers are'), 'transformer transformerencoderlayer'],
    [unsupported('group normalization is'), 'groupnorm'],
  ],
  losses: [
    ['categorical_crossentropy', 'crossentropyloss crossentropy softmaxcrossentropy'],
    ['sparse_categorical_crossentropy', 'nllloss'],
    ['binary_crossentropy', 'bceloss logloss sigmoidcrossentropy'],
    ['write {type: binary_crossentropy, from_logits: true}', 'bcewithlogitsloss'],
    ['mean_squared_error', 'mseloss l2'],
    ['mean_absolute_error', 'l1 l1loss absolutedifference'],
    ['huber', 'smoothl1loss huberloss'],
    ['kl_divergence', 'kldivloss'],
    ['poisson', 'poissonnllloss'],
    ['cosine_similarity', 'cosinedistance cosineembeddingloss'],
    ['categorical_hinge', 'multimarginloss'],
    [unsupported('the CTC loss is'), 'ctcloss'],
  ],
  metrics: [
    ['auc', 'auroc rocauc'],
    ['top_k_categorical_accuracy', 'topk'],
  ],
  optimizers: [
    ['write {type: sgd, momentum: 0.9}', 'momentum'],
    ['write {type: sgd, momentum: 0.9, nesterov: true}', 'nesterov'],
    ['sgd', 'gradientdescent'],
    ['adam', 'adamoptimizer radam'],
    [unsupported('second-order optimizers are'), 'lbfgs'],
  ],
  initializers: [
    ['glorot_uniform', 'xavier xavieruniform glorot'],
    ['glorot_normal', 'xaviernormal'],
    ['he_uniform', 'kaiming kaiminguniform'],
    ['he_normal', 'kaimingnormal he'],
    ['lecun_normal', 'lecun'],
    ['random_normal', 'gaussian'],
    ['identity', 'eye'],
  ],
  activations: [
    ['silu', 'swish'],
    ['hard_silu', 'hardswish'],
    ['sigmoid', 'logistic'],
    ['linear', 'identity none'],
    ['leaky_relu', 'lrelu'],
  ],
  samplers: [['tpe', 'bayes bayesian bayesianoptimization']],
  callbacks: [
    ['use the `checkpoint` section', 'checkpoint'],
    ['early_stopping', 'earlystop'],
    ['reduce_lr_on_plateau', 'reducelr'],
  ],
  schedules: [
    ['one_cycle', 'onecyclelr'],
    ['write {type: exponential_decay, staircase: true, ...}', 'steplr'],
    ['exponential_decay', 'exponentiallr'],
    ['cosine_decay', 'cosineannealinglr cosine'],
    ['cosine_decay_restarts', 'cosineannealingwarmrestarts'],
    ['piecewise_constant_decay', 'multisteplr'],
    ['polynomial_decay', 'polynomiallr'],
    ['reduce_lr_on_plateau belongs in fit.callbacks', 'reducelronplateau'],
  ],
}
