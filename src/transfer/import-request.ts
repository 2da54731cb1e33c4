import { badInput, type FieldFault } from '../errors.js';
import type { IdentityConflictPolicy } from '../ingest/ingest-item.js';

/** What the rows of a file are. */
export const IMPORT_KINDS = ['CONTACTS', 'ACTIONS'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** How rows are written: with a header and cells, or as one JSON object a line. */
export const FILE_FORMATS = ['CSV', 'JSONL'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Delimiters that are told apart by themselves. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

const COLUMNS_GIVEN_MAX = 500;
const TEXT_CHARS_MAX = 256;

/** Where a column goes; see `parseTarget`. */
export interface GivenMapping {
  column: string;
  target: string;
}

/** What an import is asked to do. */
export interface ImportRequest {
  kind: ImportKind;
  /** Told from the file when null. */
  format: FileFormat | null;
  /** For CSV; told from the file when null. */
  delimiter: string | null;
  /** Columns that go elsewhere than their names suggest. */
  mapping: GivenMapping[];
  /** For actions: the type of every row that has none of its own. */
  actionType: string | null;
  onIdentityConflict: IdentityConflictPolicy;
  /** For contacts: whether an empty cell removes the attribute; else it leaves it as it is. */
  emptyRemoves: boolean;
  /** Checks every row and records none. */
  dryRun: boolean;
  /** For people to recognise the import. */
  fileName: string | null;
  /** Names the file's content, such as its digest: an unfinished import of the same file goes on. */
  fileId: string | null;
}

/**
 * Refuses a request that cannot be meant.
 * @throws LeadpulseError BAD_USER_INPUT with the path of each fault, below `path`.
 */
export function checkImportRequest(request: ImportRequest, path: string): void {
  const faults: FieldFault[] = [];
  const report = (field: string, message: string) => faults.push({ path: `${path}.${field}`, message });
  for (const field of ['fileName', 'fileId', 'actionType'] as const) {
    const message = textFault(request[field]);
    if (message) report(field, message);
  }
  if (request.delimiter !== null && !isDelimiter(request.delimiter)) {
    report('delimiter', 'Give one character that is no quote and no line break.');
  }
  if (request.actionType !== null && request.kind !== 'ACTIONS') {
    report('actionType', 'Only actions have a type.');
  }
  if (request.mapping.length > COLUMNS_GIVEN_MAX) {
    report('mapping', `Give at most ${COLUMNS_GIVEN_MAX} columns.`);
  }
  if (faults.length > 0) throw badInput(faults);
}

function textFault(text: string | null): string | null {
  if (text === null) return null;
  if (text.trim() === '' || text.length > TEXT_CHARS_MAX) {
    return `Give 1 to ${TEXT_CHARS_MAX} characters, or leave it out.`;
  }
  return text.includes('\0') || !text.isWellFormed() ? 'Give well-formed Unicode without NUL.' : null;
}

function isDelimiter(text: string): boolean {
  return /^[\t\x20-\x7e]$/.test(text) && text !== '"';
}
