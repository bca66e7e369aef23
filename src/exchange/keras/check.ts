import type { PythonCheck } from '../program.ts'

const KERAS = {
  program: 'Keras',
  imports: 'import keras',
  version: 'keras.__version__',
  compares: 'predictions',
} as const

/** Python that predicts. What TensorFlow's operators lack on a CPU, dilated transposed convolutions, its compiler has. */
const PREDICT = `
def predict(model, given):
    try:
        predicted = model.predict(given, verbose=0)
    except Exception:
        if keras.backend.backend() != "tensorflow":
            raise
        import tensorflow
        predicted = tensorflow.function(model, jit_compile=True)(given if len(given) > 1 else given[0])
    return [np.asarray(one) for one in (predicted if isinstance(predicted, (list, tuple)) else [predicted])]`

/** Predictions of an exported model, whose inputs are those of the network or the columns of raw rows. */
export const exportCheck: PythonCheck = {
  ...KERAS,
  run: `${PREDICT}
model = keras.saving.load_model(path)
if isinstance(model.input, dict):
    import tensorflow
    # Called, since predict() rounds numbers to float32.
    given = {name: tensorflow.constant(one, model.input[name].dtype) for name, one in inputs.items()}
    predicted = model(given)
    outputs = [predicted[name].numpy() for name in names]
    outputs = [np.vectorize(bytes.decode)(one) if one.dtype.kind == "O" else one for one in outputs]
else:
    outputs = predict(model, list(inputs.values()))`,
}

/** Predictions of any model, with its inputs and outputs in the order in which Keras lists them. */
export const importCheck: PythonCheck = {
  ...KERAS,
  run: `${PREDICT}
model = keras.saving.load_model(path, compile=False)
outputs = predict(keras.Model(model.inputs, model.outputs), list(inputs.values()))`,
}
