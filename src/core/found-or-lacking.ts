import { NnlabError } from '../errors.ts'

/** The result, or the message of an error that its reader can act on. */
export async function foundOrLacking<T extends object>(
  work: Promise<T>,
): Promise<
  | { readonly found: T; readonly lacking?: undefined }
  | { readonly found?: undefined; readonly lacking: string }
> {
  try {
    return { found: await work }
  } catch (error) {
    if (!(error instanceof NnlabError)) throw error
    return { lacking: error.message }
  }
}
