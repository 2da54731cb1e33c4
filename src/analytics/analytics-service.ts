import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { ExperimentService } from './experiments/experiment-service.js';
import { ConversionService } from './facts/conversion-settings.js';
import { fitThreadEntry, RuleFitter } from './insight/fit-in-thread.js';
import { AnalyticsReads, type AnalyticsStatement } from './scope/analytics-reads.js';
import { type AnalyticsRequest, type AnalyticsScope, analyticsScope } from './scope/analytics-scope.js';

/** Reads the rows of one statement of a report; see `AnalyticsReads.read`. */
export type AnalyticsRead = <Row>(scope: AnalyticsScope, statement: AnalyticsStatement) => Promise<Row[]>;

/** What reports need: what they are asked about, and connections to read on. */
export class AnalyticsService {
  readonly experiments: ExperimentService;
  readonly conversions: ConversionService;
  readonly fitter: RuleFitter;
  readonly #registry: ModelRegistry;
  readonly #reads: AnalyticsReads;

  constructor(
    db: Pick<Database, 'analytics' | 'reads'>,
    registry: ModelRegistry,
    fitEntry: () => URL = fitThreadEntry,
  ) {
    this.experiments = new ExperimentService(db, registry);
    this.conversions = new ConversionService(db);
    this.fitter = new RuleFitter(fitEntry);
    this.#registry = registry;
    this.#reads = new AnalyticsReads(db);
  }

  /** See `analyticsScope`, with the models as they are active now. */
  async scope(
    tenantId: string,
    request: AnalyticsRequest = {},
    nowMs: number = Date.now(),
  ): Promise<AnalyticsScope> {
    return analyticsScope(tenantId, await this.#registry.current(tenantId), request, nowMs);
  }

  /** The one way in which reports read. It may be passed on by itself. */
  readonly read: AnalyticsRead = (scope, statement) => this.#reads.read(scope, statement);
}
