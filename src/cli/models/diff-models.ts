import { styleText } from 'node:util';
import { LeadpulseError } from '../../errors.js';
import { type Comparison, compareModels, differs, isBehind } from './compare-models.js';
import { describeDiff } from './describe-diff.js';
import type { ModelFolder } from './model-folder.js';
import type { ModelServer, ServerModel } from './model-server.js';

/**
 * `leadpulse models diff`: what pushing the files would change on the server, for people.
 * @param keys of the models; all files and all models, when empty.
 * @returns whether anything differs.
 */
export async function showModelDiffs(
  server: ModelServer,
  folder: ModelFolder,
  keys: readonly string[],
): Promise<boolean> {
  const present = await folder.keys();
  const models = await server.models();
  const asked = keys.length > 0 ? keys : [...new Set([...present, ...models.map(({ key }) => key)])].sort();
  const unknown = asked.find((key) => !present.includes(key) && !models.some((model) => model.key === key));
  if (unknown !== undefined) {
    const message = `There is neither a ${folder.pathOf(unknown)} nor a model "${unknown}" on the server.`;
    throw new LeadpulseError('NOT_FOUND', message);
  }
  const files = await folder.readAll(asked.filter((key) => present.includes(key)));
  const differing = (await compareModels(server, files, models)).filter(differs);
  const missing = models.filter(({ key }) => asked.includes(key) && !present.includes(key));
  for (const comparison of differing) console.log(describeComparison(comparison).join('\n'));
  for (const model of missing) console.log(describeMissing(folder, model));
  return differing.length + missing.length > 0;
}

function describeComparison(comparison: Comparison): string[] {
  const { file, model, diff } = comparison;
  if (model === null || diff === null) {
    return [styleText('bold', `${file.path}: the server has no such model; push makes it`)];
  }
  const behind = `  The server has moved on since ${pulledFrom(comparison)} was pulled: what it has new is told as missing here.`;
  return [
    styleText('bold', `${file.path}: differs from version ${model.version} on the server`),
    ...(isBehind(comparison) ? [behind] : []),
    ...describeDiff(diff),
  ];
}

function pulledFrom({ file }: Comparison): string {
  return file.version === null ? 'an unknown version' : `version ${file.version}`;
}

function describeMissing(folder: ModelFolder, { key, version }: ServerModel): string {
  return styleText(
    'bold',
    `${folder.pathOf(key)}: is not there; the server has version ${version}, pull writes it`,
  );
}
