import { badInput, LeadpulseError } from '../errors.js';
import { checkItem } from '../ingest/check-item.js';
import type { IngestItem, ItemIdentities, ProfileItem } from '../ingest/ingest-item.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../scoring/json-value.js';
import { looseValue, unguarded } from './cell-values.js';
import { type ColumnPlan, givenTargets, nameOf } from './column-plan.js';
import { EXPORT_ID_COLUMN, guessTarget, isComputed } from './guess-target.js';
import type { ImportRequest } from './import-request.js';
import {
  type ImportTarget,
  KEY_TARGETS,
  type KeyTarget,
  namedTarget,
  parseTarget,
  targetText,
} from './import-target.js';
import { RowDraft } from './row-draft.js';

/** Names of JSON objects whose place is remembered. */
const NAMES_REMEMBERED_MAX = 10_000;

/** Makes items of the rows of one file. */
export interface RowItems {
  /** @throws LeadpulseError BAD_USER_INPUT with what is wrong with the row. */
  itemOf(content: string[] | JsonValue): IngestItem;
}

/** Of CSV rows: cells in the order of the columns. */
export class CsvRowItems implements RowItems {
  readonly #columns: { column: string; target: ImportTarget; loose: boolean }[];
  readonly #request: ImportRequest;

  constructor(columns: readonly ColumnPlan[], request: ImportRequest) {
    this.#request = request;
    this.#columns = columns.map(({ column, target: text }) => {
      const target = parseTarget(text, request.kind) ?? { to: 'nowhere' };
      return { column, target, loose: target.to === 'named' };
    });
  }

  itemOf(cells: string[]): IngestItem {
    if (cells.length !== this.#columns.length) {
      throw rowFault(`The row has ${cells.length} cells and the header ${this.#columns.length}.`);
    }
    const draft = new RowDraft();
    this.#columns.forEach(({ column, target, loose }, index) => {
      const cell = unguarded(cells[index] ?? '');
      draft.put(target, loose ? looseValue(cell) : cell.trim() === '' ? '' : cell, column, this.#request);
    });
    return itemOfDraft(draft, this.#request);
  }
}

/** Of JSON Lines: objects, whose names are placed one by one as they come. */
export class JsonRowItems implements RowItems {
  readonly #request: ImportRequest;
  readonly #given: ReadonlyMap<string, ImportTarget>;
  readonly #known = new Map<string, ImportTarget>();

  constructor(request: ImportRequest) {
    this.#request = request;
    this.#given = givenTargets(request);
  }

  itemOf(value: JsonValue): IngestItem {
    if (!isJsonObject(value)) throw rowFault('The line is no JSON object.');
    const draft = new RowDraft();
    const taken = new Set<string>();
    const isExport = EXPORT_ID_COLUMN in value;
    for (const [name, part] of Object.entries(value)) {
      if (isExport && isComputed(name) && !this.#given.has(nameOf(name))) continue;
      draft.put(this.#targetOf(name, taken), part, name, this.#request);
    }
    return itemOfDraft(draft, this.#request);
  }

  /** The second name of a row that suggests the same place becomes a custom one. */
  #targetOf(name: string, taken: Set<string>): ImportTarget {
    const { kind } = this.#request;
    const target = this.#suggested(name);
    const text = targetText(target, kind);
    if (target.to === 'nowhere' || !taken.has(text)) {
      taken.add(text);
      return target;
    }
    return namedTarget(name, kind) ?? { to: 'nowhere' };
  }

  #suggested(name: string): ImportTarget {
    const known = this.#known.get(name);
    if (known) return known;
    const { kind } = this.#request;
    const target = this.#given.get(nameOf(name)) ??
      guessTarget(name, kind)?.target ??
      namedTarget(name, kind) ?? { to: 'nowhere' as const };
    // Names come from the file: only so many are remembered.
    if (this.#known.size < NAMES_REMEMBERED_MAX) this.#known.set(name, target);
    return target;
  }
}

function itemOfDraft(draft: RowDraft, request: ImportRequest): IngestItem {
  if (draft.faults.length > 0) throw rowFault(draft.faults.join('; '));
  const key = KEY_TARGETS.find((candidate) => draft.keys[candidate] !== undefined);
  if (!key) throw rowFault('The row names no contact: give an email, externalId, anonymousId or id.');
  const item = request.kind === 'CONTACTS' ? profileOf(draft, key, request) : actionOf(draft, key, request);
  if (draft.occurredAtMs !== null) item.occurredAtMs = draft.occurredAtMs;
  checkRow(item);
  return item;
}

/** The keys of a row beside the one that its contact is looked up by. */
function identitiesOf({ keys }: RowDraft, key: KeyTarget): ItemIdentities {
  const identities: ItemIdentities = {};
  for (const kind of ['email', 'externalId', 'anonymousId'] as const) {
    const value = keys[kind];
    if (kind !== key && value !== undefined) identities[kind] = value;
  }
  return identities;
}

function profileOf(draft: RowDraft, key: KeyTarget, { onIdentityConflict }: ImportRequest): ProfileItem {
  const contact = { kind: key, value: draft.keys[key] ?? '' };
  const identities = identitiesOf(draft, key);
  return { kind: 'profile', contact, set: Object.fromEntries(draft.values), identities, onIdentityConflict };
}

function actionOf(
  draft: RowDraft,
  key: KeyTarget,
  { actionType, onIdentityConflict }: ImportRequest,
): IngestItem {
  const type = draft.type?.trim() || actionType;
  if (!type) throw rowFault('The row names no type of the action.');
  const contact = { kind: key, value: draft.keys[key] ?? '' };
  // Empty cells left no entry, so that none of the values is null.
  const properties = Object.fromEntries(draft.values) as JsonObject;
  const identities = identitiesOf(draft, key);
  const item: IngestItem = { kind: 'action', contact, type, properties, identities, onIdentityConflict };
  if (draft.idempotencyKey !== null) item.idempotencyKey = draft.idempotencyKey;
  return item;
}

/** The same checks as for mutations, told in the words of a file. */
function checkRow(item: IngestItem): void {
  try {
    checkItem(item);
  } catch (error) {
    if (!(error instanceof LeadpulseError)) throw error;
    const faults = error.details.fields ?? [];
    throw rowFault(faults.map(({ path, message }) => `${path}: ${message}`).join('; ') || error.message);
  }
}

function rowFault(message: string): LeadpulseError {
  return badInput([{ path: 'row', message }]);
}

/** What is wrong with a row, in a line. */
export function rowFaultText(error: LeadpulseError): string {
  const [first] = error.details.fields ?? [];
  return first?.path === 'row' ? first.message : error.message;
}
