import { existsSync, readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '../../src/scoring/json-value.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';

/** A timeline entry as the vectors write it, with an RFC 3339 instant. */
export type VectorEntry = { occurredAt: string } & (
  | { kind: 'action'; type: string; properties: JsonObject }
  | { kind: 'profile'; set: Record<string, JsonValue> }
  | { kind: 'list'; list: string; joined: boolean }
  | { kind: 'adjustment'; points: number; reason: string; expiresAfterDays?: number }
);

/** The score that a vector promises at an instant. `stage` is a key. */
export interface VectorCheck {
  at: string;
  total: number;
  stage: string;
  label: string | null;
  dimensions: Record<string, number>;
}

export interface VectorCase {
  name: string;
  model: ModelDefinition;
  timeline: VectorEntry[];
  checks: VectorCheck[];
}

const VECTOR_FILES = ['worked.json', 'random.json'];
const VECTORS_FOLDER = new URL('../../../shared/vectors/', import.meta.url);

/**
 * The cases in `../shared/vectors` beside the repository.
 * @returns null when that folder is not there, which is so for most checkouts.
 */
export function loadVectors(): VectorCase[] | null {
  const files = VECTOR_FILES.map((file) => new URL(file, VECTORS_FOLDER));
  if (!files.every((file) => existsSync(file))) return null;
  return files.flatMap((file) => (JSON.parse(readFileSync(file, 'utf8')) as { cases: VectorCase[] }).cases);
}

/** The entry as the core takes it. */
export function timelineEntryOf({ occurredAt, ...entry }: VectorEntry): TimelineEntry {
  return { ...entry, atMs: Date.parse(occurredAt) };
}
