import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { Foundation1700000000000 } from '../../migrations/1700000000000-foundation.js';
import { ModelDrafts1700000001000 } from '../../migrations/1700000001000-model-drafts.js';
import { Previews1700000002000 } from '../../migrations/1700000002000-previews.js';
import { Jobs1700000003000 } from '../../migrations/1700000003000-jobs.js';
import { Catalogue1700000004000 } from '../../migrations/1700000004000-catalogue.js';
import { Identity1700000005000 } from '../../migrations/1700000005000-identity.js';
import { Segments1700000006000 } from '../../migrations/1700000006000-segments.js';
import { Transfers1700000007000 } from '../../migrations/1700000007000-transfers.js';
import { AnalyticsFacts1700000008000 } from '../../migrations/1700000008000-analytics-facts.js';
import { AnalyticsIndexes1700000009000 } from '../../migrations/1700000009000-analytics-indexes.js';
import { Experiments1700000010000 } from '../../migrations/1700000010000-experiments.js';
import { OutcomesBesideScores1700000011000 } from '../../migrations/1700000011000-outcomes-beside-scores.js';
import { ApiKey } from './entities/api-key.js';
import { Contact } from './entities/contact.js';
import { ContactIdentity } from './entities/contact-identity.js';
import { ContactList } from './entities/contact-list.js';
import { ContactScore } from './entities/contact-score.js';
import { IdempotencyKey } from './entities/idempotency-key.js';
import { Installation } from './entities/installation.js';
import { Job } from './entities/job.js';
import { ListMember } from './entities/list-member.js';
import { ModelChangeEntry } from './entities/model-change-entry.js';
import { SalesRep } from './entities/sales-rep.js';
import { ScoreEvent } from './entities/score-event.js';
import { ScoringModel } from './entities/scoring-model.js';
import { ScoringModelDraft } from './entities/scoring-model-draft.js';
import { ScoringModelVersion } from './entities/scoring-model-version.js';
import { Tenant } from './entities/tenant.js';
import { TenantFeed } from './entities/tenant-feed.js';
import { TimelineRow } from './entities/timeline-row.js';

const CONNECT_TIMEOUT_MS = 5_000;

/** What a data source needs to know beside the address. */
export interface DataSourceOptions {
  /** Connections at most; a caller waits `CONNECT_TIMEOUT_MS` for one, then gets an error. */
  poolMax: number;
  applicationName: string;
}

/**
 * The TypeORM data source: entities, migrations, and the pool for everything that is not a hot path.
 * Not connected yet; call `initialize()`.
 */
export function createDataSource(url: string, options: DataSourceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: [
      ApiKey,
      Contact,
      ContactIdentity,
      ContactList,
      ContactScore,
      IdempotencyKey,
      Installation,
      Job,
      ListMember,
      ModelChangeEntry,
      SalesRep,
      ScoreEvent,
      ScoringModel,
      ScoringModelDraft,
      ScoringModelVersion,
      Tenant,
      TenantFeed,
      TimelineRow,
    ],
    migrations: [
      Foundation1700000000000,
      ModelDrafts1700000001000,
      Previews1700000002000,
      Jobs1700000003000,
      Catalogue1700000004000,
      Identity1700000005000,
      Segments1700000006000,
      Transfers1700000007000,
      AnalyticsFacts1700000008000,
      AnalyticsIndexes1700000009000,
      Experiments1700000010000,
      OutcomesBesideScores1700000011000,
    ],
    migrationsTableName: 'migrations',
    synchronize: false,
    applicationName: options.applicationName,
    poolSize: options.poolMax,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
  });
}
