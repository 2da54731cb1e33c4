import { LeadpulseError } from '../../errors.js';
import { type Comparison, compareModels, differs, isBehind } from './compare-models.js';
import { countDifferences, describeDiff } from './describe-diff.js';
import { fileFaults, formatModelFile } from './model-file.js';
import type { ModelFolder } from './model-folder.js';
import { type ModelServer, type Pushed, RequestFault } from './model-server.js';

/** How files are to be pushed. */
export interface PushOptions {
  /** False makes them drafts. */
  publish: boolean;
  /** Why, for the list of changes. */
  message: string | null;
  /** Says what would be done, and does nothing. */
  dryRun: boolean;
  /** Also over versions and drafts that were not pulled. */
  force: boolean;
}

/** Where the server finds faults of a document. */
const DOCUMENT_PATH = 'input.document.';

/**
 * `leadpulse models push`: imports the files that differ from what the server has. Nothing is pushed when one of them may
 * not be; after that each is pushed whole or not at all, in their order, up to the first that the server refuses.
 * @param keys of the models; all files, when empty.
 * @throws LeadpulseError that names what is wrong, with the file and the place in it.
 */
export async function pushModels(
  server: ModelServer,
  folder: ModelFolder,
  keys: readonly string[],
  options: PushOptions,
): Promise<void> {
  const asked = keys.length > 0 ? keys : await folder.keys();
  if (asked.length === 0) {
    const message = `There are no files in ${folder.dir}. \`leadpulse models pull\` writes them.`;
    throw new LeadpulseError('NOT_FOUND', message);
  }
  const comparisons = await compareModels(server, await folder.readAll(asked), await server.models());
  const refusals = options.force ? [] : comparisons.flatMap((one) => whyNot(one, options) ?? []);
  if (refusals.length > 0) throw new LeadpulseError('CONFLICT', refusals.join('\n'));
  for (const comparison of comparisons) {
    if (!differs(comparison)) console.log(`unchanged ${comparison.file.path}`);
    else if (options.dryRun) console.log(describePlan(comparison, options).join('\n'));
    else console.log((await push(server, folder, comparison, options)).join('\n'));
  }
}

/** Why a file may not be pushed without force; null when it may. */
function whyNot(comparison: Comparison, { publish }: PushOptions): string | null {
  const { file, model } = comparison;
  if (model === null || !differs(comparison)) return null;
  if (isBehind(comparison)) {
    const pulled = file.version === null ? 'says no version' : `was pulled from version ${file.version}`;
    return `${file.path}: the server has version ${model.version}, the file ${pulled}. Commit your edits, pull with --force and merge, or push with --force over it.`;
  }
  if (publish || model.draft === null) return null;
  const { revision, changedBy } = model.draft;
  return `${file.path}: the server has a draft by ${changedBy} (revision ${revision}). Publish or discard it, or give --force to put this one in its place.`;
}

function describePlan({ file, model, diff }: Comparison, { publish }: PushOptions): string[] {
  if (model === null || diff === null) return [`would make ${file.key} from ${file.path}`];
  const what = publish
    ? `publish ${file.key} as version ${model.version + 1}`
    : `save a draft of ${file.key}`;
  return [`would ${what} from ${file.path}`, ...describeDiff(diff)];
}

/** @returns what was done, line by line. */
async function push(
  server: ModelServer,
  folder: ModelFolder,
  comparison: Comparison,
  { publish, message, force }: PushOptions,
): Promise<string[]> {
  const { file, model } = comparison;
  const expectedDraft = force ? null : publish ? null : (model?.draft?.revision ?? 0);
  const expected = { expectedVersion: model?.version ?? 0, expectedDraft };
  const { document } = file;
  const pushed = await server
    .push({ document, ...expected, publish, message })
    .catch((error: unknown) => Promise.reject(faultOf(error, file.path)));
  if (publish) {
    const { version } = pushed.model;
    await folder.write(file.key, formatModelFile(await server.document(file.key, version), version));
  }
  return describePushed(comparison, pushed);
}

function faultOf(error: unknown, path: string): unknown {
  if (!(error instanceof RequestFault)) return error;
  const { fields = [] } = error.details;
  if (fields.length === 0) return new LeadpulseError('CONFLICT', `${path}: ${error.message}`);
  return fileFaults(
    path,
    fields.map((field) => ({
      path: field.path.startsWith(DOCUMENT_PATH) ? field.path.slice(DOCUMENT_PATH.length) : field.path,
      message: field.message,
    })),
  );
}

function describePushed({ file, model, diff }: Comparison, pushed: Pushed): string[] {
  const what = pushed.draft ? `saved a draft (revision ${pushed.draft.revision}) of` : 'published';
  const version = pushed.draft ? '' : ` as version ${pushed.model.version}`;
  const how = pushed.created || diff === null ? 'new' : countDifferences(diff);
  return [
    `${what} ${file.key}${version} from ${file.path}: ${how}`,
    ...(model?.draft && !pushed.draft ? [`  The draft by ${model.draft.changedBy} is still there.`] : []),
    ...(pushed.recalculation ? [`  Contacts are brought to it by job ${pushed.recalculation.id}.`] : []),
    ...pushed.warnings.map((warning) => `  warning: definition.${warning.path}: ${warning.message}`),
  ];
}
