import type { ContactService } from '../contacts/contact-service.js';
import type { Recorder } from '../ingest/recorder.js';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { ExportService } from './export-service.js';
import { ImportService } from './import-service.js';

export interface TransferOptions {
  db: Database;
  registry: ModelRegistry;
  recorder: Recorder;
  contacts: ContactService;
  log: Log;
  /** Told when an import has ended, so that those who follow its job hear of it at once. */
  announce(tenantId: string): void;
}

/** Imports and exports of one process; `imports` is to be stopped. */
export interface Transfers {
  imports: ImportService;
  exports: ExportService;
}

export function openTransfers({
  db,
  registry,
  recorder,
  contacts,
  log,
  announce,
}: TransferOptions): Transfers {
  return {
    imports: new ImportService({ db, recorder, log, announce }),
    exports: new ExportService(db, registry, contacts),
  };
}
