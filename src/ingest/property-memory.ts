import type { SequencedEntry } from '../store/score-cursor.js';
import { PROPERTIES_MAX, type PropertyUse, SAMPLES_MAX } from '../store/uses/property-use.js';
import type { SampleValue } from '../store/uses/sample-value.js';
import type { ValueKind } from '../store/uses/value-kind.js';
import { type ActionTypeUse, usesOf } from './action-type-uses.js';

/** For how long a process remembers what it stored of a type; after that it looks again, so that samples stay recent. */
const REMEMBERED_MS = 10 * 60_000;
/** Actions of a type that are looked at in that time. */
const LOOKS_MAX = 200;
/** Types remembered in all, a few KB each as a rule; over it everything is forgotten. */
const TYPES_MAX = 2_000;

interface StoredProperty {
  kinds: Set<ValueKind>;
  samples: Set<SampleValue>;
}

interface StoredType {
  untilMs: number;
  looksLeft: number;
  properties: Map<string, StoredProperty>;
}

/**
 * What this process has stored of the properties of action types lately, so that batches carry names and samples only
 * while there is something new: the first actions of a type write a little more, all others a count.
 */
export class PropertyMemory {
  readonly #types = new Map<string, StoredType>();

  /**
   * What a batch says about action types, with only those properties, kinds and samples that are not stored yet.
   * @param entries of the batch, as they are written: repeats that were answered from a key are none.
   */
  usesOf(tenantId: string, entries: Iterable<SequencedEntry>, nowMs: number): ActionTypeUse[] {
    const uses = usesOf(entries, (type) => this.#get(tenantId, type, nowMs)?.looksLeft ?? LOOKS_MAX);
    return uses.map((use) => {
      const stored = this.#get(tenantId, use.type, nowMs);
      if (!stored || use.properties.length === 0) return use;
      return { ...use, properties: use.properties.flatMap((property) => newIn(property, stored)) };
    });
  }

  /** Remembers uses that have been committed. */
  remember(tenantId: string, uses: readonly ActionTypeUse[], nowMs: number): void {
    for (const use of uses) {
      if (use.looked === 0) continue;
      const stored = this.#get(tenantId, use.type, nowMs) ?? this.#begin(tenantId, use.type, nowMs);
      stored.looksLeft = Math.max(0, stored.looksLeft - use.looked);
      for (const property of use.properties) add(stored, property);
    }
  }

  #get(tenantId: string, type: string, nowMs: number): StoredType | undefined {
    const stored = this.#types.get(keyOf(tenantId, type));
    return stored && stored.untilMs > nowMs ? stored : undefined;
  }

  #begin(tenantId: string, type: string, nowMs: number): StoredType {
    if (this.#types.size >= TYPES_MAX) this.#types.clear();
    const stored = { untilMs: nowMs + REMEMBERED_MS, looksLeft: LOOKS_MAX, properties: new Map() };
    this.#types.set(keyOf(tenantId, type), stored);
    return stored;
  }
}

/** A tenant's id has the same length always, so that no two pairs have the same key. */
function keyOf(tenantId: string, type: string): string {
  return tenantId + type;
}

function newIn(property: PropertyUse, stored: StoredType): PropertyUse[] {
  const { name } = property;
  const known = stored.properties.get(name);
  if (!known) return stored.properties.size < PROPERTIES_MAX ? [property] : [];
  const kinds = property.kinds.filter((kind) => !known.kinds.has(kind));
  const room = Math.max(0, SAMPLES_MAX - known.samples.size);
  const samples = property.samples.filter((sample) => !known.samples.has(sample)).slice(0, room);
  return kinds.length + samples.length > 0 ? [{ name, kinds, samples }] : [];
}

function add(stored: StoredType, { name, kinds, samples }: PropertyUse): void {
  const known = stored.properties.get(name) ?? { kinds: new Set(), samples: new Set() };
  stored.properties.set(name, known);
  for (const kind of kinds) known.kinds.add(kind);
  for (const sample of samples) known.samples.add(sample);
}
