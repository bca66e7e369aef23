import { mergeConfig } from 'vitest/config'

import everything from './vitest.config.ts'

/** The tests of parts: under a minute. */
export default mergeConfig(everything, {
  test: {
    exclude: [
      // Whole commands and trainings.
      'test/{cli,core,e2e,engine,experiment,fuzz}/**',
      'test/{components/callbacks/diagnose,exchange/python,report/{kinds,pictures},train/golden}.test.ts',
      'test/{server/http,sweep/launchers/slurm}.test.ts',
      'test/**/*.tfjs.test.ts',
      // Thousands of random, damaged or generated inputs.
      'test/backend/wasm/{convolution,instruction-counts,pool,training}.test.ts',
      'test/backend/native/products.test.ts',
      'test/exchange/read-onnx.test.ts',
      'test/ir/interpreter/random.test.ts',
      'test/run/{checkpoints,model-files}.test.ts',
      'test/spec/fuzz.test.ts',
      'test/spec/schema/schema.test.ts',
      'test/table/formats/malformed.test.ts',
    ],
  },
})
