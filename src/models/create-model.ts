import { uuidv7 } from 'uuidv7';
import { badInput, LeadpulseError } from '../errors.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import { normalizeModel } from '../scoring/normalize-model.js';
import { PRESETS, type PresetName } from '../scoring/presets.js';
import { validateModel } from '../scoring/validate-model.js';
import { ScoringModel } from '../store/entities/scoring-model.js';
import { logChange } from './change-log.js';
import type { ModelOutcome } from './edit-model.js';
import { findModel } from './locked-model.js';
import type { ModelChangeKind } from './model-change-row.js';
import { selectModels, selectVersion } from './model-queries.js';
import type { ModelRow } from './model-row.js';
import type { ModelTransaction } from './model-transaction.js';
import { publishVersion } from './publish-version.js';

const MODELS_PER_TENANT_MAX = 1_000;

/** A model that is to be made. */
export interface NewModel {
  /** Checked by `checkDefinition`. */
  definition: ModelDefinition;
  /** Where its key is in the input. */
  keyPath: string;
  /** What the log calls its making. */
  kind: Extract<ModelChangeKind, 'CREATED' | 'CLONED' | 'IMPORTED'>;
  message: string | null;
}

/**
 * Publishes a new model as version 1, active; the tenant's first one is primary.
 * @throws LeadpulseError CONFLICT when the key is taken or there are `MODELS_PER_TENANT_MAX` models.
 */
export async function createModel(
  transaction: ModelTransaction,
  { definition, keyPath, kind, message }: NewModel,
): Promise<ModelOutcome> {
  const { manager, tenantId } = transaction;
  const { key } = definition;
  const models = await selectModels(manager, tenantId);
  if (models.some((model) => model.key === key)) throw keyTaken(key, keyPath);
  if (models.length >= MODELS_PER_TENANT_MAX) {
    const fault = `There are ${MODELS_PER_TENANT_MAX} models, which is all a tenant can have.`;
    throw new LeadpulseError('CONFLICT', fault);
  }
  const id = uuidv7();
  const primary = !models.some((model) => model.primary);
  const model: ModelRow = { id, key, active: true, primary, version: 1, definition };
  await manager.insert(ScoringModel, { tenantId, id, key, active: true, primary, version: 1 });
  const recalculation = await publishVersion(transaction, model, message);
  await logChange(transaction, { modelId: id, kind, version: 1, message, diff: null });
  return { model, draft: null, recalculation };
}

/**
 * A definition that may be anything, with every default filled in.
 * @param path where it is in the input.
 * @param keyPath where its key is.
 * @throws LeadpulseError BAD_USER_INPUT with all its faults.
 */
export function checkDefinition(definition: unknown, path: string, keyPath: string): ModelDefinition {
  const faults = validateModel(definition);
  // A definition without faults has the shape of one.
  if (faults.length === 0) return normalizeModel(definition as ModelDefinition);
  throw badInput(
    faults.map((fault) => {
      if (fault.path === 'key') return { ...fault, path: keyPath };
      return { ...fault, path: fault.path === '' ? path : `${path}.${fault.path}` };
    }),
  );
}

/** The definition of a preset; under its own name, when `name` is null. */
export function presetDefinition(preset: PresetName, key: string, name: string | null): ModelDefinition {
  return PRESETS[preset](key, name ?? preset.charAt(0) + preset.slice(1).toLowerCase());
}

/** A copy of a model under another key. */
export interface CloneRequest {
  id: string;
  /** Which version; the published one, when null. */
  version: number | null;
  key: string;
  /** The original's name, when null. */
  name: string | null;
  message: string | null;
}

/**
 * Publishes a version of a model as version 1 of a new one.
 * @throws LeadpulseError NOT_FOUND; BAD_USER_INPUT when there is no such version or the key or name is none; CONFLICT as
 *   in `createModel`.
 */
export async function cloneModel(
  transaction: ModelTransaction,
  request: CloneRequest,
): Promise<ModelOutcome> {
  const original = await findModel(transaction, request.id);
  const version = request.version ?? original.version;
  const row = await selectVersion(transaction.manager, transaction.tenantId, original.id, version);
  if (!row) {
    const message = `There is no version ${version}; the current one is ${original.version}.`;
    throw badInput([{ path: 'input.version', message }]);
  }
  const renamed = { ...row.definition, key: request.key, name: request.name ?? row.definition.name };
  const definition = checkDefinition(renamed, 'input', 'input.key');
  const message = request.message ?? `Copy of version ${version} of ${original.key}`;
  return createModel(transaction, { definition, keyPath: 'input.key', kind: 'CLONED', message });
}

function keyTaken(key: string, path: string): LeadpulseError {
  const message = `There is a model with the key ${key}; choose another key, or change that model.`;
  return new LeadpulseError('CONFLICT', message, { fields: [{ path, message }] });
}
