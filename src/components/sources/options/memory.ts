import { size } from '../../../byte-size.ts'

export const Memory = size()
  .default('2 GB')
  .describe(
    'How much memory the rows may take, as in "500 MB". Rows that do not fit wait on disk, in the cache folder, while the command runs. It changes no bit of the result',
  )
