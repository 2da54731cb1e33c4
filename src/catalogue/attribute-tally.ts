import type { JsonObject } from '../scoring/json-value.js';
import {
  isStandardAttribute,
  STANDARD_ATTRIBUTES,
  STANDARD_NAMES,
  type StandardAttribute,
} from '../store/standard-attributes.js';
import { type SampleValue, samplesOf } from '../store/uses/sample-value.js';
import { type ValueKind, visitValues } from '../store/uses/value-kind.js';
import type { AttributeCount } from './attribute-count.js';

/** Custom attributes that are kept, the most filled ones. */
export const CUSTOM_ATTRIBUTES_MAX = 500;
/** Custom attributes that are counted; over it new names are passed over. */
const COUNTED_MAX = 2_000;
/** Different values of one attribute that are counted; over it new ones are passed over. */
const VALUES_COUNTED_MAX = 1_000;
/** Values of one contact that are looked at. */
const CONTACT_VALUES_MAX = 2_000;
const SAMPLES_MAX = 8;
/** Contacts that must share a value before it is shown: what only one has may tell who that is. */
const SAMPLE_HOLDERS_MIN = 2;
/** Attributes whose values name a person; never shown. */
const PERSONAL_ATTRIBUTES: ReadonlySet<string> = new Set<StandardAttribute>([
  'email',
  'externalId',
  'firstName',
  'lastName',
]);

const PLACES: readonly string[] = STANDARD_NAMES;

interface Counted {
  filled: number;
  kinds: Map<ValueKind, number>;
  /** Null for what is never shown. */
  values: Map<SampleValue, number> | null;
}

/** Counts attributes over contacts. Bounded: `COUNTED_MAX` attributes, `VALUES_COUNTED_MAX` values each. */
export class AttributeTally {
  readonly #counted = new Map<string, Counted>();
  readonly #topLevel = new Set<string>(STANDARD_NAMES);
  #contacts = 0;
  #complete = true;

  constructor() {
    for (const name of STANDARD_NAMES) this.#begin(name);
  }

  /** @param profile standard and custom attributes by name, at least those that are not null. */
  add(profile: JsonObject): void {
    this.#contacts++;
    for (const name in profile) if (profile[name] !== null) this.#noteName(name);
    visitValues(profile, CONTACT_VALUES_MAX, (path, kind, value) => {
      const counted = this.#counted.get(path) ?? this.#begin(path);
      if (!counted) return;
      counted.filled++;
      counted.kinds.set(kind, (counted.kinds.get(kind) ?? 0) + 1);
      if (counted.values) for (const sample of samplesOf(value)) noteValue(counted.values, sample);
    });
  }

  /** Contacts that were added. */
  get contacts(): number {
    return this.#contacts;
  }

  /** Whether every attribute of the contacts that were added is among the counts. */
  get complete(): boolean {
    return this.#complete && this.#counted.size - STANDARD_NAMES.length <= CUSTOM_ATTRIBUTES_MAX;
  }

  /** The names that contacts have at the top level, and all standard ones. */
  get names(): string[] {
    return [...this.#topLevel];
  }

  /**
   * The counts, as far as they are kept.
   * @param contacts how many contacts those that were added stand for.
   */
  counts(contacts: number): AttributeCount[] {
    const sampled = contacts > this.#contacts;
    const factor = sampled && this.#contacts > 0 ? contacts / this.#contacts : 1;
    const all = [...this.#counted].map(([attribute, counted]) => ({
      attribute,
      kind: kindOf(attribute, counted),
      filled: Math.round(counted.filled * factor),
      sampled,
      samples: frequentValues(counted.values),
    }));
    return sortCounts(all);
  }

  #noteName(name: string): void {
    if (this.#topLevel.has(name)) return;
    if (this.#topLevel.size < COUNTED_MAX) this.#topLevel.add(name);
    else this.#complete = false;
  }

  #begin(path: string): Counted | null {
    if (this.#counted.size >= COUNTED_MAX) {
      this.#complete = false;
      return null;
    }
    const values = PERSONAL_ATTRIBUTES.has(path) ? null : new Map<SampleValue, number>();
    const counted: Counted = { filled: 0, kinds: new Map(), values };
    this.#counted.set(path, counted);
    return counted;
  }
}

/** Standard attributes in their order, then at most `CUSTOM_ATTRIBUTES_MAX` others, the most filled ones first. */
export function sortCounts(counts: readonly AttributeCount[]): AttributeCount[] {
  const standard = counts
    .filter(({ attribute }) => isStandardAttribute(attribute))
    .sort((a, b) => PLACES.indexOf(a.attribute) - PLACES.indexOf(b.attribute));
  const custom = counts
    .filter(({ attribute }) => !isStandardAttribute(attribute))
    .sort((a, b) => b.filled - a.filled || (a.attribute < b.attribute ? -1 : 1));
  return [...standard, ...custom.slice(0, CUSTOM_ATTRIBUTES_MAX)];
}

/** A standard attribute is of the kind that its column takes. */
function kindOf(attribute: string, { kinds }: Counted): ValueKind {
  if (isStandardAttribute(attribute))
    return STANDARD_ATTRIBUTES[attribute].type === 'text' ? 'TEXT' : 'NUMBER';
  let most: ValueKind = 'OTHER';
  for (const [kind, count] of kinds) if (count > (kinds.get(most) ?? 0)) most = kind;
  return most;
}

function noteValue(values: Map<SampleValue, number>, value: SampleValue): void {
  const before = values.get(value);
  if (before !== undefined) values.set(value, before + 1);
  else if (values.size < VALUES_COUNTED_MAX) values.set(value, 1);
}

function frequentValues(values: ReadonlyMap<SampleValue, number> | null): SampleValue[] {
  return [...(values ?? [])]
    .filter(([, holders]) => holders >= SAMPLE_HOLDERS_MIN)
    .sort(([valueA, a], [valueB, b]) => b - a || (valueA < valueB ? -1 : 1))
    .slice(0, SAMPLES_MAX)
    .map(([value]) => value);
}
