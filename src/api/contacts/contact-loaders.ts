import DataLoader from 'dataloader';
import type pg from 'pg';
import type { Viewer } from '../../access/viewer.js';
import { followMerges, knownId, readContactIds, readContactRows } from '../../contacts/contact-lookup.js';
import {
  type ContactListRow,
  type IdentityRow,
  readIdentitiesOfContacts,
  readListsOfContacts,
  readMemberCounts,
  readSalesReps,
  type SalesRepRow,
} from '../../contacts/contact-relations.js';
import type { ContactRow } from '../../contacts/contact-row.js';
import {
  type ReplayKey,
  readContactsWithScores,
  readScoreRows,
  readScoresIfCurrent,
  readScoresOfContacts,
  replayStates,
  type ScoreKey,
} from '../../contacts/score-reading.js';
import {
  type RecordedEntry,
  readTimelineStretches,
  type TimelineStretch,
} from '../../contacts/timeline-reading.js';
import type { ChangeRecord } from '../../feed/change-record.js';
import type { ScoreState } from '../../scoring/score-state.js';
import type { ContactKey } from '../../store/identity.js';
import type { ActiveModels, ModelVersion } from '../../store/model-registry.js';
import type { ScoreRow } from '../../store/score-row.js';
import { tenantRead } from '../../store/tenant-scope.js';
import type { Services } from '../services.js';
import { type ContactType, contactOfRow } from './contact-type.js';
import { type HistoryStretch, readHistoryStretches } from './score-history.js';

/** Keys in one statement at most. */
const KEYS_PER_STATEMENT_MAX = 1_000;
/** Timelines replayed over one connection at most. */
const REPLAYS_PER_CONNECTION_MAX = 50;

/** One published version of one model. */
export interface VersionKey {
  modelId: string;
  version: number;
}

/** Batched reads around contacts: a page takes the same number of statements whatever its size. */
export interface ContactLoaders {
  /** What the tenant scores with, asked once. */
  activeModels(): Promise<ActiveModels>;
  /** Spares that question where something else has just read them. */
  knowActiveModels(active: ActiveModels): void;
  /** The contact of an id, or the one it was merged into; null when there is none. */
  contactById: DataLoader<string, ContactType | null>;
  /** A row as it is, merged or not. */
  contactRowById: DataLoader<string, ContactRow | null>;
  contactIdByKey: DataLoader<ContactKey, string | null, string>;
  /** Reads a contact of an id together with its scores, for the loaders of both; answers whether there is one. */
  contactWithScores: DataLoader<string, boolean>;
  salesRepById: DataLoader<string, SalesRepRow | null>;
  listsOfContact: DataLoader<string, ContactListRow[]>;
  memberCountOfList: DataLoader<string, number>;
  identitiesOfContact: DataLoader<string, IdentityRow[]>;
  /** A contact's score row on one model; null when it is not scored on it. */
  scoreRow: DataLoader<ScoreKey, ScoreRow | null, string>;
  /** A contact's score rows on all active models. */
  scoreRowsOfContact: DataLoader<string, ScoreRow[]>;
  modelVersion: DataLoader<VersionKey, ModelVersion | null, string>;
  replayedState: DataLoader<ReplayKey, ScoreState, string>;
  timelineStretch: DataLoader<TimelineStretch, RecordedEntry[], string>;
  historyStretch: DataLoader<HistoryStretch, ChangeRecord[], string>;
}

type Read<K, V> = (client: pg.PoolClient, tenantId: string, keys: readonly K[]) => Promise<V[]>;

/** Fresh loaders of the viewer's tenant. */
export function createContactLoaders(services: Services, viewer: Viewer): ContactLoaders {
  const { db, registry } = services;
  const { tenantId } = viewer;
  const read =
    <K, V>(work: Read<K, V>) =>
    (keys: readonly K[]) =>
      tenantRead(db, tenantId, (client) => work(client, tenantId, keys));
  const byId = <V>(work: Read<string, V>) =>
    new DataLoader<string, V>(read(work), { maxBatchSize: KEYS_PER_STATEMENT_MAX });
  const byKey = <K, V>(
    work: Read<K, V>,
    cacheKeyFn: (key: K) => string,
    maxBatchSize = KEYS_PER_STATEMENT_MAX,
  ) => new DataLoader<K, V, string>(read(work), { cacheKeyFn, maxBatchSize });

  let active: Promise<ActiveModels> | undefined;
  const activeModels = () => {
    active ??= registry.current(tenantId);
    return active;
  };
  const scoresUnderSeen = async (ids: readonly string[]) => {
    const seen = await registry.cached(tenantId);
    const rows = await readScoresIfCurrent(db, tenantId, ids, seen);
    if (!rows) return null;
    active ??= Promise.resolve(seen);
    // Whoever asked meanwhile may have met other models.
    return (await active) === seen ? rows : null;
  };
  const contactRowById = byId(readContactRows);
  const loaders = {
    contactRowById,
    contactById: new DataLoader((ids: readonly string[]) =>
      Promise.all(ids.map((id) => standingContact(id, contactRowById))),
    ),
    contactIdByKey: new DataLoader<ContactKey, string | null, string>(
      (keys) =>
        keys.every(({ kind }) => kind === 'id')
          ? Promise.resolve(keys.map(knownId))
          : tenantRead(db, tenantId, (client) => readContactIds(client, tenantId, keys)),
      { cacheKeyFn: (key) => `${key.kind} ${key.value}`, maxBatchSize: KEYS_PER_STATEMENT_MAX },
    ),
    salesRepById: byId(readSalesReps),
    listsOfContact: byId(readListsOfContacts),
    memberCountOfList: byId(readMemberCounts),
    identitiesOfContact: byId(readIdentitiesOfContacts),
    scoreRow: byKey(readScoreRows, (key) => `${key.contactId} ${key.modelId}`),
    scoreRowsOfContact: new DataLoader(
      async (ids: readonly string[]) => {
        const current = active ? null : await scoresUnderSeen(ids);
        if (current) return current;
        // Asked before a connection is taken: holding one while waiting for another could lock a small pool up.
        const modelIds = (await activeModels()).models.map((model) => model.modelId);
        return tenantRead(db, tenantId, (client) => readScoresOfContacts(client, tenantId, ids, modelIds));
      },
      { maxBatchSize: KEYS_PER_STATEMENT_MAX },
    ),
    modelVersion: new DataLoader<VersionKey, ModelVersion | null, string>(
      (keys) => Promise.all(keys.map((key) => registry.findVersion(tenantId, key.modelId, key.version))),
      { cacheKeyFn: (key) => `${key.modelId} ${key.version}` },
    ),
    replayedState: byKey(
      replayStates,
      ({ contactId, model, atMs }) => `${contactId} ${model.modelId} ${model.version} ${atMs}`,
      REPLAYS_PER_CONNECTION_MAX,
    ),
    timelineStretch: byKey(
      readTimelineStretches,
      ({ contactId, before, limit }) => `${contactId} ${before?.atMs} ${before?.seq} ${limit}`,
    ),
    historyStretch: new DataLoader<HistoryStretch, ChangeRecord[], string>(
      (keys) => readHistoryStretches(db, tenantId, keys),
      {
        cacheKeyFn: ({ contactId, modelId, before, limit }) => `${contactId} ${modelId} ${before} ${limit}`,
        maxBatchSize: KEYS_PER_STATEMENT_MAX,
      },
    ),
  };
  const knowActiveModels = (known: ActiveModels) => {
    active ??= Promise.resolve(known);
  };
  const readWithScores = async (ids: readonly string[]) => {
    const seen = await registry.cached(tenantId);
    const { rows, scores } = await readContactsWithScores(db, tenantId, ids, seen);
    for (const [index, id] of ids.entries()) loaders.contactRowById.prime(id, rows[index] ?? null);
    if (scores) knowActiveModels(seen);
    if (scores && (await active) === seen) {
      for (const [index, id] of ids.entries()) loaders.scoreRowsOfContact.prime(id, scores[index] ?? []);
    }
    return rows.map((row) => row !== null);
  };
  const contactWithScores = new DataLoader(readWithScores, { maxBatchSize: KEYS_PER_STATEMENT_MAX });
  return { ...loaders, activeModels, knowActiveModels, contactWithScores };
}

async function standingContact(
  id: string,
  rows: DataLoader<string, ContactRow | null>,
): Promise<ContactType | null> {
  const row = await followMerges(id, (wanted) => rows.load(wanted));
  return row && contactOfRow(row);
}
