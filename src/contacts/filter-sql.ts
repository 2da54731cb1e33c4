import type { ActiveModel, ActiveModels } from '../store/model-registry.js';
import { attributeConditionSql } from './attribute-condition-sql.js';
import type { ContactFilter } from './contact-filter.js';
import { findModel } from './find-model.js';
import type { SqlParameters } from './sql-parameters.js';

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
}

/**
 * A checked filter as SQL over `contacts c` that is true or false, never null. Conditions on scores hold only for contacts
 * that are scored on the model.
 */
export function filterSql(filter: ContactFilter, scope: FilterScope, parameters: SqlParameters): string {
  return new FilterTranslation(scope, parameters).filter(filter, null);
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
      ...this.#contact(filter),
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

  #contact(filter: ContactFilter): string[] {
    const add = (value: unknown, type: string) => this.#parameters.add(value, type);
    const parts: string[] = [];
    if (filter.attribute) {
      parts.push(attributeConditionSql(filter.attribute, this.#scope.collation, this.#parameters));
    }
    if (filter.list != null) {
      parts.push(`EXISTS (SELECT FROM contact_lists l JOIN list_members m ON m.tenant_id = l.tenant_id AND m.list_id = l.id
        WHERE l.tenant_id = $1 AND l.key = ${add(filter.list, 'text')} AND m.contact_id = c.id)`);
    }
    if (filter.ownerIds) parts.push(`COALESCE(c.owner_id = ANY(${add(filter.ownerIds, 'uuid[]')}), FALSE)`);
    if (filter.text != null) {
      for (const word of filter.text.toLowerCase().split(/\s+/).filter(Boolean)) {
        parts.push(`c.search_text LIKE ${add(`%${word.replace(/[\\%_]/g, '\\$&')}%`, 'text')}`);
      }
    }
    return parts;
  }
}

/** Whether a filter's own parts ask about the score. */
function asksScore(filter: ContactFilter): boolean {
  const { minTotal, maxTotal, stages, labels, dimension, activeSince, inactiveSince } = filter;
  const parts = [minTotal, maxTotal, stages, labels, dimension, activeSince, inactiveSince];
  return parts.some((part) => part != null);
}

function allOf(parts: string[]): string {
  return parts.length === 0 ? 'TRUE' : `(${parts.join(' AND ')})`;
}

function anyOf(parts: string[]): string {
  return parts.length === 0 ? 'FALSE' : `(${parts.join(' OR ')})`;
}
