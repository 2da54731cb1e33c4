import type { JsonObject } from '../../scoring/json-value.js';
import { type SampleValue, samplesOf } from './sample-value.js';
import { type ValueKind, visitValues } from './value-kind.js';

/** What is known of a property of an action type: kept as it is in `action_types.properties`. */
export interface PropertyUse {
  /** The path by which rules name it: `resource`, `answers.budget`. */
  name: string;
  /** Every kind that it was seen with. */
  kinds: ValueKind[];
  /** Some of its values, the latest first. */
  samples: SampleValue[];
}

/** Properties that are kept of one action type; further names are left out. */
export const PROPERTIES_MAX = 50;
/** Values that are kept of one property. */
export const SAMPLES_MAX = 8;
/** Values of one action that are looked at. */
const VALUES_MAX = 200;
/** All properties of one type as JSON; samples over it are left out. */
export const PROPERTIES_BYTES_MAX = 16_384;

/** Collects the properties of actions of one type. Bounded: `PROPERTIES_MAX` names, `SAMPLES_MAX` values each. */
export class PropertyTally {
  readonly #uses = new Map<string, PropertyUse>();

  add(properties: JsonObject): void {
    visitValues(properties, VALUES_MAX, (name, kind, value) => {
      let use = this.#uses.get(name);
      if (!use) {
        if (this.#uses.size >= PROPERTIES_MAX) return;
        use = { name, kinds: [], samples: [] };
        this.#uses.set(name, use);
      }
      if (!use.kinds.includes(kind)) use.kinds.push(kind);
      if (use.samples.length >= SAMPLES_MAX) return;
      for (const sample of samplesOf(value)) addSample(use.samples, sample);
    });
  }

  get uses(): PropertyUse[] {
    return [...this.#uses.values()];
  }
}

/**
 * Both together, with the newer samples first and the names in the order in which they became known. Never more than
 * `PROPERTIES_MAX` properties, `SAMPLES_MAX` samples each and `PROPERTIES_BYTES_MAX` of JSON.
 */
export function mergePropertyUses(
  older: readonly PropertyUse[],
  newer: readonly PropertyUse[],
): PropertyUse[] {
  const merged = new Map<string, PropertyUse>();
  for (const { name, kinds, samples } of [...newer, ...older]) {
    const use = merged.get(name) ?? { name, kinds: [], samples: [] };
    merged.set(name, use);
    for (const kind of kinds) if (!use.kinds.includes(kind)) use.kinds.push(kind);
    for (const sample of samples) addSample(use.samples, sample);
  }
  const names = new Set([...older, ...newer].map((use) => use.name));
  const kept = [...names].slice(0, PROPERTIES_MAX).flatMap((name) => merged.get(name) ?? []);
  return withinBytes(kept);
}

function addSample(samples: SampleValue[], sample: SampleValue): void {
  if (samples.length < SAMPLES_MAX && !samples.includes(sample)) samples.push(sample);
}

/** Leaves out what does not fit into `PROPERTIES_BYTES_MAX`: samples before properties, the last ones first. */
function withinBytes(uses: readonly PropertyUse[]): PropertyUse[] {
  let left = PROPERTIES_BYTES_MAX;
  const fits = (value: unknown) => {
    // One more for the comma.
    left -= Buffer.byteLength(JSON.stringify(value)) + 1;
    return left >= 0;
  };
  const bare = uses.filter((use) => fits({ ...use, samples: [] }));
  return bare.map((use) => ({ ...use, samples: use.samples.filter(fits) }));
}
