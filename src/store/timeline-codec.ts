import type { JsonObject, JsonValue } from '../scoring/json-value.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';

/** `timeline.kind`. */
export const TIMELINE_KIND_CODES: Record<TimelineEntry['kind'], number> = {
  action: 1,
  profile: 2,
  list: 3,
  adjustment: 4,
};

/** What the three columns kind, type and body of a timeline row hold. */
export interface StoredEntry {
  kind: number;
  type: string;
  body: string | null;
}

interface AdjustmentBody {
  points: number;
  reason: string;
  expiresAfterDays?: number;
}

/** An entry as its columns. An action without properties has no body. */
export function encodeEntry(entry: TimelineEntry): StoredEntry {
  const kind = TIMELINE_KIND_CODES[entry.kind];
  switch (entry.kind) {
    case 'action': {
      const body = JSON.stringify(entry.properties);
      return { kind, type: entry.type, body: body === '{}' ? null : body };
    }
    case 'profile':
      return { kind, type: '', body: JSON.stringify(entry.set) };
    case 'list':
      return { kind, type: entry.list, body: JSON.stringify({ joined: entry.joined }) };
    case 'adjustment': {
      const { points, reason } = entry;
      const expires = entry.expiresAfterDays;
      const body: AdjustmentBody =
        expires == null ? { points, reason } : { points, reason, expiresAfterDays: expires };
      return { kind, type: '', body: JSON.stringify(body) };
    }
  }
}

/** The entry behind the columns. @throws Error for a kind that this version does not know. */
export function decodeEntry(atMs: number, stored: StoredEntry): TimelineEntry {
  const body = stored.body;
  switch (stored.kind) {
    case 1:
      return {
        kind: 'action',
        atMs,
        type: stored.type,
        properties: body ? (JSON.parse(body) as JsonObject) : {},
      };
    case 2:
      return {
        kind: 'profile',
        atMs,
        set: body ? (JSON.parse(body) as Record<string, JsonValue | null>) : {},
      };
    case 3:
      return {
        kind: 'list',
        atMs,
        list: stored.type,
        joined: (JSON.parse(body ?? '{}') as { joined: boolean }).joined,
      };
    case 4:
      return { kind: 'adjustment', atMs, ...(JSON.parse(body ?? '{}') as AdjustmentBody) };
    default:
      throw new Error(`timeline entry of unknown kind ${stored.kind}`);
  }
}
