import type { ContactService } from '../contacts/contact-service.js';
import { badInput, LeadpulseError } from '../errors.js';
import type { ContactFilter } from '../store/contact-filter.js';
import type { Database } from '../store/database.js';
import { findModel } from '../store/find-model.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import { type ExportRow, readExportRows } from './export-row.js';
import { type ExportText, exportTextOf } from './export-text.js';
import type { FileFormat } from './import-request.js';

/** Exports that one process writes at a time. */
const EXPORTS_MAX = 4;
/** Contacts read at a time; one page is read ahead while another is sent. */
const CONTACTS_PER_PAGE = 1_000;
const ATTRIBUTES_MAX = 200;

/** What is exported, and how it is written. */
export interface ExportRequest {
  filter: ContactFilter;
  format: FileFormat;
  /** The model whose scores are shown; the filter's, else the primary one, when null. */
  modelId: string | null;
  /** Custom attributes to show as columns; null shows all of them in one. */
  attributes: string[] | null;
}

interface ExportPlan {
  tenantId: string;
  filter: ContactFilter;
  modelId: string | null;
  text: ExportText;
}

/**
 * Writes out contacts with their scores. They are read page by page in the order of their ids, each page as it stands when it
 * is read: a contact that the filter holds for all the while is in the file exactly once, however scores move meanwhile. No
 * transaction and no connection is held between pages, so that a slow reader costs nothing but its own time.
 */
export class ExportService {
  readonly #db: Database;
  readonly #registry: ModelRegistry;
  readonly #contacts: ContactService;
  #running = 0;

  constructor(db: Database, registry: ModelRegistry, contacts: ContactService) {
    this.#db = db;
    this.#registry = registry;
    this.#contacts = contacts;
  }

  /**
   * Begins an export; its first page is read, so that faults show before anything is sent.
   * @returns the parts of the file. Ending the iteration ends the export.
   * @throws LeadpulseError BAD_USER_INPUT for faults of the filter, NOT_FOUND for an unknown model, UNAVAILABLE when
   * `EXPORTS_MAX` are under way.
   */
  async begin(tenantId: string, request: ExportRequest): Promise<AsyncGenerator<string>> {
    if (this.#running >= EXPORTS_MAX) {
      const message = `This server writes ${EXPORTS_MAX} exports at a time. Ask again when another one is done.`;
      throw new LeadpulseError('UNAVAILABLE', message);
    }
    this.#running++;
    try {
      const plan = await this.#plan(tenantId, request);
      const parts = this.#parts(plan, await this.#readIds(plan, null));
      // Begun, so that ending it early passes through its end and makes room.
      await parts.next();
      return parts;
    } catch (error) {
      this.#running--;
      throw error;
    }
  }

  async #plan(tenantId: string, request: ExportRequest): Promise<ExportPlan> {
    const { filter, format, attributes } = request;
    if (attributes && attributes.length > ATTRIBUTES_MAX) {
      throw badInput([{ path: 'attributes', message: `Give at most ${ATTRIBUTES_MAX} attributes.` }]);
    }
    const model = findModel(await this.#registry.current(tenantId), request.modelId ?? filter.modelId);
    const dimensions = model?.compiled.dimensions.map(({ key }) => key) ?? [];
    const text = exportTextOf(format, { dimensions, attributes });
    return { tenantId, filter, modelId: model?.modelId ?? null, text };
  }

  /** The first part is empty: it stands for having begun. */
  async *#parts(plan: ExportPlan, firstIds: string[]): AsyncGenerator<string> {
    try {
      yield '';
      yield plan.text.head();
      let page: Promise<string[]> = Promise.resolve(firstIds);
      for (;;) {
        const ids = await page;
        const isLast = ids.length < CONTACTS_PER_PAGE;
        page = isLast ? Promise.resolve([]) : this.#readIds(plan, ids.at(-1) ?? null);
        // Looked at when the next page is due.
        page.catch(() => undefined);
        if (ids.length > 0) yield await this.#write(plan, ids);
        if (isLast) return;
      }
    } finally {
      this.#running--;
    }
  }

  #readIds({ tenantId, filter }: ExportPlan, afterId: string | null): Promise<string[]> {
    return this.#contacts.matchingIds(tenantId, filter, afterId, CONTACTS_PER_PAGE, 'filter');
  }

  async #write({ tenantId, modelId, text }: ExportPlan, ids: string[]): Promise<string> {
    const rows = await tenantRead(this.#db, tenantId, (client) =>
      readExportRows(client, tenantId, ids, modelId),
    );
    const keys = await this.#dimensionKeys(tenantId, modelId, rows);
    return rows.map((row) => text.line(row, pointsOf(row, keys))).join('');
  }

  /** Keys of the dimensions by version: a row that a new version has not reached yet has those of its own. */
  async #dimensionKeys(
    tenantId: string,
    modelId: string | null,
    rows: readonly ExportRow[],
  ): Promise<Map<number, string[]>> {
    const keys = new Map<number, string[]>();
    if (modelId === null) return keys;
    for (const version of new Set(rows.flatMap(({ score }) => score?.version ?? []))) {
      const { compiled } = await this.#registry.version(tenantId, modelId, version);
      keys.set(
        version,
        compiled.dimensions.map(({ key }) => key),
      );
    }
    return keys;
  }
}

function pointsOf({ score }: ExportRow, keys: ReadonlyMap<number, string[]>): Map<string, number> {
  const points = new Map<string, number>();
  keys.get(score?.version ?? 0)?.forEach((key, index) => {
    points.set(key, score?.dimensions[index] ?? 0);
  });
  return points;
}
