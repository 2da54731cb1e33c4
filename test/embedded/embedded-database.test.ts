import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { placeCluster } from '../../src/embedded/cluster-placement.js';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../src/embedded/embedded-database.js';
import { readPostmasterFile } from '../../src/embedded/postmaster-file.js';
import { createLog } from '../../src/log.js';
import { ensureBuilt } from '../support/ensure-built.js';
import { removeTestDataDir } from '../support/test-cluster.js';

const log = createLog('silent');
const isRoot = process.getuid?.() === 0;
const OPEN_FOLDER = 0o755;
const CLOSED_FOLDER = 0o700;
const COMES_BACK_MS = 30_000;

const folders: string[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) {
    await removeTestDataDir(path.join(folder, 'data'));
    await rm(folder, { recursive: true, force: true });
  }
});

/** A folder for one test, and the data folder that does not exist in it yet. */
async function makeDataDir(mode = OPEN_FOLDER): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'leadpulse-embedded-'));
  await chmod(folder, mode);
  folders.push(folder);
  return path.join(folder, 'data');
}

const start = (dataDir: string): Promise<EmbeddedDatabase> => startEmbeddedDatabase({ dataDir, log });

async function query<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function note(url: string, text: string): Promise<void> {
  await query(url, `create table if not exists notes (text text); insert into notes values ('${text}')`);
}

async function notes(url: string): Promise<string[]> {
  return (await query<{ text: string }>(url, 'select text from notes order by text')).map((row) => row.text);
}

/** Starts the database from another process; answers with its address. */
async function startElsewhere(dataDir: string): Promise<{ url: string; child: ChildProcess }> {
  const modules = [ensureBuilt('src/embedded/embedded-database.js'), ensureBuilt('src/log.js')];
  const program = path.join(import.meta.dirname, 'hold-database.mjs');
  const child = spawn(process.execPath, [program, ...modules, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url: (JSON.parse(line) as { url: string }).url, child };
}

async function killHard(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function postmasterPid(dataDir: string): Promise<number> {
  const { dataPath } = await placeCluster(dataDir);
  return (await readPostmasterFile(dataPath))?.pid ?? 0;
}

describe('one process', () => {
  test('keeps data, port and passwords between starts', async () => {
    const dataDir = await makeDataDir();
    const first = await start(dataDir);
    expect(first.created).toBe(true);
    await note(first.url, 'kept');
    await first.stop();
    await expect(notes(first.url)).rejects.toThrow(/ECONNREFUSED/);

    const second = await start(dataDir);
    expect(second.created).toBe(false);
    expect(second.url).toBe(first.url);
    expect(await notes(second.url)).toEqual(['kept']);
    await second.stop();
    await second.stop();
  });

  test('is durable, listens on the loopback alone, and gives the service an ordinary role', async () => {
    const database = await start(await makeDataDir());
    const [settings] = await query(
      database.adminUrl,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
         current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets`,
    );
    expect(settings).toEqual({ fsync: 'on', commit: 'on', listen: '127.0.0.1', sockets: '' });
    const [service] = await query(
      database.url,
      `select rolsuper, rolbypassrls, current_setting('server_encoding') as encoding, lower('ÄÖ') as lower
       from pg_roles where rolname = current_user`,
    );
    expect(service).toEqual({ rolsuper: false, rolbypassrls: false, encoding: 'UTF8', lower: 'äö' });
    await database.stop();
  });

  test('keeps its passwords from other users', async () => {
    const dataDir = await makeDataDir();
    const database = await start(dataDir);
    const { dataPath } = await placeCluster(dataDir);
    expect((await stat(path.join(dataPath, 'leadpulse.json'))).mode & 0o777).toBe(0o600);
    await database.stop();
  });

  test('takes another port when its own was taken meanwhile', async () => {
    const dataDir = await makeDataDir();
    const first = await start(dataDir);
    await note(first.url, 'kept');
    await first.stop();
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    await once(squatter, 'listening');

    const second = await start(dataDir);
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
    expect(await notes(second.url)).toEqual(['kept']);
    await second.stop();
    squatter.close();
  });

  test('starts though postmaster.pid names a process that is something else by now', async () => {
    const dataDir = await makeDataDir();
    await (await start(dataDir)).stop();
    const { dataPath } = await placeCluster(dataDir);
    const stale = [process.pid, dataPath, 1, 1, '', '127.0.0.1', '', 'ready', ''].join('\n');
    await writeFile(path.join(dataPath, 'postmaster.pid'), stale, { mode: 0o644 });
    const again = await start(dataDir);
    await again.stop();
  });

  test('a folder that cannot be made is refused with the ways out', async () => {
    const dataDir = await makeDataDir();
    await writeFile(dataDir, 'a file');
    await expect(start(dataDir)).rejects.toThrow(/cannot be made[\s\S]*DATABASE_URL[\s\S]*DATA_DIR/);
    await rm(dataDir);
  });

  test('data of another version of PostgreSQL is refused and left alone', async () => {
    const dataDir = await makeDataDir();
    await (await start(dataDir)).stop();
    const { dataPath } = await placeCluster(dataDir);
    await writeFile(path.join(dataPath, 'PG_VERSION'), '14\n');
    await expect(start(dataDir)).rejects.toThrow(/written by PostgreSQL 14/);
    expect(await readFile(path.join(dataPath, 'PG_VERSION'), 'utf8')).toBe('14\n');
  });
});

describe('several processes', () => {
  test('two first starts at once share one PostgreSQL, and the last one out stops it', async () => {
    const dataDir = await makeDataDir();
    const [one, other] = await Promise.all([start(dataDir), start(dataDir)]);
    expect(one.url).toBe(other.url);
    expect([one.created, other.created].sort()).toEqual([false, true]);
    await note(one.url, 'shared');
    await one.stop();
    expect(await notes(other.url)).toEqual(['shared']);
    await other.stop();
    await expect(notes(other.url)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('of two that stop at once one stops it', async () => {
    const dataDir = await makeDataDir();
    const [one, other] = await Promise.all([start(dataDir), start(dataDir)]);
    await Promise.all([one.stop(), other.stop()]);
    expect(await postmasterPid(dataDir)).toBe(0);
  });

  test('what a killed process leaves running is joined, with everything it had committed', async () => {
    const dataDir = await makeDataDir();
    const killed = await startElsewhere(dataDir);
    await note(killed.url, 'committed');
    const pid = await postmasterPid(dataDir);
    await killHard(killed.child);

    const next = await start(dataDir);
    expect(next.url).toBe(killed.url);
    expect(await postmasterPid(dataDir)).toBe(pid);
    expect(await notes(next.url)).toEqual(['committed']);
    await next.stop();
    expect(await postmasterPid(dataDir)).toBe(0);
  });
});

describe('PostgreSQL is killed', () => {
  test('while in use: it comes back on the same port with everything committed', async () => {
    const dataDir = await makeDataDir();
    const database = await start(dataDir);
    await note(database.url, 'committed');
    const pid = await postmasterPid(dataDir);
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(async () => expect(await notes(database.url)).toEqual(['committed']), {
      timeout: COMES_BACK_MS,
    });
    expect(await postmasterPid(dataDir)).not.toBe(pid);
    await database.stop();
    expect(await postmasterPid(dataDir)).toBe(0);
  });

  test('together with the server: the next start recovers it', async () => {
    const dataDir = await makeDataDir();
    const killed = await startElsewhere(dataDir);
    await note(killed.url, 'committed');
    const pid = await postmasterPid(dataDir);
    await killHard(killed.child);
    process.kill(pid, 'SIGKILL');
    const next = await start(dataDir);
    expect(await notes(next.url)).toEqual(['committed']);
    await next.stop();
  });
});

describe.runIf(isRoot)('as root', () => {
  test('data under a folder that only root may enter is kept elsewhere, and found again', async () => {
    const dataDir = await makeDataDir(CLOSED_FOLDER);
    const first = await start(dataDir);
    await note(first.url, 'kept');
    await first.stop();
    const { dataPath } = await placeCluster(dataDir);
    expect(dataPath.startsWith(path.dirname(dataDir))).toBe(false);

    const second = await start(dataDir);
    expect(second.created).toBe(false);
    expect(await notes(second.url)).toEqual(['kept']);
    await second.stop();
    await rm(path.dirname(dataPath), { recursive: true });
  });

  test('a copy of such a folder does not take over the data of the original', async () => {
    const dataDir = await makeDataDir(CLOSED_FOLDER);
    const original = await start(dataDir);
    const copyDir = await makeDataDir(CLOSED_FOLDER);
    await mkdir(copyDir, { recursive: true });
    await writeFile(path.join(copyDir, 'location.json'), await readFile(path.join(dataDir, 'location.json')));
    const places = [await placeCluster(dataDir), await placeCluster(copyDir)];
    expect(places[0]?.dataPath).not.toBe(places[1]?.dataPath);
    await original.stop();
    for (const place of places) await rm(path.dirname(place.dataPath), { recursive: true, force: true });
  });
});
