import type pg from 'pg';
import { LeadpulseError } from '../errors.js';
import { AHEAD_MS_MAX } from '../store/advance-contact.js';
import type { ContactProfile } from '../store/contact-profile.js';
import type { ActiveModels, ModelRegistry } from '../store/model-registry.js';
import { readScores } from '../store/read-scores.js';
import type { EntryVisitor, PackedTimeline } from '../store/read-timelines.js';
import { readTimeline } from '../store/replay-timeline.js';
import { deriveEntry, emptyContact } from '../store/rewriting/derive-contact.js';
import { MERGE_ENTRIES_MAX } from '../store/rewriting/merge-contacts.js';
import { rescoreContact } from '../store/rewriting/rescore-contact.js';
import type { SequencedEntry } from '../store/score-cursor.js';
import { type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';

/** What a merge would lead to. */
export interface MergePreview {
  intoId: string;
  fromId: string;
  /** Entries of the united timeline. */
  entries: number;
  profile: ContactProfile;
  /** Keys of the lists that the contact would be on. */
  lists: string[];
  /** One row per active model, the primary first. */
  scores: ScoreRow[];
  /** The rows as they are stored, of either contact. */
  before: ScoreRow[];
}

/** What a preview reads from. */
export interface PreviewScope {
  /** A pipelined connection, scoped to the tenant. */
  client: pg.ClientBase;
  tenantId: string;
  active: ActiveModels;
  registry: ModelRegistry;
}

/**
 * The contact that a merge would make, computed in memory: nothing is written and nothing locked.
 * @param intoId the contact that would stay, and `fromId` the one that would become part of it; both stand for themselves.
 * @throws LeadpulseError TOO_COMPLEX when both have more than `MERGE_ENTRIES_MAX` entries together.
 */
export async function previewMerge(
  scope: PreviewScope,
  intoId: string,
  fromId: string,
): Promise<MergePreview> {
  const { client, tenantId } = scope;
  const { rows: clock } = await client.query<{ now: number }>('SELECT clock_timestamp() AS now');
  const nowMs = clock[0]?.now ?? 0;
  const { text, values } = readScores(tenantId, [intoId, fromId]);
  const stored = await client.query<ScoreDbRow>({ name: 'read_scores', text, values: values ?? [] });
  const before = stored.rows.map(scoreRowOf);
  const timeline = await readBoth(scope, [intoId, fromId], nowMs + AHEAD_MS_MAX);
  const derived = emptyContact();
  for (const { entry } of timeline) deriveEntry(derived, entry);
  const rows = before.filter((row) => row.contactId === intoId);
  const { rows: scores } = await rescoreContact(
    { ...scope, nowMs, replayEntriesMax: Number.POSITIVE_INFINITY },
    { contactId: intoId, rows, timeline: inMemory(timeline) },
    'MERGE',
    null,
  );
  const { profile, lists } = derived;
  return {
    intoId,
    fromId,
    entries: timeline.length,
    profile,
    lists: [...lists.keys()].sort(),
    scores,
    before,
  };
}

function inMemory(timeline: readonly SequencedEntry[]): Pick<PackedTimeline, 'visit'> {
  const packed = {
    length: timeline.length,
    visit(visitor: EntryVisitor) {
      for (const { entry, seq } of timeline) visitor(entry, seq);
    },
  };
  return packed;
}

async function readBoth(
  { client, tenantId }: PreviewScope,
  contactIds: readonly string[],
  untilMs: number,
): Promise<SequencedEntry[]> {
  const entries: SequencedEntry[] = [];
  for (const contactId of contactIds) {
    for await (const page of readTimeline(client, tenantId, contactId, untilMs)) {
      entries.push(...page);
      if (entries.length > MERGE_ENTRIES_MAX) throw tooMany();
    }
  }
  return entries.sort((a, b) => a.entry.atMs - b.entry.atMs || a.seq - b.seq);
}

function tooMany(): LeadpulseError {
  return new LeadpulseError(
    'TOO_COMPLEX',
    `Both timelines have more than ${MERGE_ENTRIES_MAX} entries together, the most that a preview reads.`,
  );
}
