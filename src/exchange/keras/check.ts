import type { PythonCheck } from '../program.ts'

const KERAS = {
  program: 'Keras',
  imports: 'import keras',
  version: 'keras.__version__',
  compares: 'predictions',
} as const

/** Predictions of an exported model, whose inputs are those of the network or the columns of raw rows. */
export const exportCheck: PythonCheck = {
  ...KERAS,
  run: `
model = keras.saving.load_model(path)
if isinstance(model.input, dict):
    import tensorflow
    # Called, since predict() rounds numbers to float32.
    given = {name: tensorflow.constant(one, model.input[name].dtype) for name, one in inputs.items()}
    predicted = model(given)
    outputs = [predicted[name].numpy() for name in names]
    outputs = [np.vectorize(bytes.decode)(one) if one.dtype.kind == "O" else one for one in outputs]
else:
    outputs = model.predict(list(inputs.values()), verbose=0)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]`,
}

/** Predictions of any model, with its inputs and outputs in the order in which Keras lists them. */
export const importCheck: PythonCheck = {
  ...KERAS,
  run: `
model = keras.saving.load_model(path, compile=False)
outputs = keras.Model(model.inputs, model.outputs).predict(list(inputs.values()), verbose=0)
outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]`,
}
