import type { PythonCheck } from '../../program.ts'

/** A tensor under its name in the file and here, and the place there of each axis that it has here. */
export type Tied = { readonly file: string; readonly own: string; readonly order: readonly number[] }

/** Predictions of ONNX Runtime for inputs as nnlab has them; `batch` is the number of rows that the file is for, if it is fixed. */
export function checkOf(
  inputs: readonly Tied[],
  outputs: readonly Tied[],
  batch: number | undefined,
): PythonCheck {
  return {
    program: 'ONNX Runtime',
    imports: 'import onnxruntime',
    version: 'onnxruntime.__version__',
    compares: 'predictions',
    run: `
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
kinds = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16, "tensor(int64)": np.int64, "tensor(int32)": np.int32}
types = {one.name: kinds[one.type] for one in session.get_inputs()}
tied_inputs = json.loads(${python(inputs)})
tied_outputs = {one["own"]: one for one in json.loads(${python(outputs)})}
rows = len(next(iter(inputs.values())))
size = ${batch ?? 'rows'}
parts = []
for start in range(0, rows, size):
    chosen = np.arange(start, start + size) % rows
    given = {one["file"]: np.transpose(inputs[one["own"]][chosen], np.argsort(one["order"])).astype(types[one["file"]]) for one in tied_inputs}
    made = session.run([tied_outputs[name]["file"] for name in names], given)
    parts.append([np.transpose(value, tied_outputs[name]["order"])[:rows - start] for name, value in zip(names, made)])
outputs = [np.concatenate(values) for values in zip(*parts)]`,
  }
}

/** A value as a string literal of its JSON, which Python reads alike. */
function python(value: unknown): string {
  return JSON.stringify(JSON.stringify(value))
}
