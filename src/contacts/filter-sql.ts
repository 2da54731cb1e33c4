import { type ContactFilter, isLiteral, wordsOfText } from '../store/contact-filter.js';
import { findModel } from '../store/find-model.js';
import type { ActiveModel, ActiveModels } from '../store/model-registry.js';
import type { SqlParameters } from '../store/sql-parameters.js';
import { activityConditionSql } from './activity-condition-sql.js';
import { attributeConditionSql } from './attribute-condition-sql.js';
import type { SavedFilters } from './saved-filter.js';
import type { TextCandidates } from './text-candidates.js';

/** What a filter's SQL is made within: a statement over `contacts c` whose `$1` is the tenant. */
export interface FilterScope {
  active: ActiveModels;
  /** See `textCollation`. */
  collation: string;
  /**
   * The statement joins this model's score rows as `s`, or has established that the contacts have none on it; absent:
   * nothing is known about scores.
   */
  scores?: { modelId: string; joined: boolean };
  /** What `segmentId` may name. */
  segments?: SavedFilters;
  /** The filter is known to hold for none but these. */
  among?: readonly string[];
  /** Whom texts lead to, where that was looked up; else each contact is asked. */
  texts?: TextCandidates;
}

/**
 * A checked filter as SQL over `contacts c` that is true or false, never null. Conditions on scores hold only for contacts
 * that are scored on the model.
 */
export function filterSql(filter: ContactFilter, scope: FilterScope, parameters: SqlParameters): string {
  const sql = new FilterTranslation(scope, parameters).filter(filter, null);
  return scope.among ? `c.id = ANY(${parameters.add(scope.among, 'uuid[]')}) AND ${sql}` : sql;
}

class FilterTranslation {
  readonly #scope: FilterScope;
  readonly #parameters: SqlParameters;

  constructor(scope: FilterScope, parameters: SqlParameters) {
    this.#scope = scope;
    this.#parameters = parameters;
  }

  filter(filter: ContactFilter, outerModelId: string | null): string {
    const modelId = filter.modelId ?? outerModelId;
    const parts = [
      ...this.#score(filter, modelId),
      ...this.#contact(filter, modelId),
      ...(filter.all ?? []).map((part) => this.filter(part, modelId)),
    ];
    if (filter.any) parts.push(anyOf(filter.any.map((part) => this.filter(part, modelId))));
    if (filter.not) parts.push(`NOT ${this.filter(filter.not, modelId)}`);
    return allOf(parts);
  }

  #score(filter: ContactFilter, modelId: string | null): string[] {
    if (!asksScore(filter)) return [];
    const model = findModel(this.#scope.active, modelId);
    const { scores } = this.#scope;
    const isKnown = scores !== undefined && scores.modelId === model?.modelId;
    // Without a value of theirs in the parameters either: PostgreSQL refuses one that no part of a statement uses.
    if (model === null || (isKnown && !scores.joined)) return ['FALSE'];
    if (isKnown) return this.#scoreParts(filter, model);
    const id = this.#parameters.shared(`model ${model.modelId}`, 'uuid', () => model.modelId);
    return [
      `EXISTS (SELECT FROM contact_scores s WHERE s.tenant_id = $1 AND s.contact_id = c.id AND s.model_id = ${id}
        AND ${allOf(this.#scoreParts(filter, model))})`,
    ];
  }

  #scoreParts(filter: ContactFilter, model: ActiveModel): string[] {
    const add = (value: unknown, type: string) => this.#parameters.add(value, type);
    const parts: string[] = [];
    if (filter.minTotal != null) parts.push(`s.total >= ${add(filter.minTotal, 'integer')}`);
    if (filter.maxTotal != null) parts.push(`s.total <= ${add(filter.maxTotal, 'integer')}`);
    if (filter.stages) parts.push(`s.stage = ANY(${add(filter.stages, 'text[]')})`);
    if (filter.labels) parts.push(`COALESCE(s.label = ANY(${add(filter.labels, 'text[]')}), FALSE)`);
    if (filter.activeSince) parts.push(`s.last_activity_at >= ${add(filter.activeSince, 'timestamptz')}`);
    if (filter.inactiveSince) parts.push(`s.last_activity_at < ${add(filter.inactiveSince, 'timestamptz')}`);
    if (filter.activeWithinDays != null) {
      parts.push(`s.last_activity_at > ${this.#daysAgo(filter.activeWithinDays)}`);
    }
    if (filter.inactiveForDays != null) {
      parts.push(`s.last_activity_at <= ${this.#daysAgo(filter.inactiveForDays)}`);
    }
    if (filter.dimension) parts.push(this.#dimension(filter.dimension, model));
    return parts;
  }

  /** A row that a new version has not reached yet keeps the dimensions of its own version, in that version's order. */
  #dimension(range: NonNullable<ContactFilter['dimension']>, model: ActiveModel): string {
    const add = (value: unknown, type: string) => this.#parameters.add(value, type);
    const place = model.compiled.dimensions.findIndex((dimension) => dimension.key === range.key) + 1;
    const points = `(s.dimensions[CASE WHEN s.version = ${add(model.version, 'integer')} THEN ${add(place, 'integer')} ELSE (
      SELECT d.place::integer FROM scoring_model_versions v, jsonb_array_elements(v.definition -> 'dimensions')
        WITH ORDINALITY AS d(definition, place)
      WHERE v.tenant_id = $1 AND v.model_id = s.model_id AND v.version = s.version
        AND d.definition ->> 'key' = ${add(range.key, 'text')}) END])`;
    const bounds: string[] = [];
    if (range.min != null) bounds.push(`${points} >= ${add(range.min, 'float8')}`);
    if (range.max != null) bounds.push(`${points} <= ${add(range.max, 'float8')}`);
    return `COALESCE(${allOf(bounds)}, FALSE)`;
  }

  #daysAgo(days: number): string {
    return `now() - ${this.#parameters.add(days, 'float8')} * interval '24 hours'`;
  }

  #contact(filter: ContactFilter, modelId: string | null): string[] {
    const add = (value: unknown, type: string) => this.#parameters.add(value, type);
    const parts: string[] = [];
    if (filter.attribute) {
      parts.push(attributeConditionSql(filter.attribute, this.#scope.collation, this.#parameters));
    }
    if (filter.list != null) {
      // The list is looked up once: joined, and before the tables had statistics, all its members were read for each contact.
      parts.push(`EXISTS (SELECT FROM list_members m WHERE m.tenant_id = $1 AND m.contact_id = c.id AND m.list_id = (
        SELECT l.id FROM contact_lists l WHERE l.tenant_id = $1 AND l.key = ${add(filter.list, 'text')}))`);
    }
    if (filter.ownerIds) parts.push(`COALESCE(c.owner_id = ANY(${add(filter.ownerIds, 'uuid[]')}), FALSE)`);
    if (filter.owned != null) parts.push(`c.owner_id IS ${filter.owned ? 'NOT NULL' : 'NULL'}`);
    if (filter.activity) {
      const passive =
        findModel(this.#scope.active, modelId)?.compiled.passiveActionTypes ?? new Set<string>();
      const { collation } = this.#scope;
      parts.push(activityConditionSql(filter.activity, passive, collation, this.#parameters));
    }
    if (filter.text != null) parts.push(...this.#text(filter.text));
    // A saved filter asks its own models, whatever encloses it.
    const saved = filter.segmentId == null ? null : this.#scope.segments?.get(filter.segmentId.toLowerCase());
    if (filter.segmentId != null) parts.push(saved ? this.filter(saved.filter, null) : 'FALSE');
    return parts;
  }

  #text(text: string): string[] {
    const words = wordsOfText(text);
    if (words.length === 0) return [];
    const ids = this.#scope.texts?.get(text);
    if (ids) return [`c.id = ANY(${this.#parameters.add(ids, 'uuid[]')})`];
    const literal = words.filter(isLiteral);
    const parts = literal.map((word) => {
      const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
      return `c.search_text LIKE ${this.#parameters.add(pattern, 'text')}`;
    });
    const others = words.filter((word) => !isLiteral(word));
    if (others.length > 0) {
      parts.push(`text_closeness(c.search_text, ${this.#parameters.add(others, 'text[]')}) > 0`);
    }
    return parts;
  }
}

/** Whether a filter's own parts ask about the score. */
function asksScore(filter: ContactFilter): boolean {
  const { minTotal, maxTotal, stages, labels, dimension, activeSince, inactiveSince } = filter;
  const { activeWithinDays, inactiveForDays } = filter;
  const ofTotal = [minTotal, maxTotal, stages, labels, dimension];
  const ofActivity = [activeSince, inactiveSince, activeWithinDays, inactiveForDays];
  return [...ofTotal, ...ofActivity].some((part) => part != null);
}

function allOf(parts: string[]): string {
  return parts.length === 0 ? 'TRUE' : `(${parts.join(' AND ')})`;
}

function anyOf(parts: string[]): string {
  return parts.length === 0 ? 'FALSE' : `(${parts.join(' OR ')})`;
}
