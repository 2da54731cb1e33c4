import type { JsonValue } from '../scoring/json-value.js';
import { isJsonObject } from '../scoring/json-value.js';
import { STANDARD_ATTRIBUTES, type StandardAttribute } from '../store/standard-attributes.js';
import { instantOf, numberOf } from './cell-values.js';
import type { ImportKind, ImportRequest } from './import-request.js';
import { type ImportTarget, KEY_TARGETS, type KeyTarget } from './import-target.js';

const SHOWN_CHARS_MAX = 60;

/** What the columns of a row add up to, before it is an item. */
export class RowDraft {
  readonly keys: Partial<Record<KeyTarget, string>> = {};
  /** Custom and standard attributes, or the properties of an action. */
  readonly values = new Map<string, JsonValue | null>();
  type: string | null = null;
  occurredAtMs: number | null = null;
  idempotencyKey: string | null = null;
  readonly faults: string[] = [];

  /**
   * Puts a value where it belongs; what is wrong with it becomes a fault of the row.
   * @param column the value came from, for the fault.
   */
  put(target: ImportTarget, value: JsonValue, column: string, request: ImportRequest): void {
    if (target.to === 'nowhere') return;
    if (value === null || value === '') {
      this.#empty(target, value, request);
      return;
    }
    const fault = this.#place(target, value, request.kind);
    if (fault) this.faults.push(`${column}: ${fault}, not ${shown(value)}`);
  }

  /** An empty cell says nothing, unless it is to remove an attribute; so does null in JSON. */
  #empty(target: ImportTarget, value: JsonValue, { kind, emptyRemoves }: ImportRequest): void {
    if (kind !== 'CONTACTS' || !(emptyRemoves || value === null)) return;
    if (target.to === 'standard') this.values.set(target.attribute, null);
    if (target.to === 'named') this.values.set(target.name, null);
  }

  #place(target: ImportTarget, value: JsonValue, kind: ImportKind): string | null {
    switch (target.to) {
      case 'key':
        return this.#key(target.key, value);
      case 'contact':
        return this.#contact(value);
      case 'standard':
        return this.#standard(target.attribute, value);
      case 'named':
        this.values.set(target.name, value);
        return null;
      case 'all':
        return this.#all(value, kind);
      case 'type':
        this.type = textOf(value);
        return this.type === null ? 'must be a text' : null;
      case 'idempotencyKey':
        this.idempotencyKey = textOf(value);
        return this.idempotencyKey === null ? 'must be a text' : null;
      case 'occurredAt':
        this.occurredAtMs = instantOf(value);
        return this.occurredAtMs === null ? 'must be an instant such as 2026-03-01T09:30:00Z' : null;
      case 'nowhere':
        return null;
    }
  }

  #key(key: KeyTarget, value: JsonValue): string | null {
    const text = textOf(value)?.trim();
    if (text === undefined) return 'must be a text';
    if (text !== '') this.keys[key] = text;
    return null;
  }

  #contact(value: JsonValue): string | null {
    const object = objectOf(value);
    const entries = Object.entries(object ?? {}).filter(([, part]) => part !== null);
    const known = entries.every(([name]) => KEY_TARGETS.some((key) => key === name));
    if (!object || !known || entries.length === 0) {
      return `must be a JSON object with one of ${KEY_TARGETS.join(', ')}`;
    }
    for (const [name, part] of entries) {
      const fault = this.#key(name as KeyTarget, part);
      if (fault) return fault;
    }
    return null;
  }

  #standard(attribute: StandardAttribute, value: JsonValue): string | null {
    const { type } = STANDARD_ATTRIBUTES[attribute];
    const known = type === 'text' ? textOf(value) : numberOf(value);
    if (known === null) return type === 'text' ? 'must be a text' : 'must be a number such as 2500';
    if (type === 'integer' && !Number.isInteger(known)) return 'must be a whole number such as 250';
    this.values.set(attribute, known);
    return null;
  }

  #all(value: JsonValue, kind: ImportKind): string | null {
    const object = objectOf(value);
    if (!object) return 'must be a JSON object';
    for (const [name, part] of Object.entries(object)) {
      // A column of its own says more than one entry among many.
      if (!this.values.has(name) && !(kind === 'ACTIONS' && part === null)) this.values.set(name, part);
    }
    return null;
  }
}

function textOf(value: JsonValue): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function objectOf(value: JsonValue): Record<string, JsonValue> | null {
  if (typeof value !== 'string') return isJsonObject(value) ? value : null;
  try {
    const parsed: unknown = JSON.parse(value);
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function shown(value: JsonValue): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}...` : text;
}
