import { LeadpulseError } from '../../errors.js';
import type { ModelDocument } from '../../models/model-document.js';
import { diffModels, isEmptyDiff } from '../../scoring/diff-model.js';
import type { ModelDefinition } from '../../scoring/model-definition.js';
import { formatModelFile, type ModelFile, parseModelFile } from './model-file.js';
import type { ModelFolder } from './model-folder.js';
import { chooseModels, type ModelServer, RequestFault, type ServerModel } from './model-server.js';

/** What is to become of the file of a model. */
interface PlannedFile {
  model: ServerModel;
  text: string;
  verb: 'written' | 'updated' | 'unchanged' | 'kept';
}

/**
 * `leadpulse models pull`: writes the published versions of models into files, all of them or none. A file with edits that
 * no version has stays, unless it is forced.
 * @param keys of the models; all, when empty.
 */
export async function pullModels(
  server: ModelServer,
  folder: ModelFolder,
  keys: readonly string[],
  force: boolean,
): Promise<void> {
  const plan: PlannedFile[] = [];
  for (const model of chooseModels(await server.models(), keys)) {
    plan.push(await planFile(server, folder, model, force));
  }
  const kept = plan.filter(({ verb }) => verb === 'kept').map(({ model }) => folder.pathOf(model.key));
  if (kept.length > 0) {
    const message = `${kept.join(', ')}: edited since pulled. Push it, or give --force to lose the edits.`;
    throw new LeadpulseError('CONFLICT', message);
  }
  for (const { model, text, verb } of plan) {
    if (verb !== 'unchanged') await folder.write(model.key, text);
    console.log(`${verb} ${folder.pathOf(model.key)} (version ${model.version})`);
  }
  if (plan.length === 0) console.log('The server has no models.');
}

async function planFile(
  server: ModelServer,
  folder: ModelFolder,
  model: ServerModel,
  force: boolean,
): Promise<PlannedFile> {
  const document = await server.document(model.key, model.version);
  const text = formatModelFile(document, model.version);
  const present = await folder.readText(model.key);
  if (present === null) return { model, text, verb: 'written' };
  if (present === text) return { model, text, verb: 'unchanged' };
  if (force) return { model, text, verb: 'updated' };
  const file = parseModelFile(present, model.key, folder.pathOf(model.key));
  return { model, text, verb: (await isEdited(server, file, document, model)) ? 'kept' : 'updated' };
}

/** Whether a file says what neither the published version nor the one that it was pulled from says. */
async function isEdited(
  server: ModelServer,
  { definition, version }: ModelFile,
  published: ModelDocument,
  model: ServerModel,
): Promise<boolean> {
  if (isSame(definition, published.definition)) return false;
  if (version === null || version >= model.version) return true;
  const pulled = await server.document(model.key, version).catch(unlessRefused);
  return pulled === null || !isSame(definition, pulled.definition);
}

/** A version that the server does not know was pulled from another one. */
function unlessRefused(error: unknown): null {
  if (error instanceof RequestFault) return null;
  throw error;
}

function isSame(one: ModelDefinition, other: ModelDefinition): boolean {
  return isEmptyDiff(diffModels(one, other));
}
