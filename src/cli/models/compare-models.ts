import { diffModels, isEmptyDiff, type ModelDiff } from '../../scoring/diff-model.js';
import type { ModelFile } from './model-file.js';
import type { ModelServer, ServerModel } from './model-server.js';

/** A file beside the published version on the server. */
export interface Comparison {
  file: ModelFile;
  /** Null when the server has no such model. */
  model: ServerModel | null;
  /** From the server to the file; null when there is nothing to compare with. */
  diff: ModelDiff | null;
}

/** Compares each file with what the server has under its key. */
export async function compareModels(
  server: ModelServer,
  files: readonly ModelFile[],
  models: readonly ServerModel[],
): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const file of files) {
    const model = models.find(({ key }) => key === file.key) ?? null;
    const document = model && (await server.document(model.key, model.version));
    comparisons.push({ file, model, diff: document && diffModels(document.definition, file.definition) });
  }
  return comparisons;
}

/** Whether a file says something that the server does not. */
export function differs({ diff }: Comparison): boolean {
  return diff === null || !isEmptyDiff(diff);
}

/** Whether the server has a later version than the one that was pulled, or the file does not say which that was. */
export function isBehind({ file, model }: Comparison): boolean {
  return model !== null && (file.version === null || file.version < model.version);
}
