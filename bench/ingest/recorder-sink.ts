import { Recorder } from '../../src/ingest/recorder.js';
import { createLog } from '../../src/log.js';
import { openDatabase } from '../../src/store/database.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import type { ActionSink } from './action-sink.js';
import { ACTION_PROPERTIES, type BenchAction, emailOf } from './bench-actions.js';

/** As many as the server takes by default. */
const INGEST_CONNECTIONS = 4;

/** The recorder in this very process, without HTTP and GraphQL; any number of callers may share it. */
export async function openRecorderSink(databaseUrl: string, tenantId: string): Promise<ActionSink> {
  const db = await openDatabase({
    url: databaseUrl,
    readsMax: 2,
    writesMax: INGEST_CONNECTIONS,
    applicationName: 'leadpulse-bench',
  });
  const recorder = new Recorder({
    db,
    registry: new ModelRegistry(db),
    log: createLog('warn'),
    batchesMax: INGEST_CONNECTIONS,
    announce: () => undefined,
  });
  return {
    async send(actions) {
      const outcomes = await recorder.record(tenantId, actions.map(itemOf));
      for (const outcome of outcomes) if (outcome.status === 'REJECTED') throw outcome.error;
    },
    async close() {
      await recorder.close();
      await db.close();
    },
  };
}

function itemOf({ contact, type }: BenchAction) {
  const properties = { ...ACTION_PROPERTIES };
  return { kind: 'action', contact: { kind: 'email', value: emailOf(contact) }, type, properties } as const;
}
