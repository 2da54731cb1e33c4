import { type Database, openDatabase } from '../../src/store/database.js';
import { type BenchDatabase, openBenchDatabase, run } from './bench-database.js';
import type { BenchOptions } from './bench-options.js';
import { type BenchTenant, makeTenant, type TenantContent } from './bench-tenants.js';
import { LoadRunner } from './load-runner.js';
import { type CpuReading, coresBetween, readCpu } from './process-cpu.js';
import type { Measurement } from './series.js';
import { type ServerProcess, startServerProcess } from './server-process.js';
import { waitForSegments } from './wait-for-segments.js';

/** What is sent at once, and by how many callers. */
export interface LoadShape {
  callers: number;
  actionsPerRequest: number;
}

/** Everything that a run has open: database, server, load generator. */
export class BenchSession {
  readonly options: BenchOptions;
  readonly database: BenchDatabase;
  readonly #db: Database;
  readonly #runner: LoadRunner;
  #server: ServerProcess | null = null;
  #closing: Promise<void> | null = null;

  private constructor(options: BenchOptions, database: BenchDatabase, db: Database, runner: LoadRunner) {
    this.options = options;
    this.database = database;
    this.#db = db;
    this.#runner = runner;
  }

  static async open(options: BenchOptions): Promise<BenchSession> {
    const database = await openBenchDatabase({ statistics: options.profileDir !== null });
    try {
      const pools = { readsMax: 2, writesMax: 1, applicationName: 'leadpulse-bench' };
      const db = await openDatabase({ url: database.url, ...pools });
      return new BenchSession(options, database, db, await LoadRunner.start());
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  get server(): ServerProcess | null {
    return this.#server;
  }

  async makeTenant(content: TenantContent): Promise<BenchTenant> {
    const startedAtMs = performance.now();
    const tenant = await makeTenant(this.#db, content);
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
    console.log(
      `  ${content.name}: ${content.contacts} contacts, ${content.history} actions each (${seconds} s)`,
    );
    return tenant;
  }

  /**
   * To be called when tenants have been made and the server runs: the segments of all contacts are gathered, which it does once,
   * there are statistics for the planner, and no checkpoint comes in the middle of measuring.
   */
  async settle(): Promise<void> {
    await run(this.database.adminUrl, 'ANALYZE');
    if (this.#server) await waitForSegments(this.database.adminUrl);
    await run(this.database.adminUrl, 'VACUUM ANALYZE');
    await run(this.database.adminUrl, 'CHECKPOINT');
  }

  /** Starts the server, unless the recorder alone is measured or it runs already. */
  async startServer(): Promise<void> {
    const { target, serverEntry, profileDir } = this.options;
    if (target !== 'server' || this.#server) return;
    this.#server = await startServerProcess(this.database.url, serverEntry, profileDir !== null);
  }

  /** Drives the product for one window; the tenant's turns move on. */
  async measure(tenant: BenchTenant, { callers, actionsPerRequest }: LoadShape): Promise<Measurement> {
    const { target, warmUpMs, windowMs } = this.options;
    let before: CpuReading | null = null;
    const result = await this.#runner.run(
      {
        target,
        ports: this.#server ? [this.#server.port] : [],
        databaseUrl: this.database.url,
        tenantId: tenant.tenantId,
        apiKey: tenant.apiKey,
        contacts: tenant.contacts,
        history: tenant.history,
        firstTurn: tenant.turns,
        callers,
        actionsPerRequest,
        warmUpMs,
        windowMs,
      },
      () => {
        before = this.#readCpu();
      },
    );
    tenant.turns += result.turns;
    const cores = coresBetween(before, this.#readCpu());
    const { actionsPerSecond, p50Ms, p99Ms, ownCores } = result;
    return { actionsPerSecond, p50Ms, p99Ms, cores: cores && { ...cores, load: ownCores } };
  }

  /** Runs a yardstick, which says how many actions a second it wrote. */
  async measureYardstick(work: () => Promise<number>): Promise<Measurement> {
    const before = this.#readCpu();
    const actionsPerSecond = await work();
    const cores = coresBetween(before, this.#readCpu());
    return {
      actionsPerSecond,
      p50Ms: null,
      p99Ms: null,
      cores: cores && { server: 0, database: cores.database, load: 0 },
    };
  }

  #readCpu(): CpuReading | null {
    return readCpu(this.#server?.pid ?? null, this.database.postmasterPid);
  }

  /** Actions and events of a tenant beyond those it was made with: each action is to make one event. */
  async countEvents(tenant: BenchTenant): Promise<{ actions: number; events: number }> {
    const rows = await run(
      this.database.url,
      `SELECT position FROM tenant_feeds WHERE tenant_id = '${tenant.tenantId}'`,
    );
    return { actions: tenant.turns, events: Number(rows[0]?.position) - tenant.contacts * tenant.history };
  }

  /** Stops and removes everything; further calls wait for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** All of it, whatever one of them has to complain about: a database that is left over would run on. */
  async #close(): Promise<void> {
    const steps = [
      () => this.#runner.stop(),
      () => this.#server?.stop(),
      () => this.#db.close(),
      () => this.database.close(),
    ];
    const faults: unknown[] = [];
    for (const step of steps) await Promise.resolve(step()).catch((error: unknown) => faults.push(error));
    if (faults.length > 0) throw faults[0];
  }
}
