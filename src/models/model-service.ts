import type { EntityManager } from 'typeorm';
import type { ModelDefinition } from '../scoring/model-definition.js';
import type { PresetName } from '../scoring/presets.js';
import type { SeenUse } from '../scoring/warnings/model-warning.js';
import type { Database } from '../store/database.js';
import { tenantRead, tenantTransaction } from '../store/tenant-scope.js';
import { type LogPage, selectChangeDiffs, selectChanges } from './change-log.js';
import {
  type CloneRequest,
  checkDefinition,
  cloneModel,
  createModel,
  presetDefinition,
} from './create-model.js';
import {
  type DraftRequest,
  discardDraft,
  publishDraft,
  type RebaseOutcome,
  type RebaseRequest,
  rebaseDraft,
} from './draft-actions.js';
import { selectDrafts } from './draft-queries.js';
import { editModel, type ModelEdit, type ModelOutcome, type Rollback, rollBackModel } from './edit-model.js';
import { type ImportOutcome, type ImportRequest, importModel } from './import-model.js';
import type { LoggedDiff, ModelChangeRow } from './model-change-row.js';
import { deriveDraft, type ModelDraft } from './model-draft.js';
import {
  selectDefinitions,
  selectModelByKey,
  selectModels,
  selectModelsById,
  selectVersions,
} from './model-queries.js';
import type { ModelRow, ModelVersionRow, VersionKey } from './model-row.js';
import { changeModels, type ModelTransaction, type Publisher } from './model-transaction.js';
import { type ModelSwitches, switchModel } from './switch-model.js';

/** What the data of a tenant has, for warnings; null when that is not known. */
export type ReadSeen = (tenantId: string) => Promise<SeenUse | null>;

/**
 * Scoring models: definitions in immutable versions, drafts of the next one, which models are active, and which one is
 * primary. Whatever changes the active versions raises the tenant's epoch and queues a rescoring in the same transaction;
 * whatever changes a model is in the log of changes.
 */
export class ModelService {
  readonly #db: Database;
  readonly #readSeen: ReadSeen;

  constructor(db: Database, readSeen: ReadSeen) {
    this.#db = db;
    this.#readSeen = readSeen;
  }

  /** All models: the primary first, then the active ones, then by key. */
  list(tenantId: string): Promise<ModelRow[]> {
    return this.#scoped(tenantId, (manager) => selectModels(manager, tenantId));
  }

  /** Models in the order of `ids`; null where there is none. */
  async byIds(tenantId: string, ids: readonly string[]): Promise<(ModelRow | null)[]> {
    const rows = await tenantRead(this.#db, tenantId, (client) => selectModelsById(client, tenantId, ids));
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** The model of this key, or null. */
  byKey(tenantId: string, key: string): Promise<ModelRow | null> {
    return this.#scoped(tenantId, (manager) => selectModelByKey(manager, tenantId, key));
  }

  /** Versions below `beforeVersion` (all, when null), newest first. */
  versions(
    tenantId: string,
    id: string,
    beforeVersion: number | null,
    limit: number,
  ): Promise<ModelVersionRow[]> {
    return this.#scoped(tenantId, (manager) => selectVersions(manager, tenantId, id, beforeVersion, limit));
  }

  /** What these versions say, in the order of `keys`; null where there is no such version. */
  async definitions(tenantId: string, keys: readonly VersionKey[]): Promise<(ModelDefinition | null)[]> {
    const rows = await tenantRead(this.#db, tenantId, (client) => selectDefinitions(client, tenantId, keys));
    const known = new Map(rows.map((row) => [`${row.modelId} ${row.version}`, row.definition]));
    return keys.map(({ modelId, version }) => known.get(`${modelId} ${version}`) ?? null);
  }

  /** The draft of each model; null where it has none, an Error where the draft does not lead to a valid model any more. */
  async drafts(tenantId: string, modelIds: readonly string[]): Promise<(ModelDraft | Error | null)[]> {
    const rows = await tenantRead(this.#db, tenantId, (client) => selectDrafts(client, tenantId, modelIds));
    const byModel = new Map(rows.map((row) => [row.modelId, row]));
    return modelIds.map((id) => {
      const row = byModel.get(id);
      try {
        return row ? deriveDraft(row) : null;
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    });
  }

  /** What was done to models, the newest first. */
  changes(tenantId: string, page: LogPage): Promise<ModelChangeRow[]> {
    return tenantRead(this.#db, tenantId, (client) => selectChanges(client, tenantId, page));
  }

  /** What each of these changes did; null where the definition stayed or was new. */
  async changeDiffs(tenantId: string, ids: readonly string[]): Promise<(LoggedDiff | null)[]> {
    const diffs = await tenantRead(this.#db, tenantId, (client) => selectChangeDiffs(client, tenantId, ids));
    return ids.map((id) => diffs.get(id) ?? null);
  }

  /** What the tenant's data has, for warnings; null when that is not known. */
  seen(tenantId: string): Promise<SeenUse | null> {
    return this.#readSeen(tenantId);
  }

  /**
   * Publishes a new model as version 1, active; the tenant's first one is primary.
   * @throws LeadpulseError BAD_USER_INPUT with all faults of the definition (paths begin with `input`); CONFLICT as
   *   `createModel` has it.
   */
  async create(publisher: Publisher, given: ModelDefinition): Promise<ModelRow> {
    const definition = checkDefinition(given, 'input', 'input.key');
    const made = { definition, keyPath: 'input.key', kind: 'CREATED', message: 'Created' } as const;
    const { model } = await this.#change(publisher, (transaction) => createModel(transaction, made));
    return model;
  }

  /** Like `create`, with the definition of a preset; its own name when `name` is null. */
  createFromPreset(
    publisher: Publisher,
    preset: PresetName,
    key: string,
    name: string | null,
  ): Promise<ModelRow> {
    return this.create(publisher, presetDefinition(preset, key, name));
  }

  /** See `cloneModel`. */
  clone(publisher: Publisher, request: CloneRequest): Promise<ModelOutcome> {
    return this.#change(publisher, (transaction) => cloneModel(transaction, request));
  }

  /** See `importModel`. */
  import(publisher: Publisher, request: ImportRequest): Promise<ImportOutcome> {
    return this.#change(publisher, (transaction) => importModel(transaction, request));
  }

  /** See `editModel`. */
  edit(publisher: Publisher, edit: ModelEdit): Promise<ModelOutcome> {
    return this.#change(publisher, (transaction) => editModel(transaction, edit));
  }

  /** See `rollBackModel`. */
  rollback(publisher: Publisher, rollback: Rollback): Promise<ModelOutcome> {
    return this.#change(publisher, (transaction) => rollBackModel(transaction, rollback));
  }

  /** See `publishDraft`. */
  publishDraft(publisher: Publisher, request: DraftRequest): Promise<ModelOutcome> {
    return this.#change(publisher, (transaction) => publishDraft(transaction, request));
  }

  /** See `discardDraft`. */
  discardDraft(publisher: Publisher, request: DraftRequest): Promise<ModelRow> {
    return this.#change(publisher, (transaction) => discardDraft(transaction, request));
  }

  /** See `rebaseDraft`. */
  rebaseDraft(publisher: Publisher, request: RebaseRequest): Promise<RebaseOutcome> {
    return this.#change(publisher, (transaction) => rebaseDraft(transaction, request));
  }

  /** See `switchModel`. */
  activate(publisher: Publisher, id: string, switches: ModelSwitches): Promise<ModelOutcome> {
    return this.#change(publisher, (transaction) => switchModel(transaction, id, switches));
  }

  #scoped<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantTransaction(this.#db, tenantId, work);
  }

  #change<T>(publisher: Publisher, work: (transaction: ModelTransaction) => Promise<T>): Promise<T> {
    return changeModels(this.#db, publisher, work);
  }
}
