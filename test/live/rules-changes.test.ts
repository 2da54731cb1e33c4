import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/log.js';
import { givenChanges } from '../../src/models/model-steps.js';
import { RescoreWorker } from '../../src/rescoring/rescore-worker.js';
import { CHANGE_CAUSES } from '../../src/store/change-causes.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act } from '../support/ingest-kit.js';
import { LiveTestServer } from '../support/live-server.js';
import { LIVE_MODEL, LiveWorld } from '../support/live-world.js';

const CHANGED = `subscription ($filter: ScoreChangeFilter, $after: String) {
  scoreChanged(filter: $filter, after: $after) { cause modelVersion totalBefore totalAfter } }`;
const HOT = `subscription ($causes: [ChangeCause!], $after: String) {
  hotLead(causes: $causes, after: $after) { contact { email } change { cause } } }`;

const NOT_RULES = CHANGE_CAUSES.filter((cause) => cause !== 'RULES');

let test: TestDatabase;
let server: LiveTestServer;

beforeAll(async () => {
  test = await createTestDatabase();
  server = await LiveTestServer.start(test.url);
});

afterAll(async () => {
  await server?.stop();
  await test?.drop();
});

it('what a rescoring changes carries the cause RULES, so that subscriptions and alerts can leave it out', async () => {
  const world = await LiveWorld.create(server);
  const { models, recorder, wakeUps } = server.services;
  const { tenantId } = world.tenant;
  const client = await server.client(world.tenant.apiKey);
  await recorder.record(tenantId, [act('ada@example.com', 'email_opened')]);
  const after = world.cursor(1n);
  const changed = client.subscribe(CHANGED, { after });
  const actedOn = client.subscribe(CHANGED, { after, filter: { causes: NOT_RULES } });
  const hot = client.subscribe(HOT, { after });
  const hotByDeed = client.subscribe(HOT, { after, causes: NOT_RULES });

  // An opened email is worth 90 now: Ada becomes hot by the rules alone, Bob by what he does.
  const [set] = LIVE_MODEL.scoreSets;
  const [rule] = set?.rules ?? [];
  if (!set || !rule) throw new Error('the model has no rule');
  const putRule = {
    scoreSet: set.key,
    rule: { ...rule, action: { actionType: 'email_opened', points: 90 } },
  };
  await models.edit(
    { tenantId, name: 'test' },
    {
      id: world.modelId,
      step: givenChanges([{ putRule }]),
      publish: true,
      expectedVersion: 1,
      expectedDraft: null,
      message: null,
    },
  );
  const worker = new RescoreWorker({
    ...server.services,
    log: createLog('silent'),
    announce: (id) => wakeUps.announce(id),
  });
  worker.start();
  try {
    expect((await changed.data()).scoreChanged).toEqual({
      cause: 'RULES',
      modelVersion: 2,
      totalBefore: 10,
      totalAfter: 90,
    });
    expect((await hot.data()).hotLead).toEqual({
      contact: { email: 'ada@example.com' },
      change: { cause: 'RULES' },
    });
    await recorder.record(tenantId, [act('bob@example.com', 'email_opened')]);
    expect((await actedOn.data()).scoreChanged).toMatchObject({ cause: 'ACTION', totalAfter: 90 });
    expect((await hotByDeed.data()).hotLead).toEqual({
      contact: { email: 'bob@example.com' },
      change: { cause: 'ACTION' },
    });
  } finally {
    await worker.stop();
  }
});
