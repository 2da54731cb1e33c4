import { badInput } from '../errors.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import { ScoringModel } from '../store/entities/scoring-model.js';
import { queueRescore } from '../store/jobs/job-queries.js';
import type { JobRow } from '../store/jobs/job-row.js';
import type { ModelRow } from './model-row.js';
import type { ModelTransaction } from './model-transaction.js';

/** A stored definition is read on every start and sent to whoever asks for it. */
const DEFINITION_BYTES_MAX = 512 * 1024;

/**
 * Publishes the row's definition under the row's version; versions never change afterwards.
 * @returns the job that brings the contacts along; null for an inactive model, for which nothing is computed until it is
 *   switched on.
 * @throws LeadpulseError BAD_USER_INPUT when the definition is too large to be stored.
 */
export async function publishVersion(
  transaction: ModelTransaction,
  model: ModelRow,
  message: string | null,
): Promise<JobRow | null> {
  const { manager, tenantId, by } = transaction;
  const { id, version, definition } = model;
  await manager.query(
    `INSERT INTO scoring_model_versions (tenant_id, model_id, version, definition, message, published_by)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [tenantId, id, version, serializeDefinition(definition), message, by],
  );
  await manager.update(ScoringModel, { tenantId, id }, { version });
  transaction.scoringChanges();
  return model.active ? queueRescore(manager, tenantId, id, version, by) : null;
}

/**
 * The definition as it is stored.
 * @throws LeadpulseError BAD_USER_INPUT when it is larger than `DEFINITION_BYTES_MAX`.
 */
export function serializeDefinition(definition: ModelDefinition): string {
  const text = JSON.stringify(definition);
  if (Buffer.byteLength(text) <= DEFINITION_BYTES_MAX) return text;
  const message = `The model is larger than ${DEFINITION_BYTES_MAX} bytes of JSON; split it in two.`;
  throw badInput([{ path: 'input', message }]);
}
