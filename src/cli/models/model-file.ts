import { type FieldFault, LeadpulseError } from '../../errors.js';
import { definitionIn, type ModelDocument } from '../../models/model-document.js';
import { isJsonObject, type JsonValue } from '../../scoring/json-value.js';
import type { ModelDefinition } from '../../scoring/model-definition.js';
import { validateModel } from '../../scoring/validate-model.js';

/** A model as a file has it. */
export interface ModelFile {
  key: string;
  /** As it is shown: `models/starter.json`. */
  path: string;
  /** The published version that was pulled, or pushed last; null when the file does not say. */
  version: number | null;
  document: ModelDocument;
  definition: ModelDefinition;
}

/** The text of a file: a line for every value, keys always in the same order. */
export function formatModelFile(
  { format, formatVersion, definition }: ModelDocument,
  version: number,
): string {
  return `${JSON.stringify({ format, formatVersion, version, definition }, null, 2)}\n`;
}

/**
 * Reads the text of the file of a model.
 * @throws LeadpulseError BAD_USER_INPUT with all that is wrong, a line each, that begins with the file and the place in it.
 */
export function parseModelFile(text: string, key: string, path: string): ModelFile {
  const document = parseJson(text, path);
  const given = definitionOf(document, path);
  const faults: FieldFault[] = validateModel(given).map((fault) => ({
    path: `definition.${fault.path}`,
    message: fault.message,
  }));
  const version = isJsonObject(document) ? (document.version ?? null) : null;
  if (version !== null && !(typeof version === 'number' && Number.isInteger(version) && version > 0)) {
    faults.push({
      path: 'version',
      message: 'Give the number of the version that was pulled, or leave it out.',
    });
  }
  if (isJsonObject(given) && given.key !== key) {
    faults.push({
      path: 'definition.key',
      message: `A file is named after the key; give "${key}" or rename it.`,
    });
  }
  if (faults.length > 0) throw fileFaults(path, faults);
  return {
    key,
    path,
    version: typeof version === 'number' ? version : null,
    document: document as unknown as ModelDocument,
    definition: given as unknown as ModelDefinition,
  };
}

/** Faults of a file, a line each. */
export function fileFaults(path: string, faults: readonly FieldFault[]): LeadpulseError {
  return new LeadpulseError(
    'BAD_USER_INPUT',
    faults.map((fault) => `${path}: ${fault.path}: ${fault.message}`).join('\n'),
  );
}

function parseJson(text: string, path: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LeadpulseError('BAD_USER_INPUT', `${path}: This is no JSON: ${reason}`);
  }
}

function definitionOf(document: JsonValue, path: string): JsonValue {
  try {
    return definitionIn(document, '');
  } catch (error) {
    const fields = error instanceof LeadpulseError ? (error.details.fields ?? []) : [];
    if (fields.length === 0) throw error;
    throw fileFaults(
      path,
      fields.map((field) => ({ path: field.path.replace(/^\./, ''), message: field.message })),
    );
  }
}
