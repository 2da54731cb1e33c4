import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

/** What the import routes answer. */
export interface ImportAnswer {
  id: string;
  state: string;
  error: string | null;
  format: string;
  delimiter: string | null;
  mapping: { column: string; target: string; source: string }[];
  offset: number;
  rows: number;
  recorded: number;
  created: number;
  updated: number;
  duplicates: number;
  rejected: number;
  faults: { row: number; code: string; message: string }[];
  faultsPath: string;
}

/** A fault of a route, as clients see it. */
export interface RouteFault {
  status: number;
  code: string;
  message: string;
}

/** A server and a tenant, and files that go to and fro. */
export class TransferKit {
  readonly api: ApiTestServer;
  readonly tenant: ApiTenant;

  private constructor(api: ApiTestServer, tenant: ApiTenant) {
    this.api = api;
    this.tenant = tenant;
  }

  static async start(): Promise<TransferKit> {
    const api = await ApiTestServer.start();
    return new TransferKit(api, await api.tenant());
  }

  /** Another tenant on the same server. */
  async another(): Promise<TransferKit> {
    return new TransferKit(this.api, await this.api.tenant());
  }

  /** Sends a file in one request. @param query such as `dryRun=true&map=Customer=externalId`. */
  async import(kind: 'contacts' | 'actions', file: string | Buffer, query = ''): Promise<ImportAnswer> {
    const answer = await this.request('POST', `/import/${kind}?${query}`, file);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as ImportAnswer;
  }

  /** A request that is refused. */
  async fault(method: string, path: string, body?: string | Buffer, key?: string): Promise<RouteFault> {
    const answer = await this.request(method, path, body, key);
    const { errors } = (await answer.json()) as {
      errors?: { message: string; extensions: { code: string } }[];
    };
    const [error] = errors ?? [];
    return { status: answer.status, code: error?.extensions.code ?? '', message: error?.message ?? '' };
  }

  request(
    method: string,
    path: string,
    body?: string | Buffer,
    key: string = this.tenant.key,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.api.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** The text of a file that is asked for. */
  async download(path: string): Promise<string> {
    const answer = await this.request('GET', path);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    return answer.text();
  }

  /** Runs an operation that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are whatever the test asked for
  async ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
    const { data, errors } = await this.api.send(this.tenant.key, query, variables);
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** One number from the database of this tenant, the first parameter. */
  async count(sql: string): Promise<number> {
    const rows: { count: string }[] = await this.api.services.db.dataSource.transaction(async (manager) => {
      await manager.query(`SELECT set_config('app.tenant', $1, true)`, [this.tenant.tenantId]);
      return manager.query(sql, [this.tenant.tenantId]);
    });
    return Number(rows[0]?.count);
  }

  entries(): Promise<number> {
    return this.count('SELECT count(*) FROM timeline WHERE tenant_id = $1');
  }
}
