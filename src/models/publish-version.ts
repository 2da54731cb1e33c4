import type { EntityManager } from 'typeorm';
import { badInput } from '../errors.js';
import type { ModelDefinition } from '../scoring/model-definition.js';

/** A stored definition is read on every start and sent to whoever asks for it. */
const DEFINITION_BYTES_MAX = 512 * 1024;

/** What is published, and by whom. */
export interface Publication {
  modelId: string;
  version: number;
  definition: ModelDefinition;
  message: string | null;
  /** Name of the key or token. */
  publishedBy: string;
}

/**
 * Writes a version; versions never change afterwards.
 * @param path where a definition that is too large is reported.
 * @throws LeadpulseError BAD_USER_INPUT when the definition is larger than `DEFINITION_BYTES_MAX`.
 */
export async function publishVersion(
  manager: EntityManager,
  tenantId: string,
  publication: Publication,
  path: string,
): Promise<void> {
  const definition = JSON.stringify(publication.definition);
  if (Buffer.byteLength(definition) > DEFINITION_BYTES_MAX) {
    throw badInput([
      { path, message: `The model is larger than ${DEFINITION_BYTES_MAX} bytes of JSON; split it in two.` },
    ]);
  }
  await manager.query(
    `INSERT INTO scoring_model_versions (tenant_id, model_id, version, definition, message, published_by)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      tenantId,
      publication.modelId,
      publication.version,
      definition,
      publication.message,
      publication.publishedBy,
    ],
  );
}
