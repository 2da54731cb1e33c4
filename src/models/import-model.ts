import { badInput, type LeadpulseError } from '../errors.js';
import { diffModels, isEmptyDiff, type ModelDiff } from '../scoring/diff-model.js';
import { isJsonObject, type JsonValue } from '../scoring/json-value.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import { changesBetween } from './changes-between.js';
import { checkDefinition, createModel } from './create-model.js';
import { type DraftContent, type ModelOutcome, publishNext, saveDraft } from './edit-model.js';
import { checkExpectation, type Expectation, lockedModel } from './locked-model.js';
import { definitionIn } from './model-document.js';
import { deriveDraft } from './model-draft.js';
import { selectModelByKey } from './model-queries.js';
import type { ModelRow } from './model-row.js';
import type { ModelTransaction } from './model-transaction.js';

const DOCUMENT_PATH = 'input.document';
const DEFINITION_PATH = `${DOCUMENT_PATH}.definition`;

/** A document that is to be taken in. */
export interface ImportRequest extends Expectation {
  document: JsonValue;
  /** Key of the model to make or to change; the document's, when null. */
  key: string | null;
  /** True: as a published version. False: as the draft of a model that there is. */
  publish: boolean;
  message: string | null;
}

/** What an import led to. */
export interface ImportOutcome extends ModelOutcome {
  /** Whether there was no model of this key before. */
  created: boolean;
  /** What it changed of the published version, or of the draft; null when the model is new. */
  diff: ModelDiff | null;
}

/**
 * Makes the model of a document, or lets the one that is there say what the document says. When it says so already, nothing
 * is written.
 * @throws LeadpulseError BAD_USER_INPUT with all faults of the document; CONFLICT when the version or the draft is not the
 *   expected one (0: there is none).
 */
export async function importModel(
  transaction: ModelTransaction,
  request: ImportRequest,
): Promise<ImportOutcome> {
  const { definition, keyPath } = readDefinition(request);
  const known = await selectModelByKey(transaction.manager, transaction.tenantId, definition.key);
  const as = { kind: 'IMPORTED', message: request.message } as const;
  if (!known) {
    checkExpectation(0, 0, request);
    if (!request.publish) throw noDraftOfNone(definition.key);
    return { ...(await createModel(transaction, { definition, keyPath, ...as })), created: true, diff: null };
  }
  const locked = await lockedModel(transaction, known.id, request);
  const { model } = locked;
  const draft = request.publish ? null : locked.draft && deriveDraft(locked.draft);
  const diff = diffModels(draft?.definition ?? model.definition, definition);
  if (isEmptyDiff(diff)) return { model, draft, recalculation: null, created: false, diff };
  const outcome = request.publish
    ? await publishNext(transaction, model, definition, as)
    : await saveDraft(transaction, locked, contentOf(model, definition), as);
  return { ...outcome, created: false, diff };
}

/** The definition under the key that was asked for, and where that key is in the input. */
function readDefinition({ document, key }: ImportRequest): { definition: ModelDefinition; keyPath: string } {
  const given = definitionIn(document, DOCUMENT_PATH);
  const keyed = key !== null && isJsonObject(given) ? { ...given, key } : given;
  const keyPath = key === null ? `${DEFINITION_PATH}.key` : 'input.key';
  return { definition: checkDefinition(keyed, DEFINITION_PATH, keyPath), keyPath };
}

/** A draft that leads from the published version to the definition. */
function contentOf(model: ModelRow, definition: ModelDefinition): DraftContent {
  return { baseVersion: model.version, changes: changesBetween(model.definition, definition) };
}

function noDraftOfNone(key: string): LeadpulseError {
  const message = `There is no model with the key ${key} that could have a draft: leave \`publish\` out to make it.`;
  return badInput([{ path: 'input.publish', message }]);
}
