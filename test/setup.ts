// Run before every test file: property-based tests draw the same inputs each time, so that a change is not refused for
// a fault that was there before it. NNLAB_SEED=N draws others; CI does every night.
import fc from 'fast-check'

import './equal-bytes.ts'

fc.configureGlobal({ seed: Number(process.env['NNLAB_SEED'] ?? 1) })
