import type * as tfjs from '@tensorflow/tfjs-core'

import type { Tensor, Tf } from '../backend.ts'
import type { BackendName } from '../backend-names.ts'
import { convolutionFixes, convolutionGradients } from './convolution.ts'
import { depthwiseFixes } from './depthwise.ts'
import { elementwiseFixes, elementwiseGradients } from './elementwise.ts'
import type { Attrs, GradientFix, Gradients, Kernel, KernelFix } from './fix.ts'
import { poolingFixes } from './pooling.ts'
import { rearrangingFixes, rearrangingGradients } from './rearranging.ts'
import { resizeGradients } from './resize.ts'

const kernelFixes: readonly KernelFix[] = [
  ...convolutionFixes,
  ...depthwiseFixes,
  ...elementwiseFixes,
  ...poolingFixes,
  ...rearrangingFixes,
]

const gradientFixes: readonly GradientFix[] = [
  ...convolutionGradients,
  ...elementwiseGradients,
  ...rearrangingGradients,
  ...resizeGradients,
]

const originalGradients = new Map<string, tfjs.GradConfig['gradFunc'] | undefined>()
/** By backend and name. */
const originalKernels = new Map<string, tfjs.KernelConfig['kernelFunc'] | undefined>()

/** Makes a backend compute what its kernels are named after, and their gradients; doing it again changes nothing. */
export function registerKernelFixes(tf: Tf, backendName: BackendName): void {
  for (const fix of kernelFixes) if (fix.backends.includes(backendName)) replaceKernel(tf, backendName, fix)
  for (const fix of gradientFixes) replaceGradient(tf, fix)
}

// The casts below give tfjs's untyped attributes and inputs the types that its ops pass.

function replaceKernel(tf: Tf, backendName: BackendName, { kernelName, compute }: KernelFix): void {
  const before = tf.getKernel(kernelName, backendName)
  const key = `${backendName} ${kernelName}`
  if (!originalKernels.has(key)) originalKernels.set(key, before?.kernelFunc)
  if (before !== undefined) tf.unregisterKernel(kernelName, backendName)
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const original: Kernel = (given, options) => {
        const found = originalKernels.get(key)
        if (found === undefined) throw new Error(`${backendName} has no ${kernelName}`)
        return found({
          inputs: given,
          attrs: options,
          backend,
        }) as Tensor
      }
      return compute(tf, inputs as Record<string, Tensor>, attrs as unknown as Attrs, original)
    },
  })
}

function replaceGradient(tf: Tf, { kernelName, saves, gradient }: GradientFix): void {
  if (!originalGradients.has(kernelName))
    originalGradients.set(kernelName, tf.getGradient(kernelName)?.gradFunc)
  if (tf.getGradient(kernelName) !== undefined) tf.unregisterGradient(kernelName)
  tf.registerGradient({
    kernelName,
    inputsToSave: [...saves],
    gradFunc: (dy, saved, attrs) => {
      const inputs = Object.fromEntries(saved.map((tensor, i) => [saves[i] ?? '', tensor]))
      const original = (): Gradients => originalGradients.get(kernelName)?.(dy, saved, attrs) ?? {}
      return gradient(tf, { dy: dy as Tensor, inputs, attrs: attrs as unknown as Attrs, original })
    },
  })
}
