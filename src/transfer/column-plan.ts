import { badInput, type FieldFault } from '../errors.js';
import { guessTarget, isComputed, isOwnExport } from './guess-target.js';
import type { GivenMapping, ImportRequest } from './import-request.js';
import { type ImportTarget, namedTarget, parseTarget, targetsText, targetText } from './import-target.js';

/** How a column found its place. */
export const MAPPING_SOURCES = ['GIVEN', 'GUESSED', 'CUSTOM'] as const;
export type MappingSource = (typeof MAPPING_SOURCES)[number];

/** Where one column of a file goes. */
export interface ColumnPlan {
  column: string;
  /** See `parseTarget`. */
  target: string;
  /** CUSTOM: no name that is known, so it becomes an attribute or a property of its own name. */
  source: MappingSource;
}

/** Columns of a file at most. */
export const COLUMNS_MAX = 1_000;
const COLUMN_CHARS_MAX = 256;

/**
 * Places the columns of a CSV file: as given, else by their names, else as attributes or properties.
 * @throws LeadpulseError BAD_USER_INPUT when columns are named twice, none names the contact, or what is given does not fit.
 */
export function planColumns(columns: readonly string[], request: ImportRequest): ColumnPlan[] {
  checkColumns(columns);
  const given = givenTargets(request);
  const unknown = [...given.keys()].filter((name) => !columns.some((column) => nameOf(column) === name));
  if (unknown.length > 0) {
    const message = `The file has no column ${unknown.map((name) => `'${name}'`).join(', ')}; it has ${columns.map((name) => `'${name}'`).join(', ')}.`;
    throw badInput([{ path: 'mapping', message }]);
  }
  const winners = guessWinners(columns, request, given);
  const plans = columns.map((column, index): ColumnPlan => {
    const target = given.get(nameOf(column));
    if (target) return { column, target: targetText(target, request.kind), source: 'GIVEN' };
    const guess = winners.get(index);
    if (guess) return { column, target: targetText(guess, request.kind), source: 'GUESSED' };
    const custom = namedTarget(column, request.kind) ?? { to: 'nowhere' };
    return { column, target: targetText(custom, request.kind), source: 'CUSTOM' };
  });
  checkPlans(plans, request);
  return plans;
}

/**
 * The targets that were given, by the column's name without case.
 * @throws LeadpulseError BAD_USER_INPUT for a target that there is not, and for a column or a target given twice.
 */
export function givenTargets({
  mapping,
  kind,
}: Pick<ImportRequest, 'mapping' | 'kind'>): Map<string, ImportTarget> {
  const targets = new Map<string, ImportTarget>();
  const faults: FieldFault[] = [];
  mapping.forEach(({ column, target: text }: GivenMapping, index) => {
    const path = `mapping.${index}`;
    const target = parseTarget(text, kind);
    if (!target) {
      faults.push({
        path: `${path}.target`,
        message: `'${text}' is no target: give one of ${targetsText(kind)}.`,
      });
    } else if (targets.has(nameOf(column))) {
      faults.push({ path: `${path}.column`, message: `'${column}' is mapped twice.` });
    } else targets.set(nameOf(column), target);
  });
  if (faults.length > 0) throw badInput(faults);
  return targets;
}

/** How names of columns are compared. */
export function nameOf(column: string): string {
  return column.trim().toLowerCase();
}

function checkColumns(columns: readonly string[]): void {
  if (columns.length > COLUMNS_MAX) {
    throw badInput([
      { path: 'file', message: `The file has ${columns.length} columns, and may have ${COLUMNS_MAX}.` },
    ]);
  }
  const seen = new Set<string>();
  for (const column of columns) {
    const name = nameOf(column);
    if (column.length > COLUMN_CHARS_MAX) {
      const message = `The name of a column is longer than ${COLUMN_CHARS_MAX} characters ('${column.slice(0, 40)}...'). Is the first line the header?`;
      throw badInput([{ path: 'file', message }]);
    }
    if (name !== '' && seen.has(name)) {
      throw badInput([
        { path: 'file', message: `The header has the column '${column}' twice; rename one of them.` },
      ]);
    }
    seen.add(name);
  }
}

/** Of the columns whose names suggest the same place the one with the most usual name, by index. */
function guessWinners(
  columns: readonly string[],
  { kind }: ImportRequest,
  given: ReadonlyMap<string, ImportTarget>,
): Map<number, ImportTarget> {
  const taken = new Set([...given.values()].map((target) => targetText(target, kind)));
  const isExport = isOwnExport(columns);
  const candidates = columns.flatMap((column, index) => {
    if (given.has(nameOf(column))) return [];
    if (isExport && isComputed(column)) return [{ index, target: { to: 'nowhere' as const }, rank: 0 }];
    const guess = guessTarget(column, kind);
    return guess ? [{ index, ...guess }] : [];
  });
  const winners = new Map<number, ImportTarget>();
  for (const { index, target } of candidates.sort((a, b) => a.rank - b.rank || a.index - b.index)) {
    const text = targetText(target, kind);
    if (target.to !== 'nowhere' && taken.has(text)) continue;
    taken.add(text);
    winners.set(index, target);
  }
  return winners;
}

function checkPlans(plans: readonly ColumnPlan[], request: ImportRequest): void {
  const { kind, actionType } = request;
  const columnOf = new Map<string, string>();
  for (const { column, target } of plans) {
    const earlier = columnOf.get(target);
    if (earlier !== undefined && target !== '-') {
      const message = `The columns '${earlier}' and '${column}' both go to ${target}; map one of them elsewhere, or to - for nowhere.`;
      throw badInput([{ path: 'mapping', message }]);
    }
    columnOf.set(target, column);
  }
  const has = (...targets: string[]) => targets.some((target) => columnOf.has(target));
  const columns = plans.map(({ column }) => `'${column}'`).join(', ');
  if (!has('id', 'externalId', 'email', 'anonymousId', 'contact')) {
    const message = `No column is known to name the contact. Map one of ${columns} to email, externalId, anonymousId or id.`;
    throw badInput([{ path: 'mapping', message }]);
  }
  if (kind === 'ACTIONS' && actionType === null && !has('type')) {
    const message = `No column is known to name the type of the action. Map one of ${columns} to type, or give one type for all rows.`;
    throw badInput([{ path: 'mapping', message }]);
  }
}
