import { badInput, type FieldFault } from '../errors.js';
import { isJsonObject, type JsonValue } from '../scoring/json-value.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import { normalizeModel } from '../scoring/normalize-model.js';

const FORMAT = 'leadpulse/scoring-model';
const FORMAT_VERSION = 1;

/** A model as it is kept in a file: what `importModel` takes in without a difference. */
export interface ModelDocument {
  format: typeof FORMAT;
  formatVersion: typeof FORMAT_VERSION;
  /** Complete, with its keys always in the same order. */
  definition: ModelDefinition;
}

/** The document of a definition. */
export function modelDocument(definition: ModelDefinition): ModelDocument {
  return { format: FORMAT, formatVersion: FORMAT_VERSION, definition: normalizeModel(definition) };
}

/**
 * The definition in a document, not checked yet. Keys beside those of `ModelDocument` are nobody's business here.
 * @param path where the document is in the input.
 * @throws LeadpulseError BAD_USER_INPUT when it is no document of a model, or of a later format.
 */
export function definitionIn(document: JsonValue, path: string): JsonValue {
  const given = isJsonObject(document) ? document : {};
  const faults: FieldFault[] = [];
  if (given.format !== FORMAT) {
    const message = `Give a document from scoringModelExport: its format is "${FORMAT}".`;
    faults.push({ path: `${path}.format`, message });
  }
  if (given.formatVersion !== FORMAT_VERSION) {
    const message = `Only format version ${FORMAT_VERSION} can be read here.`;
    faults.push({ path: `${path}.formatVersion`, message });
  }
  const { definition } = given;
  if (faults.length > 0 || definition === undefined) {
    if (definition === undefined) faults.push({ path: `${path}.definition`, message: 'Give the model.' });
    throw badInput(faults);
  }
  return definition;
}
