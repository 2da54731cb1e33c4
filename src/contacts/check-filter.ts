import { badInput, type FieldFault, LeadpulseError } from '../errors.js';
import { FaultList } from '../scoring/fault-list.js';
import type { AttributeCondition } from '../scoring/model-definition.js';
import { validateCondition } from '../scoring/validate-condition.js';
import { validateActivity } from '../scoring/validate-rule.js';
import {
  type ContactFilter,
  type DimensionRange,
  FILTER_DAYS_MAX,
  FILTER_DEPTH_MAX,
  FILTER_PARTS_MAX,
  FILTER_TEXT_CHARS_MAX,
  FILTER_VALUES_MAX,
  FILTER_WORDS_MAX,
} from '../store/contact-filter.js';
import { findModel } from '../store/find-model.js';
import type { ActiveModels } from '../store/model-registry.js';
import { isUuid } from '../uuid.js';
import { PATH_PARTS_MAX } from './attribute-source.js';
import { NO_SAVED_FILTERS, type SavedFilters } from './saved-filter.js';

/** Faults reported at most. */
const FAULTS_MAX = 100;

/**
 * Checks a filter before any SQL is made of it.
 * @param path of the filter in the caller's input, such as `filter`; faults have paths below it.
 * @param segments what `segmentId` may name.
 * @param within saved filters that this one is part of: it may not name them.
 * @throws LeadpulseError BAD_USER_INPUT with every fault, NOT_FOUND for a model that is not there or not active.
 */
export function checkFilter(
  filter: ContactFilter,
  active: ActiveModels,
  path: string,
  segments: SavedFilters = NO_SAVED_FILTERS,
  within: readonly string[] = [],
): void {
  const check = new FilterCheck(active, segments, within);
  check.filter(filter, path, 1, null);
  if (check.faults.length > 0) throw badInput(check.faults.slice(0, FAULTS_MAX));
}

class FilterCheck {
  readonly faults: FieldFault[] = [];
  readonly #active: ActiveModels;
  readonly #segments: SavedFilters;
  readonly #within: readonly string[];
  #parts: number;

  constructor(active: ActiveModels, segments: SavedFilters, within: readonly string[], parts = 0) {
    this.#active = active;
    this.#segments = segments;
    this.#within = within;
    this.#parts = parts;
  }

  filter(filter: ContactFilter, path: string, depth: number, outerModelId: string | null): void {
    if (depth > FILTER_DEPTH_MAX) {
      this.#fault(path, `Filters nest at most ${FILTER_DEPTH_MAX} deep.`);
      return;
    }
    const before = this.#parts;
    this.#parts += 1 + countConditions(filter);
    if (this.#parts > FILTER_PARTS_MAX) {
      if (before <= FILTER_PARTS_MAX) this.#fault(path, `A filter has at most ${FILTER_PARTS_MAX} parts.`);
      return;
    }
    const modelId = filter.modelId ?? outerModelId;
    this.#score(filter, path, modelId);
    this.#contact(filter, path);
    if (filter.segmentId != null) this.#segment(filter.segmentId, `${path}.segmentId`, depth);
    filter.all?.forEach((part, index) => {
      this.filter(part, `${path}.all.${index}`, depth + 1, modelId);
    });
    filter.any?.forEach((part, index) => {
      this.filter(part, `${path}.any.${index}`, depth + 1, modelId);
    });
    if (filter.not) this.filter(filter.not, `${path}.not`, depth + 1, modelId);
  }

  #score(filter: ContactFilter, path: string, modelId: string | null): void {
    const definition = findModel(this.#active, modelId)?.compiled;
    if (filter.minTotal != null && filter.maxTotal != null && filter.minTotal > filter.maxTotal) {
      this.#fault(`${path}.minTotal`, 'minTotal is above maxTotal: no contact can have such a total.');
    }
    this.#days(filter.activeWithinDays, `${path}.activeWithinDays`);
    this.#days(filter.inactiveForDays, `${path}.inactiveForDays`);
    this.#texts(filter.stages, `${path}.stages`);
    this.#texts(filter.labels, `${path}.labels`);
    if (!definition) return;
    const stageKeys = definition.stages.map((stage) => stage.key);
    filter.stages?.forEach((key, index) => {
      if (stageKeys.includes(key)) return;
      this.#fault(`${path}.stages.${index}`, `The model has no such stage; it has ${stageKeys.join(', ')}.`);
    });
    if (filter.dimension) {
      const dimensionKeys = definition.dimensions.map((dimension) => dimension.key);
      this.#dimension(filter.dimension, dimensionKeys, `${path}.dimension`);
    }
  }

  #dimension(range: DimensionRange, keys: string[], path: string): void {
    if (!keys.includes(range.key)) {
      this.#fault(`${path}.key`, `The model has no such dimension; it has ${keys.join(', ')}.`);
    }
    if (range.min == null && range.max == null) this.#fault(path, 'Give min, max or both.');
    if (range.min != null && range.max != null && range.min > range.max) {
      this.#fault(`${path}.min`, 'min is above max: no contact can have such points.');
    }
  }

  #contact(filter: ContactFilter, path: string): void {
    if (filter.attribute) this.#attribute(filter.attribute, `${path}.attribute`);
    if (filter.activity) {
      const found = new FaultList();
      validateActivity(found, filter.activity, `${path}.activity`);
      this.faults.push(...found.faults);
    }
    if (filter.list != null) this.#text(filter.list, `${path}.list`);
    this.#texts(filter.ownerIds, `${path}.ownerIds`);
    filter.ownerIds?.forEach((id, index) => {
      if (!isUuid(id))
        this.#fault(`${path}.ownerIds.${index}`, 'This is not the id of a sales representative.');
    });
    if (filter.text != null) {
      this.#text(filter.text, `${path}.text`);
      if (filter.text.trim().split(/\s+/).length > FILTER_WORDS_MAX) {
        this.#fault(`${path}.text`, `Give at most ${FILTER_WORDS_MAX} words.`);
      }
    }
  }

  /** A saved filter counts as if it stood here, but asks its own models. */
  #segment(id: string, path: string, depth: number): void {
    const segment = this.#segments.get(id.toLowerCase());
    if (!segment) {
      this.#fault(path, 'There is no segment of this id; `segments` lists them.');
      return;
    }
    if (this.#within.includes(segment.id)) {
      this.#fault(path, `The segment ${segment.key} cannot be part of itself, nor of what it is made of.`);
      return;
    }
    const inner = new FilterCheck(this.#active, this.#segments, [...this.#within, segment.id], this.#parts);
    try {
      inner.filter(segment.filter, '', depth + 1, null);
    } catch (error) {
      if (!(error instanceof LeadpulseError)) throw error;
      inner.faults.push({ path: '', message: error.message });
    }
    this.#parts = inner.#parts;
    const [fault] = inner.faults;
    if (!fault) return;
    const place = fault.path === '' ? '' : ` (at ${fault.path.replace(/^\./, '')})`;
    this.#fault(path, `The segment ${segment.key} cannot be asked as it stands: ${fault.message}${place}`);
  }

  #days(days: number | null | undefined, path: string): void {
    if (days == null || (days > 0 && days <= FILTER_DAYS_MAX)) return;
    this.#fault(path, `Give more than 0 and at most ${FILTER_DAYS_MAX} days.`);
  }

  #attribute(condition: AttributeCondition, path: string): void {
    this.#text(condition.attribute, `${path}.attribute`);
    if (condition.attribute === '') this.#fault(`${path}.attribute`, 'Name an attribute.');
    if (condition.attribute.split('.').length > PATH_PARTS_MAX) {
      this.#fault(`${path}.attribute`, `A path has at most ${PATH_PARTS_MAX} parts.`);
    }
    const found = new FaultList();
    validateCondition(found, { operator: condition.operator, value: condition.value }, path);
    this.faults.push(...found.faults);
  }

  #texts(texts: string[] | null | undefined, path: string): void {
    if (texts == null) return;
    if (texts.length > FILTER_VALUES_MAX) {
      this.#fault(path, `Give at most ${FILTER_VALUES_MAX} values.`);
      return;
    }
    texts.forEach((text, index) => {
      this.#text(text, `${path}.${index}`);
    });
  }

  /** What PostgreSQL would refuse as text is refused here. */
  #text(text: string, path: string): void {
    if (text.length > FILTER_TEXT_CHARS_MAX) {
      this.#fault(path, `Give at most ${FILTER_TEXT_CHARS_MAX} characters.`);
    }
    if (text.includes('\0') || !text.isWellFormed()) {
      this.#fault(path, 'The text holds a NUL or half of a surrogate pair.');
    }
  }

  #fault(path: string, message: string): void {
    this.faults.push({ path, message });
  }
}

/** The filter's own conditions; what nests in it counts itself. */
function countConditions(filter: ContactFilter): number {
  const { modelId: _model, all: _all, any: _any, not: _not, ...conditions } = filter;
  return Object.values(conditions).filter((condition) => condition != null).length;
}
