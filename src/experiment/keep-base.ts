import type { ConfigDocument } from '../spec/document/document.ts'
import type { BaseModel, ModelDocument } from './base-model.ts'

/** A config with the model that it starts from, which it keeps with further overrides. */
export function keepBase(document: ConfigDocument, base: BaseModel): ModelDocument {
  return { ...document, base, with: (overrides) => keepBase(document.with(overrides), base) }
}
