import type { AccessService } from '../access/access-service.js';
import type { Config } from '../config.js';
import type { ContactService } from '../contacts/contact-service.js';
import type { FeedReader } from '../feed/feed-reader.js';
import type { WakeUps } from '../feed/wake-ups.js';
import type { Recorder } from '../ingest/recorder.js';
import type { Log } from '../log.js';
import type { ModelService } from '../models/model-service.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';

/** Everything the API is made of; built once per process, closed by whoever built it. */
export interface Services {
  db: Database;
  registry: ModelRegistry;
  recorder: Recorder;
  models: ModelService;
  access: AccessService;
  contacts: ContactService;
  feed: FeedReader;
  wakeUps: WakeUps;
  config: Config;
  log: Log;
}
