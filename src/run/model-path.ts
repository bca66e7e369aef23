import { stat } from 'node:fs/promises'

/** True where a path leads to a model rather than to a config: a folder, a model.json, or what is missing but no YAML file. */
export async function isModelPath(path: string): Promise<boolean> {
  if (path.endsWith('.json')) return true
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ?? !/\.ya?ml$/i.test(path)
}
