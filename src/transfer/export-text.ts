import type { JsonValue } from '../scoring/json-value.js';
import { STANDARD_NAMES } from '../store/standard-attributes.js';
import { csvCell, csvLine, spreadsheetCell } from './csv-cell.js';
import type { ExportRow } from './export-row.js';
import { EXPORT_ID_COLUMN } from './guess-target.js';
import type { FileFormat } from './import-request.js';

/** How exported contacts are written. */
export interface ExportText {
  /** What the file begins with. */
  head(): string;
  /** @param points of the score's dimensions by key; empty for a contact without a score. */
  line(row: ExportRow, points: ReadonlyMap<string, number>): string;
}

/** What a file shows beside the profile. */
export interface ExportColumns {
  /** Keys of the model's dimensions. */
  dimensions: readonly string[];
  /** Custom attributes with a column of their own; null for one column that holds all of them as JSON. */
  attributes: readonly string[] | null;
}

export function exportTextOf(format: FileFormat, columns: ExportColumns): ExportText {
  return format === 'CSV' ? new CsvText(columns) : new JsonText(columns);
}

class CsvText implements ExportText {
  readonly #columns: ExportColumns;

  constructor(columns: ExportColumns) {
    this.#columns = columns;
  }

  head(): string {
    const { dimensions, attributes } = this.#columns;
    const names = [
      EXPORT_ID_COLUMN,
      ...STANDARD_NAMES,
      'owner',
      'score',
      'stage',
      'label',
      ...dimensions.map((key) => `dimension.${key}`),
      'lastActivityAt',
      'scoreAsOf',
      'createdAt',
      ...(attributes?.map((name) => `attributes.${name}`) ?? ['attributes']),
    ];
    return csvLine(names.map(csvCell));
  }

  line({ contact, owner, score }: ExportRow, points: ReadonlyMap<string, number>): string {
    const { dimensions, attributes } = this.#columns;
    const custom =
      attributes?.map((name) => jsonCell(ownValue(contact.attributes, name))) ??
      (Object.keys(contact.attributes).length === 0 ? [''] : [jsonCell(contact.attributes)]);
    return csvLine([
      contact.id,
      // A standard attribute whose value does not fit its column is kept among the others.
      ...STANDARD_NAMES.map((name) => spreadsheetCell(contact[name])),
      spreadsheetCell(owner),
      spreadsheetCell(score?.total ?? null),
      spreadsheetCell(score?.stage ?? null),
      spreadsheetCell(score?.label ?? null),
      ...dimensions.map((key) => spreadsheetCell(points.get(key) ?? null)),
      instant(score?.lastActivityAtMs ?? null) ?? '',
      instant(score?.asOfMs ?? null) ?? '',
      instant(contact.createdAtMs) ?? '',
      ...custom,
    ]);
  }
}

class JsonText implements ExportText {
  readonly #columns: ExportColumns;

  constructor(columns: ExportColumns) {
    this.#columns = columns;
  }

  head(): string {
    return '';
  }

  line({ contact, owner, score }: ExportRow, points: ReadonlyMap<string, number>): string {
    const { dimensions, attributes } = this.#columns;
    const value: Record<string, JsonValue> = { [EXPORT_ID_COLUMN]: contact.id };
    for (const name of STANDARD_NAMES) value[name] = contact[name];
    const custom = attributes?.map((name) => [name, ownValue(contact.attributes, name)]);
    value.attributes = custom ? Object.fromEntries(custom) : contact.attributes;
    value.owner = owner;
    value.score = score?.total ?? null;
    value.stage = score?.stage ?? null;
    value.label = score?.label ?? null;
    for (const key of dimensions) value[`dimension.${key}`] = points.get(key) ?? null;
    value.lastActivityAt = instant(score?.lastActivityAtMs ?? null);
    value.scoreAsOf = instant(score?.asOfMs ?? null);
    value.createdAt = instant(contact.createdAtMs);
    return `${JSON.stringify(value)}\n`;
  }
}

function ownValue(values: Record<string, JsonValue>, name: string): JsonValue {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : null;
}

/** A text as it is, a number as a number, anything else as JSON. */
function jsonCell(value: JsonValue): string {
  return spreadsheetCell(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
