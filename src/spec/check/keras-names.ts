// Names of Keras that nnlab has no component or key for, and what to do instead; docs/reference/keras.md lists them.

import { canonical } from '../../nearest.ts'

/** Names divided by spaces. */
type Answers = readonly (readonly [names: string, answer: string])[]

const noCode = 'a config holds no code: it names components that nnlab has'
const groupedLayers = 'nnlab has no such normalization: write layer_normalization or batch_normalization'
const on2d = (layer: string) => `reshape to [steps, 1, channels], write ${layer}, and reshape back`
const oneOptimizer = 'one optimizer trains all layers, and the numbers are float32'
const adam = 'nnlab has no such optimizer: adam and adamw come closest'
const noOverlap = 'nnlab has no segmentation metrics: labels are per row or per step'
const evaluated = '`nnlab evaluate` prints the confusion matrix, from which it follows'
const thresholds = '`nnlab evaluate --thresholds` lists recall and false positive rate by threshold'
const noSpectra = 'nnlab does not compute spectrograms: read them as arrays, from npz files'
const encodings =
  'columns are encoded in the data section, by data.features.one_hot and data.features.transforms'
const augmentations =
  'nnlab has no such augmentation; data.augment takes random_flip, random_translation, random_rotation, random_zoom, random_brightness and random_erasing'

const components: Readonly<Record<string, Answers>> = {
  layers: [
    ['ActivityRegularization', 'write activity_regularizer in the layer before'],
    [
      'AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D',
      'nnlab does not pool to a given size: write average_pooling with a pool_size, or global_average_pooling',
    ],
    [
      'AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D',
      'nnlab does not pool to a given size: write max_pooling with a pool_size, or global_max_pooling',
    ],
    [
      'AdditiveAttention Attention GroupQueryAttention MultiHeadAttention',
      'attention layers are not supported: a bidirectional lstm or gru reads a sequence from both ends',
    ],
    [
      'AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization MixUp RandAugment RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomSaturation RandomSharpness RandomShear Solarization',
      augmentations,
    ],
    [
      'RandomBrightness RandomErasing RandomFlip RandomRotation RandomTranslation RandomZoom',
      'it is an augmentation: it belongs in data.augment',
    ],
    ['CategoryEncoding HashedCrossing Hashing IntegerLookup StringLookup', encodings],
    ['Discretization', 'nnlab does not bin numbers: scale them with data.features.scale'],
    ['TextVectorization', 'write {type: tokens} for the column in data.features.transforms'],
    ['Normalization', 'write scale: standard in data.features'],
    ['CenterCrop Resizing', 'images are resized while they are read, to data.image_size'],
    ['Conv1DTranspose Convolution1DTranspose', on2d('conv2d_transpose')],
    ['SeparableConv1D SeparableConvolution1D', on2d('separable_conv2d')],
    ['DepthwiseConv1D', on2d('depthwise_conv2d')],
    ['Cropping1D', on2d('cropping2d')],
    ['UpSampling1D', on2d('upsampling2d')],
    ['ZeroPadding1D', on2d('zero_padding2d')],
    [
      'Conv3DTranspose Convolution3DTranspose Cropping3D UpSampling3D ZeroPadding3D',
      'volumes have conv3d, max_pooling3d and average_pooling3d only',
    ],
    [
      'GlobalAveragePooling3D GlobalAvgPool3D',
      'reshape to [depth * height, width, channels] and write global_average_pooling2d',
    ],
    [
      'GlobalMaxPooling3D GlobalMaxPool3D',
      'reshape to [depth * height, width, channels] and write global_max_pooling2d',
    ],
    [
      'SpatialDropout2D SpatialDropout3D',
      'reshape to [places, channels], write spatial_dropout1d, and reshape back',
    ],
    [
      'ConvLSTM1D ConvLSTM2D ConvLSTM3D',
      'convolutional recurrent layers are not supported: write time_distributed around a convolution, then lstm',
    ],
    ['EinsumDense', 'write permute or reshape, then dense, which works on the last axis'],
    ['RNN SimpleRNNCell', 'write simple_rnn, lstm or gru'],
    ['LSTMCell', 'write lstm'],
    ['GRUCell', 'write gru'],
    ['StackedRNNCells', 'list the recurrent layers, with return_sequences: true in all but the last'],
    ['GroupNormalization RMSNormalization SpectralNormalization UnitNormalization', groupedLayers],
    ['Identity', 'leave it out, or write {type: activation, activation: linear}'],
    ['Input InputLayer InputSpec', 'the shape of a row belongs in model.input'],
    ['Pipeline', 'list its layers instead'],
    ['MaxNumBoundingBoxes', 'nnlab does not detect objects: labels are per row or per step'],
    ['MelSpectrogram STFTSpectrogram', noSpectra],
    ['ReversibleEmbedding', 'write embedding, and dense at the end: they do not share weights'],
    ['FlaxLayer JaxLayer Lambda Layer TFSMLayer TorchModuleWrapper Wrapper', noCode],
  ],
  initializers: [
    ['IdentityInitializer', 'write identity'],
    ['OrthogonalInitializer', 'write orthogonal'],
    ['STFT STFTInitializer', noSpectra],
    ['Initializer', noCode],
  ],
  regularizers: [['Regularizer', noCode]],
  constraints: [['Constraint', noCode]],
  losses: [
    ['CTC', 'the CTC loss is not supported: labels are per row or per step'],
    ['Circle', 'nnlab does not learn distances: train on the classes, with categorical_crossentropy'],
    ['Dice Tversky', 'nnlab has no overlap loss: binary_focal_crossentropy favors rare classes, too'],
    [
      'CategoricalGeneralizedCrossEntropy',
      'nnlab has no loss for noisy labels: write {type: categorical_crossentropy, label_smoothing: 0.1}',
    ],
    ['Loss', noCode],
  ],
  metrics: [
    ['FalseNegatives FalsePositives TrueNegatives TruePositives', evaluated],
    ['PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity', thresholds],
    ['BinaryIoU IoU MeanIoU OneHotIoU OneHotMeanIoU', noOverlap],
    ['FBetaScore', 'write f1_score, or precision and recall'],
    ['ConcordanceCorrelation PearsonCorrelation', 'write r2_score'],
    ['Mean MeanMetricWrapper Metric Sum', noCode],
  ],
  optimizers: [
    ['Adafactor Ftrl Lamb Muon ScheduleFreeAdamW', adam],
    ['LossScaleOptimizer MultiOptimizer OptimizerMap', oneOptimizer],
    ['Optimizer', noCode],
  ],
  schedules: [['LearningRateSchedule', noCode]],
  callbacks: [
    ['OrbaxCheckpoint ModelCheckpoint', 'use the `checkpoint` section'],
    ['CSVLogger History RemoteMonitor', 'every run writes history.csv and events.jsonl: remove it'],
    ['ProgbarLogger', 'progress is always shown: remove it'],
    ['BackupAndRestore', 'checkpoints are always written, and `nnlab train --resume` continues: remove it'],
    ['SwapEMAWeights', 'write use_ema: true in the optimizer'],
    ['LearningRateScheduler', 'write the schedule as the learning_rate of the optimizer'],
    ['TerminateOnNaN', 'training always ends if the loss is NaN: remove it'],
    ['CallbackList', 'list the callbacks themselves'],
    ['Callback LambdaCallback', noCode],
  ],
}

const engineDecides = 'the engine decides how it is computed: remove it'
const completeRows = 'every row is a complete sequence that starts from zeros: remove it'

const keys: Answers = [
  ['x y', 'the rows are in the data section'],
  ['trainable', 'write trainable: false in a layer'],
  ['seed', 'every random choice derives from the `seed` at the top of the file: remove this one'],
  ['dtype auto_scale_loss loss_scale_factor quantization_config', 'all numbers are float32: remove it'],
  ['unroll implementation use_cudnn run_eagerly jit_compile steps_per_execution', engineDecides],
  ['synchronized', 'every batch is normalized as a whole, whatever the number of threads: remove it'],
  ['renorm renorm_clipping renorm_momentum', 'batches are normalized without renormalization: remove it'],
  ['lora_rank lora_alpha', 'nnlab has no low-rank adaptation: remove it'],
  [
    'weights',
    'name a trained model in model.weights, or a file of word vectors in the embeddings of an embedding',
  ],
  ['return_state', 'layers do not return their state: remove it'],
  ['initial_state stateful', completeRows],
  ['input_axes output_axes', 'fan-in and fan-out follow from the layer: remove it'],
  ['ignore_class', 'no class is ignored: give its rows the weight 0 in data.sample_weight'],
  ['multi_label num_labels label_weights', 'auc is for two classes: remove it'],
  ['from_sorted_ids', 'predictions are probabilities, one per class: remove it'],
  ['gradient_accumulation_steps', 'gradients are of one batch: write a larger fit.batch_size'],
  ['log_dir', 'event files are in the run folder, in tensorboard/: remove it'],
  ['update_freq write_steps_per_second', 'metrics are logged after every epoch: remove it'],
  ['write_graph', '`nnlab summary` shows the layers and their connections: remove it'],
  ['write_images', 'weights are logged as histograms, with histogram_freq: remove it'],
  ['profile_batch', 'the steps are not profiled: remove it'],
  ['embeddings_freq embeddings_metadata', 'embeddings are not logged: remove it'],
  ['verbose', 'progress is silenced with `nnlab train --quiet`'],
  ['initial_epoch', 'a run is continued with `nnlab train --resume`'],
  ['validation_steps validation_batch_size', 'all validation rows are evaluated: remove it'],
  ['validation_freq', 'the validation rows are evaluated after every epoch: remove it'],
]

/** Options of components, which have other meanings elsewhere. */
const options: Answers = [
  ['name', 'it has the name of its type: remove it'],
  ['axis', 'it is computed over the last axis: remove it'],
  ['reduction', 'a loss is the mean over all rows, as by default in Keras: remove it'],
]

const byFamily = new Map(Object.entries(components).map(([family, answers]) => [family, table(answers)]))
const byKey = table(keys)
const byOption = table(options)

function table(answers: Answers): ReadonlyMap<string, string> {
  return new Map(
    answers.flatMap(([names, answer]) =>
      names.split(' ').map((name): [string, string] => [canonical(name), answer]),
    ),
  )
}

/** The answer for a component that Keras has and nnlab lacks. */
export function answerForComponent(family: string, name: string): string | undefined {
  return byFamily.get(family)?.get(canonical(name))
}

/** The answer for an argument that Keras has, of a component or of a section. */
export function answerForKey(key: string, ofComponent: boolean): string | undefined {
  return byKey.get(canonical(key)) ?? (ofComponent ? byOption.get(canonical(key)) : undefined)
}

/** Names of Keras with their answers, by family; the last ones are arguments. */
export function kerasAnswers(): readonly (readonly [family: string, answers: Answers])[] {
  return [...Object.entries(components), ['arguments', [...keys, ...options]]]
}
