// Names in Keras, TensorFlow.js and PyTorch: nobody should have to look up our word for theirs.

import { canonical } from '../../nearest.ts'

/** Our key for theirs, or what to do instead (a sentence with a space in it). All names in canonical spelling. */
export function keyForOther(key: string, known: readonly string[]): string | undefined {
  return otherKeys.get(canonical(key))?.find((ours) => known.includes(ours) || ours.includes(' '))
}

/** Our component for theirs, or a sentence; `members` are the names of the family. */
export function componentForOther(
  family: string,
  name: string,
  members: readonly string[],
): string | undefined {
  const ours = otherComponents.get(family)?.get(canonical(name))
  if (ours === undefined || ours.includes(' ') || members.includes(ours)) return ours
  return undefined
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

const otherChoices: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['loguniform', logValues('log_uniform_values')],
  ['qloguniform', logValues('q_log_uniform_values')],
  ['categorical', ['uniform', 'leave `distribution` out beside `values`']],
  ['constant', ['uniform', 'leave `distribution` out beside `value`']],
])

const runSeed = 'every random choice derives from the `seed` at the top of the file: remove this one'
const inferred = 'shapes are inferred from the layer before: remove it'
const modelInput = 'the shape of a row belongs in model.input'
const validation = 'rows are set aside with data.split.validation'

const otherKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ['miniter', ['min_epochs']],
  ['graceperiod', ['min_epochs']],
  ['reductionfactor', ['eta']],
  ['ntrials', ['run_cap']],
  ['numtrials', ['run_cap']],
  ['maxtrials', ['run_cap']],
  ['timeout', ['time_cap']],
  ['lr', ['learning_rate', 'write it inside the optimizer: {type: adam, learning_rate: 0.001}']],
  ['learningrate', ['learning_rate', 'write it inside the optimizer: {type: adam, learning_rate: 0.001}']],
  ['decay', ['weight_decay']],
  ['beta1', ['beta_1']],
  ['beta2', ['beta_2']],
  ['betas', ['write beta_1 and beta_2']],
  ['eps', ['epsilon']],
  ['clipgradnorm', ['global_clipnorm']],
  ['alpha', ['negative_slope', 'alpha']],
  ['p', ['rate']],
  ['prob', ['rate']],
  ['dropoutrate', ['rate']],
  ['stride', ['strides']],
  ['dilation', ['dilation_rate']],
  ['kernel', ['kernel_size']],
  ['pool', ['pool_size']],
  ['bias', ['use_bias']],
  ['outfeatures', ['units']],
  ['hiddensize', ['units']],
  ['neurons', ['units']],
  ['nodes', ['units']],
  ['size', ['units', 'filters', 'pool_size']],
  ['outchannels', ['filters']],
  ['channels', ['filters']],
  ['numembeddings', ['input_dim']],
  ['vocabsize', ['input_dim']],
  ['embeddingdim', ['output_dim']],
  ['infeatures', [inferred]],
  ['inchannels', [inferred]],
  ['inputsize', [inferred]],
  ['inputdim', [modelInput]],
  ['inputshape', ['input', modelInput]],
  ['batchinputshape', ['input', modelInput]],
  ['batchshape', ['input', modelInput]],
  ['randomstate', ['seed', runSeed]],
  ['randomseed', ['seed', runSeed]],
  ['nonlinearity', ['activation']],
  ['act', ['activation']],
  ['kernelinit', ['kernel_initializer']],
  ['weightinitializer', ['kernel_initializer']],
  ['init', ['kernel_initializer']],
  ['inboundnodes', ['from']],
  ['inbound', ['from']],
  ['inputs', ['from', 'input']],
  ['input', ['from']],
  ['output', ['outputs']],
  ['lossfn', ['loss']],
  ['lossfunction', ['loss']],
  ['criterion', ['loss']],
  ['lossweights', ['loss_weights']],
  ['batch', ['batch_size']],
  ['minibatch', ['batch_size']],
  ['epoch', ['epochs']],
  ['nepochs', ['epochs']],
  ['numepochs', ['epochs']],
  ['maxepochs', ['epochs']],
  ['classweights', ['class_weight']],
  ['sampleweights', ['sample_weight']],
  ['validationsplit', ['validation', validation]],
  ['validationdata', ['validation', validation]],
  ['validationsize', ['validation', validation]],
  ['val', ['validation', validation]],
  ['valsplit', ['validation', validation]],
  ['testsize', ['test', 'rows are set aside with data.split.test']],
  ['testsplit', ['test', 'rows are set aside with data.split.test']],
  ['file', ['path']],
  ['filename', ['path']],
  ['url', ['path']],
  ['nrows', ['limit']],
  ['maxrows', ['limit']],
  ['samplesize', ['limit']],
  ['maxsamples', ['limit']],
  ['filter', ['where']],
  ['query', ['where']],
  ['sep', ['delimiter']],
  ['separator', ['delimiter']],
  ['label', ['target']],
  ['labels', ['target', 'targets']],
  ['y', ['target', 'targets']],
  ['x', ['features', 'inputs']],
  ['normalize', ['scale']],
  ['scaler', ['scale']],
  ['scaling', ['scale']],
  ['train', ['rows outside validation and test are the training rows']],
  ['training', ['fit']],
  ['network', ['model']],
  ['dataset', ['data']],
])

const unsupported = (what: string) => `${what} not supported`
const innerModel = 'write {type: model, layers: [...]}'

const otherComponents: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'layers',
    new Map([
      ['linear', 'dense'],
      ['fc', 'dense'],
      ['fullyconnected', 'dense'],
      ['batchnorm', 'batch_normalization'],
      ['batchnorm1d', 'batch_normalization'],
      ['batchnorm2d', 'batch_normalization'],
      ['batchnorm3d', 'batch_normalization'],
      ['layernorm', 'layer_normalization'],
      ['maxpool1d', 'max_pooling1d'],
      ['maxpool2d', 'max_pooling2d'],
      ['maxpool3d', 'max_pooling3d'],
      ['maxpool', 'max_pooling2d'],
      ['avgpool1d', 'average_pooling1d'],
      ['avgpool2d', 'average_pooling2d'],
      ['avgpool3d', 'average_pooling3d'],
      ['adaptiveavgpool1d', 'global_average_pooling1d'],
      ['adaptiveavgpool2d', 'global_average_pooling2d'],
      ['adaptivemaxpool2d', 'global_max_pooling2d'],
      ['convtranspose2d', 'conv2d_transpose'],
      ['deconv2d', 'conv2d_transpose'],
      ['conv', 'conv2d'],
      ['zeropad2d', 'zero_padding2d'],
      ['upsample', 'upsampling2d'],
      ['elman', 'simple_rnn'],
      ['bilstm', 'write {type: bidirectional, layer: {type: lstm, ...}}'],
      ['bigru', 'write {type: bidirectional, layer: {type: gru, ...}}'],
      ['dropout1d', 'spatial_dropout1d'],
      ['cat', 'concatenate'],
      ['view', 'reshape'],
      ['sequential', innerModel],
      ['functional', innerModel],
      ['transformer', unsupported('attention layers are')],
      ['transformerencoderlayer', unsupported('attention layers are')],
      ['groupnorm', unsupported('group normalization is')],
    ]),
  ],
  [
    'losses',
    new Map([
      ['crossentropyloss', 'categorical_crossentropy'],
      ['crossentropy', 'categorical_crossentropy'],
      ['softmaxcrossentropy', 'categorical_crossentropy'],
      ['nllloss', 'sparse_categorical_crossentropy'],
      ['bceloss', 'binary_crossentropy'],
      ['logloss', 'binary_crossentropy'],
      ['sigmoidcrossentropy', 'binary_crossentropy'],
      ['bcewithlogitsloss', 'write {type: binary_crossentropy, from_logits: true}'],
      ['mseloss', 'mean_squared_error'],
      ['l2', 'mean_squared_error'],
      ['l1', 'mean_absolute_error'],
      ['l1loss', 'mean_absolute_error'],
      ['absolutedifference', 'mean_absolute_error'],
      ['smoothl1loss', 'huber'],
      ['huberloss', 'huber'],
      ['kldivloss', 'kl_divergence'],
      ['poissonnllloss', 'poisson'],
      ['cosinedistance', 'cosine_similarity'],
      ['cosineembeddingloss', 'cosine_similarity'],
      ['multimarginloss', 'categorical_hinge'],
      ['ctcloss', unsupported('the CTC loss is')],
    ]),
  ],
  [
    'metrics',
    new Map([
      ['f1score', 'f1'],
      ['auroc', 'auc'],
      ['rocauc', 'auc'],
      ['r2score', 'r2'],
      ['topk', 'top_k_categorical_accuracy'],
    ]),
  ],
  [
    'optimizers',
    new Map([
      ['momentum', 'write {type: sgd, momentum: 0.9}'],
      ['nesterov', 'write {type: sgd, momentum: 0.9, nesterov: true}'],
      ['gradientdescent', 'sgd'],
      ['adamoptimizer', 'adam'],
      ['radam', 'adam'],
      ['lbfgs', unsupported('second-order optimizers are')],
    ]),
  ],
  [
    'initializers',
    new Map([
      ['xavier', 'glorot_uniform'],
      ['xavieruniform', 'glorot_uniform'],
      ['xaviernormal', 'glorot_normal'],
      ['kaiming', 'he_uniform'],
      ['kaiminguniform', 'he_uniform'],
      ['kaimingnormal', 'he_normal'],
      ['glorot', 'glorot_uniform'],
      ['he', 'he_normal'],
      ['lecun', 'lecun_normal'],
      ['gaussian', 'random_normal'],
      ['eye', 'identity'],
    ]),
  ],
  [
    'activations',
    new Map([
      ['swish', 'silu'],
      ['hardswish', 'hard_silu'],
      ['logistic', 'sigmoid'],
      ['identity', 'linear'],
      ['none', 'linear'],
    ]),
  ],
  [
    'callbacks',
    new Map([
      ['checkpoint', 'use the `checkpoint` section'],
      ['earlystop', 'early_stopping'],
      ['reducelr', 'reduce_lr_on_plateau'],
    ]),
  ],
  [
    'schedules',
    new Map([
      ['onecyclelr', 'one_cycle'],
      ['steplr', 'write {type: exponential_decay, staircase: true, ...}'],
      ['exponentiallr', 'exponential_decay'],
      ['cosineannealinglr', 'cosine_decay'],
      ['cosine', 'cosine_decay'],
      ['cosineannealingwarmrestarts', 'cosine_decay_restarts'],
      ['multisteplr', 'piecewise_constant_decay'],
      ['polynomiallr', 'polynomial_decay'],
      ['reducelronplateau', 'reduce_lr_on_plateau belongs in fit.callbacks'],
    ]),
  ],
])
