import type { ConfigDocument } from '../spec/document/document.ts'

/** A config with the model that it starts from, which it keeps with further overrides. */
export function keepBase<Base>(
  document: ConfigDocument,
  base: Base,
): ConfigDocument & { readonly base: Base } {
  return { ...document, base, with: (overrides) => keepBase(document.with(overrides), base) }
}
