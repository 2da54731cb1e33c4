import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { Foundation1700000000000 } from '../../migrations/1700000000000-foundation.js';
import { ApiKey } from './entities/api-key.js';
import { Contact } from './entities/contact.js';
import { ContactIdentity } from './entities/contact-identity.js';
import { ContactList } from './entities/contact-list.js';
import { ContactScore } from './entities/contact-score.js';
import { IdempotencyKey } from './entities/idempotency-key.js';
import { Installation } from './entities/installation.js';
import { Job } from './entities/job.js';
import { ListMember } from './entities/list-member.js';
import { SalesRep } from './entities/sales-rep.js';
import { ScoreEvent } from './entities/score-event.js';
import { ScoringModel } from './entities/scoring-model.js';
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
      SalesRep,
      ScoreEvent,
      ScoringModel,
      ScoringModelVersion,
      Tenant,
      TenantFeed,
      TimelineRow,
    ],
    migrations: [Foundation1700000000000],
    migrationsTableName: 'migrations',
    synchronize: false,
    applicationName: options.applicationName,
    poolSize: options.poolMax,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
  });
}
