// The check of an exported model by the Python program that it is for.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

import * as z from 'zod'

import { bytesOf, float32Of } from '../bytes-of.ts'
import { valueOfJson } from '../json.ts'
import type { NamedArray, NamedColumn, ProgramAnswer, ProgramRequest, PythonCheck } from './program.ts'

const Answer = z.union([
  z.object({ missing: z.string() }),
  z.object({ failed: z.string() }),
  z.object({ version: z.string(), outputs: z.array(z.union([z.string(), z.array(z.string())])) }),
])

/** Runs the check with the first Python that is there and has the program. */
export async function runInPython(
  pythons: readonly string[],
  check: PythonCheck,
  request: ProgramRequest,
): Promise<ProgramAnswer> {
  const line = `${JSON.stringify(encodeRequest(request))}\n`
  for (const python of pythons) {
    const ended = await runPython(python, pythonProgram(check), line)
    if (ended === undefined) continue
    const answer = readAnswer(valueOfJson(ended.stdout))
    if (answer === undefined) return { failed: lastLine(ended.stderr) }
    if (!('absent' in answer)) return answer
  }
  return { absent: `no Python here has ${check.program}: tried ${pythons.join(', ')}` }
}

/** The line of JSON that the program of a check takes. */
export function encodeRequest({ inputs, ...rest }: ProgramRequest): object {
  return { ...rest, inputs: inputs.map((input) => ({ ...input, ...encodeData(input.data) })) }
}

/** The line of JSON that it answers with; undefined for anything else. */
export function readAnswer(value: unknown): ProgramAnswer | undefined {
  const { data } = Answer.safeParse(value)
  if (data === undefined || 'failed' in data) return data
  if ('missing' in data) return { absent: data.missing }
  return {
    version: data.version,
    outputs: data.outputs.map((one) => (typeof one === 'string' ? fromBase64(one) : one)),
  }
}

/** A program that answers each request, a line of JSON, with another one, until whoever started it has ended. */
export function pythonProgram({ imports, version, run }: PythonCheck): string {
  const indent = (code: string): string => code.trim().replaceAll(/^/gm, '    ')
  return `import base64, json, os, sys, threading, time
def end_with(asker):
    while os.getppid() == asker:
        time.sleep(0.2)
    os._exit(1)
threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
def answer(value):
    out.write(json.dumps(value) + "\\n")
    out.flush()
# oneDNN takes no tensors of many axes.
for name, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0"}.items():
    os.environ.setdefault(name, value)
try:
    import numpy as np
${indent(imports)}
except ImportError as error:
    answer({"missing": error.name or str(error)})
    sys.exit()
def run(path, inputs, names):
${indent(run)}
    return [one if one.dtype.kind in "OSU" else np.ascontiguousarray(one, "<f4") for one in outputs]
def array(given):
    data, type = given["data"], given["type"]
    flat = np.array(data, object) if type == "string" else np.frombuffer(base64.b64decode(data), type)
    return flat.reshape(given["shape"])
def encoded(one):
    return one.ravel().tolist() if one.dtype.kind in "OSU" else base64.b64encode(one.tobytes()).decode()
for line in sys.stdin:
    request = json.loads(line)
    try:
        inputs = {given["name"]: array(given) for given in request["inputs"]}
        outputs = run(request["path"], inputs, request["names"])
        answer({"version": ${version}, "outputs": [encoded(one) for one in outputs]})
    except Exception as error:
        # TensorFlow's last line is the place in the graph.
        reasons = [line for line in str(error).strip().split("\\n") if "[[{{node" not in line]
        answer({"failed": type(error).__name__ + ": " + (reasons or [""])[-1]})
`
}

type Ended = { readonly stdout: string; readonly stderr: string }

/** The outputs of a program; undefined where there is no such Python, or it cannot be started. */
async function runPython(python: string, program: string, stdin: string): Promise<Ended | undefined> {
  const child = spawn(python, ['-c', program], { stdio: 'pipe' })
  const failed = new Promise<undefined>((resolve) => child.on('error', () => void resolve(undefined)))
  // Where the limit on open files is reached, it has no streams.
  if (child.pid === undefined) return failed
  // A Python that ends early closes its stdin.
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  const ended = Promise.all([text(child.stdout), text(child.stderr)]).then(([stdout, stderr]) => ({
    stdout,
    stderr,
  }))
  return Promise.race([failed, ended])
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? ''
}

/** The elements of an array and their type, as numpy calls it. */
function encodeData(data: (NamedArray | NamedColumn)['data']): object {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return { type: 'string', data }
  return { type: data instanceof Float32Array ? '<f4' : '<f8', data: bytesOf(data).toString('base64') }
}

function fromBase64(encoded: string): Float32Array {
  return float32Of(Buffer.from(encoded, 'base64'))
}
