import { c } from './c/index.ts'
import { csv } from './csv/index.ts'
import type { ExchangeFormat } from './format.ts'
import { keras } from './keras/index.ts'
import { litert } from './litert/index.ts'
import { onnx } from './onnx/index.ts'
import { safetensors } from './safetensors/index.ts'
import { tfjs } from './tfjs/index.ts'
import { web } from './web/index.ts'

/** Formats that a model can be exported to. */
export const formats: readonly ExchangeFormat[] = [c, csv, keras, litert, onnx, safetensors, tfjs, web]
