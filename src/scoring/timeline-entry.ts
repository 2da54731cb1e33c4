import type { JsonObject, JsonValue } from './json-value.js';

/** Something the contact did, or that happened to it. */
export interface ActionEntry {
  kind: 'action';
  atMs: number;
  type: string;
  properties: JsonObject;
}

/** Attributes that became true; null removes one. Keys are attribute names as stored, not paths. */
export interface ProfileEntry {
  kind: 'profile';
  atMs: number;
  set: Record<string, JsonValue | null>;
}

/** A list joined or left. */
export interface ListEntry {
  kind: 'list';
  atMs: number;
  list: string;
  joined: boolean;
}

/** Points given or taken by a person or an integrator. */
export interface AdjustmentEntry {
  kind: 'adjustment';
  atMs: number;
  points: number;
  reason: string;
  /** Days of 24 h; for ever when absent. */
  expiresAfterDays?: number | null;
}

/** One entry of a contact's timeline. `atMs` is the instant it became true, in ms since 1970 UTC. */
export type TimelineEntry = ActionEntry | ProfileEntry | ListEntry | AdjustmentEntry;
