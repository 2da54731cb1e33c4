import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { badInput, type FieldFault, LeadpulseError } from '../errors.js';
import { applyModelChanges } from '../scoring/apply-changes.js';
import type { ModelChange } from '../scoring/model-change.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import { normalizeModel } from '../scoring/normalize-model.js';
import { PRESETS, type PresetName } from '../scoring/presets.js';
import { validateModel } from '../scoring/validate-model.js';
import { bumpEpoch } from '../store/bump-epoch.js';
import type { Database } from '../store/database.js';
import { ScoringModel } from '../store/entities/scoring-model.js';
import { tenantRead, tenantTransaction } from '../store/tenant-scope.js';
import { isUuid } from '../uuid.js';
import { queueRescore, selectJob, selectLatestJobs, supersedeRescores } from './job-queries.js';
import type { JobRow } from './job-row.js';
import {
  selectModel,
  selectModelByKey,
  selectModels,
  selectModelsById,
  selectVersion,
  selectVersions,
} from './model-queries.js';
import type { ModelRow, ModelVersionRow } from './model-row.js';
import { publishVersion } from './publish-version.js';

const MODELS_PER_TENANT_MAX = 1_000;
const CHANGES_MAX = 200;

/** Who publishes, in which tenant. */
export interface Publisher {
  tenantId: string;
  /** Kept with the version: the name of the key, or the subject of the token. */
  name: string;
}

/** An edit of a model: all of it, or none. */
export interface ModelEdit {
  id: string;
  /** The version that the editor saw. */
  expectedVersion: number;
  changes: ModelChange[];
  message: string | null;
}

/** A published edit, with the job that brings the contacts along; null when nothing has to be computed anew. */
export interface ModelOutcome {
  model: ModelRow;
  recalculation: JobRow | null;
}

/** What is to become of a model's switches; what is left out stays. */
export interface ModelSwitches {
  active?: boolean | null;
  primary?: boolean | null;
}

/**
 * Scoring models: definitions in immutable versions, which of them are active, and which one is primary. Whatever changes
 * the active versions raises the tenant's epoch and queues a rescoring in the same transaction.
 */
export class ModelService {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
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

  /** A job by id, or null. */
  job(tenantId: string, id: string): Promise<JobRow | null> {
    return this.#scoped(tenantId, (manager) => selectJob(manager, tenantId, id));
  }

  /** The latest job of each model; null where it never had one. */
  async latestJobs(tenantId: string, modelIds: readonly string[]): Promise<(JobRow | null)[]> {
    const jobs = await this.#scoped(tenantId, (manager) => selectLatestJobs(manager, tenantId, modelIds));
    return modelIds.map((id) => jobs.get(id) ?? null);
  }

  /**
   * Publishes a new model as version 1, active; the tenant's first one is primary.
   * @throws LeadpulseError BAD_USER_INPUT with all faults of the definition (paths begin with `input`); CONFLICT when the
   *   key is taken or there are `MODELS_PER_TENANT_MAX` models.
   */
  create(publisher: Publisher, definition: ModelDefinition): Promise<ModelRow> {
    refuseFaults(validateModel(definition));
    const { tenantId } = publisher;
    const normal = normalizeModel(definition);
    return this.#change(tenantId, async (manager) => {
      const models = await selectModels(manager, tenantId);
      if (models.some((model) => model.key === normal.key)) throw keyTaken(normal.key);
      if (models.length >= MODELS_PER_TENANT_MAX) {
        throw new LeadpulseError(
          'CONFLICT',
          `There are ${MODELS_PER_TENANT_MAX} models, which is all a tenant can have.`,
        );
      }
      const id = uuidv7();
      const primary = !models.some((model) => model.primary);
      const row: ModelRow = { id, key: normal.key, active: true, primary, version: 1, definition: normal };
      await manager.insert(ScoringModel, { tenantId, id, key: row.key, active: true, primary, version: 1 });
      await publish(manager, publisher, row, 'Created');
      return row;
    });
  }

  /** Like `create`, with the definition of a preset; its own name when `name` is null. */
  createFromPreset(
    publisher: Publisher,
    preset: PresetName,
    key: string,
    name: string | null,
  ): Promise<ModelRow> {
    return this.create(publisher, PRESETS[preset](key, name ?? presetTitle(preset)));
  }

  /**
   * Applies all changes and publishes the result as the next version.
   * @throws LeadpulseError NOT_FOUND; CONFLICT with `currentVersion` when that is not the expected one; BAD_USER_INPUT with
   *   the faults of the changes (paths begin with `input.changes`) or of what they lead to.
   */
  change(publisher: Publisher, edit: ModelEdit): Promise<ModelOutcome> {
    if (edit.changes.length === 0 || edit.changes.length > CHANGES_MAX) {
      throw badInput([{ path: 'input.changes', message: `Give 1 to ${CHANGES_MAX} changes.` }]);
    }
    return this.#change(publisher.tenantId, async (manager) => {
      const model = await lockedModel(manager, publisher.tenantId, edit.id, edit.expectedVersion);
      const applied = applyModelChanges(model.definition, edit.changes);
      refuseFaults(applied.faults);
      refuseFaults(validateModel(applied.definition));
      const next = { ...model, version: model.version + 1, definition: normalizeModel(applied.definition) };
      return publish(manager, publisher, next, edit.message);
    });
  }

  /**
   * Publishes the content of an earlier version as the next one.
   * @throws LeadpulseError NOT_FOUND; CONFLICT as in `change`; BAD_USER_INPUT when `toVersion` is not an earlier version.
   */
  rollback(
    publisher: Publisher,
    id: string,
    toVersion: number,
    expectedVersion: number,
  ): Promise<ModelOutcome> {
    return this.#change(publisher.tenantId, async (manager) => {
      const model = await lockedModel(manager, publisher.tenantId, id, expectedVersion);
      const earlier =
        toVersion < model.version ? await selectVersion(manager, publisher.tenantId, id, toVersion) : null;
      if (!earlier) {
        const message = `There is no earlier version ${toVersion}; the current one is ${model.version}.`;
        throw badInput([{ path: 'input.toVersion', message }]);
      }
      const next = { ...model, version: model.version + 1, definition: earlier.definition };
      return publish(manager, publisher, next, `Back to version ${toVersion}`);
    });
  }

  /**
   * Switches a model on or off, or makes it the primary one (which the former then no longer is). The
   * scores of a model that is switched on again missed what happened meanwhile and are computed anew.
   * @throws LeadpulseError NOT_FOUND; BAD_USER_INPUT when nothing is asked for, when the primary model would be switched
   *   off, or an inactive one made primary.
   */
  activate(publisher: Publisher, id: string, switches: ModelSwitches): Promise<ModelOutcome> {
    return this.#change(publisher.tenantId, async (manager) => {
      const model = await lockedModel(manager, publisher.tenantId, id, null);
      const active = switches.active ?? model.active;
      const primary = switches.primary ?? model.primary;
      refuseFaults(switchFaults(model, switches, active, primary));
      if (primary && !model.primary) {
        await manager.update(
          ScoringModel,
          { tenantId: publisher.tenantId, primary: true },
          { primary: false },
        );
      }
      await manager.update(ScoringModel, { tenantId: publisher.tenantId, id }, { active, primary });
      const switched = { ...model, active, primary };
      if (active && !model.active) {
        const recalculation = await queueRescore(manager, publisher.tenantId, id, model.version);
        return { model: switched, recalculation };
      }
      if (!active && model.active) await supersedeRescores(manager, publisher.tenantId, id);
      return { model: switched, recalculation: null };
    });
  }

  #scoped<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantTransaction(this.#db, tenantId, work);
  }

  /** One change of a tenant's models at a time; the epoch is raised last, as the feed's row is locked last everywhere. */
  #change<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.#scoped(tenantId, async (manager) => {
      await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('leadpulse.models.' || $1, 0))`, [
        tenantId,
      ]);
      const result = await work(manager);
      await bumpEpoch(manager, tenantId);
      return result;
    });
  }
}

function presetTitle(preset: PresetName): string {
  return preset.charAt(0) + preset.slice(1).toLowerCase();
}

function keyTaken(key: string): LeadpulseError {
  const message = `There is a model with the key ${key}; choose another key, or change that model.`;
  return new LeadpulseError('CONFLICT', message, { fields: [{ path: 'input.key', message }] });
}

function refuseFaults(faults: readonly FieldFault[]): void {
  if (faults.length === 0) return;
  throw badInput(
    faults.map(({ path, message }) => ({ path: path === '' ? 'input' : `input.${path}`, message })),
  );
}

/** @param expectedVersion null when any will do. */
async function lockedModel(
  manager: EntityManager,
  tenantId: string,
  id: string,
  expectedVersion: number | null,
): Promise<ModelRow> {
  const model = isUuid(id) ? await selectModel(manager, tenantId, id) : null;
  if (!model)
    throw new LeadpulseError('NOT_FOUND', 'There is no model of this id; `scoringModels` lists them.');
  if (expectedVersion !== null && expectedVersion !== model.version) {
    throw new LeadpulseError(
      'CONFLICT',
      `The model is at version ${model.version} and not at ${expectedVersion}: read it again, then repeat the change.`,
      { currentVersion: model.version },
    );
  }
  return model;
}

/** Writes the row's version. An inactive model gets no job: nothing is computed until it is switched on. */
async function publish(
  manager: EntityManager,
  publisher: Publisher,
  model: ModelRow,
  message: string | null,
): Promise<ModelOutcome> {
  const { tenantId } = publisher;
  const { id: modelId, version, definition } = model;
  await publishVersion(
    manager,
    tenantId,
    { modelId, version, definition, message, publishedBy: publisher.name },
    'input',
  );
  await manager.update(ScoringModel, { tenantId, id: modelId }, { version });
  const recalculation = model.active ? await queueRescore(manager, tenantId, modelId, version) : null;
  return { model, recalculation };
}

function switchFaults(
  model: ModelRow,
  switches: ModelSwitches,
  active: boolean,
  primary: boolean,
): FieldFault[] {
  if (switches.active == null && switches.primary == null) {
    return [{ path: '', message: 'Give `active`, `primary`, or both.' }];
  }
  if (model.primary && !primary) {
    return [{ path: 'primary', message: 'Make another model primary instead: this one then no longer is.' }];
  }
  if (primary && !active) {
    return model.primary
      ? [
          {
            path: 'active',
            message: 'The primary model cannot be switched off; make another one primary first.',
          },
        ]
      : [{ path: 'primary', message: 'An inactive model cannot be primary; switch it on in the same call.' }];
  }
  return [];
}
