import type { AccessService } from '../access/access-service.js';
import type { AnalyticsService } from '../analytics/analytics-service.js';
import type { BulkService } from '../bulk/bulk-service.js';
import type { CatalogueService } from '../catalogue/catalogue-service.js';
import type { Config } from '../config.js';
import type { ContactService } from '../contacts/contact-service.js';
import type { FeedReader } from '../feed/feed-reader.js';
import type { WakeUps } from '../feed/wake-ups.js';
import type { IdentityService } from '../identity/identity-service.js';
import type { Recorder } from '../ingest/recorder.js';
import type { JobService } from '../jobs/job-service.js';
import type { Log } from '../log.js';
import type { ModelService } from '../models/model-service.js';
import type { PreviewService } from '../preview/preview-service.js';
import type { RuleResultService } from '../preview/rule-result-service.js';
import type { ThreadPool } from '../preview/thread-pool.js';
import type { SegmentFeed } from '../segments/segment-feed.js';
import type { SegmentMatcher } from '../segments/segment-matcher.js';
import type { SegmentService } from '../segments/segment-service.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import type { ExportService } from '../transfer/export-service.js';
import type { ImportService } from '../transfer/import-service.js';

/** Everything the API is made of; built once per process, closed by whoever built it. */
export interface Services {
  db: Database;
  registry: ModelRegistry;
  recorder: Recorder;
  models: ModelService;
  access: AccessService;
  contacts: ContactService;
  segments: SegmentService;
  segmentFeed: SegmentFeed;
  segmentMatcher: SegmentMatcher;
  bulk: BulkService;
  identity: IdentityService;
  catalogue: CatalogueService;
  analytics: AnalyticsService;
  previews: PreviewService;
  ruleResults: RuleResultService;
  /** What previews and rule results run on. */
  threads: ThreadPool;
  jobs: JobService;
  imports: ImportService;
  exports: ExportService;
  feed: FeedReader;
  wakeUps: WakeUps;
  config: Config;
  log: Log;
}
