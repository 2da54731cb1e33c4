import type { SampleValue } from '../store/uses/sample-value.js';
import type { ValueKind } from '../store/uses/value-kind.js';

/** How an attribute is used: kept as it is in `contact_attribute_counts.attributes`. */
export interface AttributeCount {
  /** The path by which rules name it: `jobTitle`, `answers.budget`. */
  attribute: string;
  /** The kind that most contacts have. */
  kind: ValueKind;
  /** Contacts that have a value. */
  filled: number;
  /** True when `filled` is estimated from some of the contacts. */
  sampled: boolean;
  /** The most frequent values, the most frequent first. */
  samples: SampleValue[];
}

/** The attributes of a tenant's contacts at one instant. */
export interface AttributeCounts {
  /** Ms since 1970. */
  countedAtMs: number;
  /** Contacts there were. */
  contacts: number;
  /** False when there were more attributes than are kept. */
  complete: boolean;
  /** Standard ones first, in their order, then the others, the most filled ones first. */
  attributes: AttributeCount[];
}
