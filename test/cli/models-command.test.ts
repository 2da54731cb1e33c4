import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelDefinition, RuleDefinition } from '../../src/scoring/model-definition.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ensureBuilt } from '../support/ensure-built.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

let program: string;
let database: TestDatabase;
let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  program = ensureBuilt('src/cli/main.js');
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'off' });
});

afterAll(async () => {
  await server?.kill();
  await database?.drop();
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'leadpulse-models-'));
});

afterEach(() => rm(folder, { recursive: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `leadpulse models` beside the server, with the files of this test. */
function models(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const access = { LEADPULSE_API_KEY: TEST_KEY, PORT: new URL(server.url).port, ...env };
  return promisify(execFile)(process.execPath, [program, 'models', ...args], {
    cwd: folder,
    env: access,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
  );
}

interface Document {
  version?: number;
  definition: ModelDefinition;
}

function fileOf(key: string): string {
  return path.join(folder, 'models', `${key}.json`);
}

async function readDocument(key: string): Promise<Document> {
  return JSON.parse(await readFile(fileOf(key), 'utf8'));
}

/** Edits the file of a model as an editor does. */
async function edit(key: string, change: (document: Document) => void): Promise<void> {
  const document = await readDocument(key);
  change(document);
  await writeFile(fileOf(key), `${JSON.stringify(document, null, 2)}\n`);
}

function firstRule({ definition }: Document): RuleDefinition {
  return definition.scoreSets[0]?.rules[0] as RuleDefinition;
}

function setPoints(points: number): (document: Document) => void {
  return (document) => {
    Object.assign(firstRule(document).action ?? {}, { points });
  };
}

/** A model of its own for a test, with its file, which is pulled. */
async function pulledModel(key: string): Promise<void> {
  const input = { preset: 'STARTER', key, name: `Model ${key}` };
  const mutation =
    'mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) { model { id } } }';
  await server.ask(mutation, { input });
  expect(await models(['pull', key])).toMatchObject({
    code: 0,
    stdout: `written models/${key}.json (version 1)\n`,
  });
}

async function publishedOn(
  key: string,
): Promise<{ id: string; version: number; definition: ModelDefinition }> {
  const query = 'query ($key: String) { scoringModel(key: $key) { id version definition } }';
  const { scoringModel } = await server.ask<{
    scoringModel: { id: string; version: number; definition: ModelDefinition };
  }>(query, { key });
  return scoringModel;
}

/** Renames a model over the API, as a colleague might meanwhile. */
async function renameOnServer(key: string, name: string, publish = true): Promise<void> {
  const { id, version } = await publishedOn(key);
  const input = { id, expectedVersion: version, changes: [{ settings: { name } }], publish };
  const mutation =
    'mutation ($input: ChangeScoringModelInput!) { changeScoringModel(input: $input) { model { version } } }';
  await server.ask(mutation, { input });
}

describe('leadpulse models pull', () => {
  it('writes every model into a file of its own, as exported and with its version', async () => {
    const pulled = await models(['pull']);
    expect(pulled).toMatchObject({ code: 0, stderr: '' });
    expect(pulled.stdout).toContain('written models/starter.json (version 1)\n');
    const document = await readDocument('starter');
    const exported = await server.ask<{ scoringModelExport: object }>(
      '{ scoringModelExport(key: "starter") }',
    );
    expect(document).toEqual({ ...exported.scoringModelExport, version: 1 });
    expect(Object.keys(document)).toEqual(['format', 'formatVersion', 'version', 'definition']);
    expect(Object.keys(document.definition).slice(0, 3)).toEqual(['key', 'name', 'description']);
    expect(await readFile(fileOf('starter'), 'utf8')).toContain('\n    "key": "starter",\n');
  });

  it('writes the same again byte for byte, and only the models that are named', async () => {
    await pulledModel('again');
    const before = await readFile(fileOf('again'), 'utf8');
    expect(await models(['pull', 'again'])).toMatchObject({
      stdout: 'unchanged models/again.json (version 1)\n',
    });
    expect(await readFile(fileOf('again'), 'utf8')).toBe(before);
    expect(await readdir(path.join(folder, 'models'))).toEqual(['again.json']);
  });

  it('changes one line for one change, and the version', async () => {
    await pulledModel('lines');
    const before = (await readFile(fileOf('lines'), 'utf8')).split('\n');
    await renameOnServer('lines', 'Renamed');
    expect(await models(['pull', 'lines'])).toMatchObject({
      stdout: 'updated models/lines.json (version 2)\n',
    });
    const after = (await readFile(fileOf('lines'), 'utf8')).split('\n');
    expect(after.filter((line, n) => line !== before[n])).toEqual([
      '  "version": 2,',
      '    "name": "Renamed",',
    ]);
  });

  it('keeps a file with edits that were not pushed, unless it is forced', async () => {
    await pulledModel('edited');
    await edit('edited', setPoints(9));
    const kept = await models(['pull', 'edited']);
    expect(kept.code).toBe(1);
    expect(kept.stderr).toContain('models/edited.json: edited since pulled');
    expect(firstRule(await readDocument('edited')).action?.points).toBe(9);
    expect(await models(['pull', 'edited', '--force'])).toMatchObject({ code: 0 });
    expect(firstRule(await readDocument('edited')).action?.points).toBe(5);
  });

  it('names the models there are when one is not', async () => {
    const missing = await models(['pull', 'no_such']);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/no model "no_such"\. It has .*starter/);
  });
});

describe('leadpulse models diff', () => {
  it('says nothing and ends with 0 when files and server say the same', async () => {
    await pulledModel('same');
    expect(await models(['diff', 'same'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('shows what pushing would change, and ends with 1', async () => {
    await pulledModel('differs');
    await edit('differs', (document) => {
      setPoints(7)(document);
      document.definition.maxScore = 120;
      document.definition.scoreSets[0]?.rules.splice(1, 1);
      document.definition.scoreSets[1]?.rules.push({
        key: 'lost',
        name: 'Lost',
        action: { actionType: 'deal_lost', points: -5 },
      });
    });
    expect(await models(['diff', 'differs'])).toEqual({
      code: 1,
      stderr: '',
      stdout: [
        'models/differs.json: differs from version 1 on the server',
        '  ~ settings',
        '    - maxScore: 100',
        '    + maxScore: 120',
        '  ~ rule email_opened "Opened an email", in email',
        '    - action.points: 5',
        '    + action.points: 7',
        '  + rule lost "Lost", in bad_signals',
        '    + name: "Lost"',
        '    + active: true',
        '    + action.actionType: "deal_lost"',
        '    + action.where: []',
        '    + action.points: -5',
        '  - rule clicked_link "Clicked a link", in email',
        '    - name: "Clicked a link"',
        '    - active: true',
        '    - action.actionType: "clicked_link"',
        '    - action.where: []',
        '    - action.points: 10',
        '',
      ].join('\n'),
    });
  });

  it('shows colours where they are wanted', async () => {
    await pulledModel('colours');
    await edit('colours', setPoints(7));
    const { stdout } = await models(['diff', 'colours'], { FORCE_COLOR: '1' });
    expect(stdout).toContain(
      '\u001b[31m    - action.points: 5\u001b[39m\n\u001b[32m    + action.points: 7\u001b[39m',
    );
  });

  it('tells models that only one side has', async () => {
    await pulledModel('here');
    await rm(fileOf('here'));
    const missing = await models(['diff', 'here']);
    expect(missing).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('models/here.json: is not there'),
    });
    await pulledModel('there');
    const document = JSON.parse(await readFile(fileOf('there'), 'utf8'));
    document.definition.key = 'fresh';
    await writeFile(fileOf('fresh'), JSON.stringify(document));
    const fresh = await models(['diff', 'fresh']);
    expect(fresh).toMatchObject({ code: 1, stdout: expect.stringContaining('the server has no such model') });
  });

  it('ends with 2 for anything else', async () => {
    expect(await models(['diff', '--what'])).toMatchObject({ code: 2 });
    expect(await models(['diff', 'no_such'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('neither'),
    });
    expect(await models(['diff'], { LEADPULSE_API_KEY: 'not_a_key_of_anybody' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('refuses the key'),
    });
    expect(await models(['diff', '--url', 'http://127.0.0.1:9/graphql'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No server answers'),
    });
    await pulledModel('broken');
    await writeFile(fileOf('broken'), '{ "format": ');
    expect(await models(['diff', 'broken'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^models\/broken\.json: This is no JSON/),
    });
  });
});

describe('leadpulse models push', () => {
  it('publishes what differs, says why, and remembers the version', async () => {
    await pulledModel('pushed');
    await edit('pushed', setPoints(8));
    const pushed = await models(['push', 'pushed', '--message', 'Opens count more']);
    expect(pushed).toMatchObject({ code: 0, stderr: '' });
    expect(pushed.stdout).toMatch(
      /^published pushed as version 2 from models\/pushed\.json: 1 rule changed\n/,
    );
    expect(await publishedOn('pushed')).toMatchObject({ version: 2 });
    const { modelChanges } = await server.ask<{ modelChanges: { nodes: object[] } }>(
      'query ($id: ID) { modelChanges(modelId: $id, first: 1) { nodes { kind message version } } }',
      { id: (await publishedOn('pushed')).id },
    );
    expect(modelChanges.nodes).toEqual([{ kind: 'IMPORTED', message: 'Opens count more', version: 2 }]);
    expect((await readDocument('pushed')).version).toBe(2);
    expect(await models(['diff', 'pushed'])).toMatchObject({ code: 0 });
    expect(await models(['push', 'pushed'])).toMatchObject({ stdout: 'unchanged models/pushed.json\n' });
    expect(await publishedOn('pushed')).toMatchObject({ version: 2 });
  });

  it('shows the warnings of what was published', async () => {
    await pulledModel('warned');
    await edit('warned', (document) => {
      firstRule(document).maxPoints = 0;
    });
    const { stdout } = await models(['push', 'warned']);
    expect(stdout).toContain(
      '  warning: definition.scoreSets.0.rules.0: The points of this rule never count: its maxPoints is 0.',
    );
  });

  it('makes a draft with --no-publish, and leaves the published version and the file alone', async () => {
    await pulledModel('drafted');
    await edit('drafted', setPoints(8));
    const before = await readFile(fileOf('drafted'), 'utf8');
    const drafted = await models(['push', 'drafted', '--no-publish']);
    expect(drafted.stdout).toMatch(
      /^saved a draft \(revision \d+\) of drafted from models\/drafted\.json: 1 rule changed\n/,
    );
    expect(await publishedOn('drafted')).toMatchObject({ version: 1 });
    expect(await readFile(fileOf('drafted'), 'utf8')).toBe(before);
    await edit('drafted', setPoints(9));
    const refused = await models(['push', 'drafted', '--no-publish']);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the server has a draft by first key'),
    });
    expect(await models(['push', 'drafted', '--no-publish', '--force'])).toMatchObject({ code: 0 });
    const published = await models(['push', 'drafted']);
    expect(published.stdout).toContain('The draft by first key is still there.');
  });

  it('makes a model that the server does not have', async () => {
    await pulledModel('original');
    const document = await readDocument('original');
    document.definition.key = 'made';
    document.version = undefined;
    await writeFile(fileOf('made'), JSON.stringify(document));
    const made = await models(['push', 'made']);
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^published made as version 1 .*: new\n/),
    });
    expect((await readDocument('made')).version).toBe(1);
  });

  it('does nothing with --dry-run', async () => {
    await pulledModel('dry');
    await edit('dry', setPoints(6));
    const dry = await models(['push', 'dry', '--dry-run']);
    expect(dry).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'would publish dry as version 2 from models/dry.json\n' +
        '  ~ rule email_opened "Opened an email", in email\n    - action.points: 5\n    + action.points: 6\n',
    });
    expect(await publishedOn('dry')).toMatchObject({ version: 1 });
  });

  it('refuses to push over a version that was not pulled, and pushes nothing then', async () => {
    await pulledModel('behind');
    await pulledModel('uptodate');
    for (const key of ['behind', 'uptodate']) await edit(key, setPoints(6));
    await renameOnServer('behind', 'By a colleague');
    for (const args of [['push'], ['push', '--dry-run']]) {
      const refused = await models(args);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(
        'models/behind.json: the server has version 2, the file was pulled from version 1.',
      );
    }
    expect(await publishedOn('behind')).toMatchObject({ version: 2 });
    expect(await publishedOn('uptodate')).toMatchObject({ version: 1 });
    expect((await models(['diff', 'behind'])).stdout).toContain(
      'The server has moved on since version 1 was pulled',
    );
    expect(await models(['push', 'behind', '--force'])).toMatchObject({ code: 0 });
    expect(await publishedOn('behind')).toMatchObject({ version: 3, definition: { name: 'Model behind' } });
  });

  it('names every fault by its file and place, and pushes nothing then', async () => {
    await pulledModel('faulty');
    await pulledModel('flawless');
    await edit('flawless', setPoints(6));
    await edit('faulty', (document) => {
      Object.assign(firstRule(document).action ?? {}, { points: 'many', colour: 'red' });
    });
    const refused = await models(['push']);
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'models/faulty.json: definition.scoreSets.0.rules.0.action.colour: Unknown key. Known are actionType, where, points, pointsBy, repeat, limit, decays, recency, expiresAfterDays, setScoreTo.\n' +
        'models/faulty.json: definition.scoreSets.0.rules.0.action.points: Give a number from -1000000000 to 1000000000.\n',
    });
    expect(await publishedOn('flawless')).toMatchObject({ version: 1 });
    await edit('faulty', (document) => {
      document.definition.key = 'other';
    });
    expect((await models(['diff', 'faulty'])).stderr).toContain(
      'models/faulty.json: definition.key: A file is named',
    );
  });

  it('passes on what the server finds wrong', async () => {
    await pulledModel('told');
    await edit('told', setPoints(6));
    const long = await models(['push', 'told', '--message', 'x'.repeat(501)]);
    expect(long).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^models\/told\.json: input\.message: /),
    });
    const { createApiKey } = await server.ask<{ createApiKey: { secret: string } }>(
      'mutation { createApiKey(input: { name: "reader", role: VIEWER }) { secret } }',
    );
    const forbidden = await models(['push', 'told', '--key', createApiKey.secret]);
    expect(forbidden).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/FORBIDDEN[\s\S]*--role MARKETER/),
    });
    expect(await publishedOn('told')).toMatchObject({ version: 1 });
  });

  it('says where files come from when there are none', async () => {
    expect(await models(['push', '--dir', 'elsewhere'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('`leadpulse models pull` writes them'),
    });
  });
});

describe('leadpulse models list', () => {
  it('shows keys, versions, states and drafts', async () => {
    await pulledModel('listed');
    await renameOnServer('listed', 'Listed', false);
    const { code, stdout } = await models(['list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^KEY +VERSION +STATE +DRAFT +NAME\n/);
    expect(stdout).toMatch(/\nlisted +1 +on +by first key +Model listed\n/);
    expect(stdout).toMatch(/\nstarter +1 +primary +- +\S/);
  });
});
