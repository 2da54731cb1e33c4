import { partsOf, wordsOfText } from '../store/contact-filter.js';
import { type FlightStatement, parameterText } from '../store/flight.js';
import { SCORE_COLUMNS, type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';
import { SqlParameters } from '../store/sql-parameters.js';
import { type OrderSegment, rankedBy } from './contact-order.js';
import { CONTACT_COLUMNS, type ContactDbRow, type ContactRow, contactRowOf } from './contact-row.js';
import { filterSql } from './filter-sql.js';
import { type Place, sortParameter, sortValueSql } from './page-cursor.js';
import { type Bound, type PagePlan, readsDescending } from './page-plan.js';
import type { PreparedFilter } from './prepare-filter.js';

/** A contact of a page, with the score that the page's statement has read beside it. */
export interface PlacedContact {
  row: ContactRow;
  /** On the plan's model; absent for orders without a model. */
  score?: ScoreRow | null;
  place: Place;
}

interface PageDbRow extends ContactDbRow, ScoreDbRow {
  sort_value: string | null;
}

/** A statement that reads contacts of one segment, and how its rows are read. */
export interface SegmentRead {
  statement: FlightStatement;
  read: (rows: readonly object[]) => PlacedContact[];
}

/** The closeness of a text that has every word as a whole; none is higher. */
export const CLOSEST = '100';

/**
 * A segment's contacts from one end or between bounds, in the direction of reading.
 * @param limit rows at most.
 * @param how `closest`: of an order by closeness only the closest, by id; `inOrder`: it is run with `IN_ORDER` off.
 */
export function segmentRead(
  unranked: OrderSegment,
  plan: PagePlan,
  bounds: readonly Bound[],
  limit: number,
  { closest = false, inOrder = false } = {},
): SegmentRead {
  const parameters = new SqlParameters();
  parameters.add(plan.tenantId, 'uuid');
  const { modelId } = plan;
  const model = modelId === null ? 'NULL' : parameters.shared(`model ${modelId}`, 'uuid', () => modelId);
  const { filter } = plan.prepared;
  const ranked =
    plan.order.field === 'RELEVANCE'
      ? rankedBy(unranked, parameters.add(wordsOfText(filter.text ?? ''), 'text[]'))
      : unranked;
  const segment = closest ? { ...ranked, sort: null } : ranked;
  const joined = segment.code === 's';
  const scope = {
    ...plan.prepared.scope,
    ...(modelId === null ? {} : { scores: { modelId, joined } }),
  };
  const condition = filterSql(filter, scope, parameters);
  const conditions = [
    segment.where(model),
    condition,
    ...(closest ? [`${ranked.sort} = ${CLOSEST}`] : []),
    ...bounds.map((bound) => boundSql(segment, bound, parameters)),
  ];
  const columns = joined ? `${CONTACT_COLUMNS}, ${SCORE_COLUMNS}` : CONTACT_COLUMNS;
  const text = `SELECT ${columns}, ${sortValueSql(segment)} AS sort_value FROM ${segment.from}
    WHERE ${conditions.join(' AND ')}
    ORDER BY ${orderSql(segment, plan)} LIMIT ${limit}`;
  const kept = keepsItsPlan(plan.prepared, inOrder) && (inOrder || (joined && !condition.includes('SELECT')));
  const name = kept ? nameOf(text) : '';
  const unscored = modelId === null ? undefined : null;
  return {
    statement: { name, text, values: parameters.values.map(parameterText) },
    read: (rows) =>
      (rows as PageDbRow[]).map((row) => ({
        row: contactRowOf(row),
        score: joined ? scoreRowOf(row) : unscored,
        place: { segment: segment.code, value: closest ? CLOSEST : row.sort_value, id: row.id },
      })),
  };
}

/** Columns and direction in which a segment is read. */
export function orderSql(segment: OrderSegment, plan: PagePlan): string {
  const direction = readsDescending(plan) ? 'DESC' : 'ASC';
  const columns = segment.sort === null ? [segment.id] : [segment.sort, segment.id];
  return columns.map((column) => `${column} ${direction}`).join(', ');
}

/** One row comparison, which an index answers even in the middle of a tie. */
export function boundSql(
  segment: OrderSegment,
  { place, operator }: Bound,
  parameters: SqlParameters,
): string {
  const id = parameters.add(place.id, 'uuid');
  if (segment.sort === null || place.value === null) return `${segment.id} ${operator} ${id}`;
  const sort = sortParameter(segment.sortType, place.value);
  return `(${segment.sort}, ${segment.id}) ${operator} (${parameters.add(sort.value, sort.type)}, ${id})`;
}

/** Page statements that are prepared at most, on each connection that meets them; later ones are planned each time. */
const NAMED_TEXTS_MAX = 100;
const names = new Map<string, string>();

/** Planning takes longer than reading a page. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= NAMED_TEXTS_MAX) return '';
  const name = `contacts_page_${names.size}`;
  names.set(text, name);
  return name;
}

/** Parts that ask columns of the score row which the statement walks along anyway, and parts that hold others. */
const WALKED = new Set([
  'modelId',
  'minTotal',
  'maxTotal',
  'stages',
  'labels',
  'segmentId',
  'all',
  'any',
  'not',
]);

/**
 * Whether there is one good plan for a filter, whatever its values. What may be rare or common by its values is planned for
 * them, unless there is no choice.
 * @param inOrder there is none for texts.
 */
function keepsItsPlan({ filter, scope }: PreparedFilter, inOrder: boolean): boolean {
  if (scope.among || scope.texts) return false;
  for (const part of partsOf(filter)) {
    const asked = Object.entries(part).filter(([, value]) => value != null);
    if (asked.some(([name]) => !WALKED.has(name) && !(inOrder && name === 'text'))) return false;
    const saved = part.segmentId == null ? undefined : scope.segments?.get(part.segmentId.toLowerCase());
    if (saved && !keepsItsPlan({ filter: saved.filter, scope }, inOrder)) return false;
  }
  return true;
}

/** A statement of which there are few, and which is planned alike whatever its values. */
export function keptStatement(text: string, parameters: SqlParameters): FlightStatement {
  return { name: nameOf(text), text, values: parameters.values.map(parameterText) };
}
