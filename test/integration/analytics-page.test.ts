import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawConversion, drawDistribution, drawThresholds } from '../../scripts/docs/analytics-charts.mjs';
import { Recorder } from '../../src/ingest/recorder.js';
import { createLog } from '../../src/log.js';
import { loadSampleData } from '../../src/sample/load-sample-data.js';
import { openDatabase } from '../../src/store/database.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { printAnswer, readTour, VaryingValues } from '../support/documented-tour.js';
import { eventually } from '../support/eventually.js';
import { ServerProcess } from '../support/server-process.js';

const root = path.resolve(import.meta.dirname, '../..');
const PAGE = path.join(root, 'docs/analytics.md');
const UPDATE = 'npx vitest run test/integration/analytics-page.test.ts --update writes it anew';
/** When the histories of the page's contacts end. */
const NOW_MS = Date.UTC(2025, 9, 1);
const CONTACTS = 1_000;
const SCOPE = '(range: { from: "2025-04-01", to: "2025-09-30" }, timeZone: "Europe/Berlin")';

let database: TestDatabase;
let server: ServerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'off' });
  await loadSample();
  await eventually(async () => {
    const { analytics } = await server.ask<{ analytics: { coverage: { complete: boolean; upTo: string } } }>(
      '{ analytics { coverage { complete upTo } } }',
    );
    expect(analytics.coverage.complete).toBe(true);
    expect(Date.now() - Date.parse(analytics.coverage.upTo)).toBeLessThan(1_000);
  });
}, 120_000);

afterAll(async () => {
  await server?.kill();
  await database?.drop();
});

/** The contacts of the page, by the recorder of a process beside the server. */
async function loadSample(): Promise<void> {
  const db = await openDatabase({ url: database.url, readsMax: 2, writesMax: 2, applicationName: 'page' });
  const log = createLog('silent');
  const recorder = new Recorder({ db, registry: new ModelRegistry(db), log, batchesMax: 2, announce() {} });
  try {
    const [tenant] = await db.dataSource.query<{ id: string }[]>('SELECT id FROM tenants');
    const tenantId = tenant?.id ?? '';
    await loadSampleData({ db, recorder, tenantId, nowMs: NOW_MS, contactsCount: CONTACTS, log });
  } finally {
    await recorder.close();
    await db.close();
  }
}

it(`docs/analytics.md shows what the server answers (${UPDATE})`, async () => {
  const page = readFileSync(PAGE, 'utf8');
  const values = new VaryingValues();
  let shown = '';
  let readTo = 0;
  for (const block of readTour(page)) {
    if (block.kind === 'console') throw new Error('This page has no programs.');
    const real = await server.request(values.toReal(block.query));
    const answer = `${printAnswer(values.toDocumented(real, block.documented, block.varies))}\n`;
    shown += page.slice(readTo, block.start) + answer;
    readTo = block.end;
  }
  shown += page.slice(readTo);
  await expect(shown).toMatchFileSnapshot(PAGE);
});

it.each([
  [
    'distribution',
    'distribution { leads median buckets { stage { name } contacts share { rate } } }',
    drawDistribution,
  ],
  [
    'conversion',
    'conversion { converted { rate } byBand { stage converted { numerator denominator rate low high enough } } }',
    drawConversion,
  ],
  [
    'thresholds',
    'thresholds { bestByF1 { cutOff } thresholds { cutOff precision { rate } recall { rate } } }',
    drawThresholds,
  ],
])(`docs/images/analytics-%s.svg is drawn from an answer (${UPDATE})`, async (name, fields, draw) => {
  const { analytics } = await server.ask<{ analytics: Record<string, unknown> }>(
    `{ analytics${SCOPE} { ${fields} } }`,
  );
  const file = path.join(root, `docs/images/analytics-${name}.svg`);
  await expect(draw(analytics[name])).toMatchFileSnapshot(file);
});
