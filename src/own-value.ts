/** The value that an object itself has under a key: a column or a label may be called `constructor`, which all objects inherit. */
export function ownValue<T>(object: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return object && Object.hasOwn(object, key) ? object[key] : undefined
}
