import { readFileSync, statSync } from 'node:fs';
import type { Config } from '../../config.js';
import { isJsonObject, type JsonValue } from '../../scoring/json-value.js';
import { PersistedOperations } from './persisted-operations.js';

const FORMAT = 'apollo-persisted-query-manifest';
const FILE_BYTES_MAX = 32 * 1024 * 1024;
const OPERATIONS_MAX = 10_000;

/**
 * The operations that the configuration names.
 * @throws Error that says what is wrong with the file.
 */
export function openPersistedOperations({
  persistedOperations,
  persistedOperationsFile,
}: Pick<Config, 'persistedOperations' | 'persistedOperationsFile'>): PersistedOperations {
  const listed = persistedOperationsFile === null ? new Map() : readManifest(persistedOperationsFile);
  return new PersistedOperations(persistedOperations, listed);
}

/** Texts by id from a list in the form of Apollo's persisted query manifest. */
function readManifest(file: string): Map<string, string> {
  try {
    if (statSync(file).size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
    return operationsOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`PERSISTED_OPERATIONS_FILE ${file} cannot be used: ${reason}`, { cause: error });
  }
}

function operationsOf(manifest: JsonValue): Map<string, string> {
  if (!isJsonObject(manifest) || manifest.format !== FORMAT || manifest.version !== 1)
    throw new Error(`it is no manifest with "format": "${FORMAT}" and "version": 1`);
  const { operations } = manifest;
  if (!Array.isArray(operations) || operations.length > OPERATIONS_MAX)
    throw new Error(`"operations" has to be a list of at most ${OPERATIONS_MAX}`);
  const listed = new Map<string, string>();
  for (const [index, operation] of operations.entries()) {
    if (!isJsonObject(operation) || typeof operation.id !== 'string' || typeof operation.body !== 'string')
      throw new Error(`operation ${index} has no "id" and "body"`);
    if (listed.has(operation.id)) throw new Error(`operation ${index} has the id of another one`);
    listed.set(operation.id, operation.body);
  }
  return listed;
}
