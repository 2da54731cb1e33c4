import { LeadpulseError } from '../../errors.js';

/** How many pieces of work may run and wait, and for how long. */
export interface ReadQueueLimits {
  atOnceMax: number;
  waitingMax: number;
  waitingPerTenantMax: number;
  waitMsMax: number;
}

type Start = () => void;

/** Lets a few reads run at a time; the others wait, and tenants take turns. */
export class ReadQueue {
  readonly #limits: ReadQueueLimits;
  /** Those that wait, by tenant; the tenant whose turn is next comes first. */
  readonly #waiting = new Map<string, Start[]>();
  #waitingCount = 0;
  #running = 0;

  constructor(limits: ReadQueueLimits) {
    this.#limits = limits;
  }

  /**
   * Runs `work` when its turn has come, and answers as it does.
   * @throws LeadpulseError RATE_LIMITED when the tenant has too much waiting, UNAVAILABLE when the process has, or when the
   * turn does not come in time.
   */
  async run<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.atOnceMax) await this.#turn(tenantId);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #turn(tenantId: string): Promise<void> {
    const { waitingMax, waitingPerTenantMax, waitMsMax } = this.#limits;
    const own = this.#waiting.get(tenantId) ?? [];
    if (own.length >= waitingPerTenantMax) {
      const message = `At most ${waitingPerTenantMax} reports of one tenant wait for their turn; ask for fewer at a time.`;
      throw new LeadpulseError('RATE_LIMITED', message);
    }
    if (this.#waitingCount >= waitingMax) throw busy();
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#leave(tenantId, start);
        reject(busy());
      }, waitMsMax);
      own.push(start);
      this.#waiting.set(tenantId, own);
      this.#waitingCount += 1;
    });
  }

  /** Gives the place of one that is done to the next one. */
  #pass(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running -= 1;
      return;
    }
    const [tenantId, [start]] = next;
    if (!start) throw new Error('a tenant without anything to wait for is in the line');
    this.#leave(tenantId, start);
    start();
  }

  /** Takes one out of the line, and puts its tenant behind the others. */
  #leave(tenantId: string, start: Start): void {
    const left = this.#waiting.get(tenantId)?.filter((other) => other !== start) ?? [];
    this.#waiting.delete(tenantId);
    if (left.length > 0) this.#waiting.set(tenantId, left);
    this.#waitingCount -= 1;
  }
}

function busy(): LeadpulseError {
  return new LeadpulseError('UNAVAILABLE', 'Too many reports are being made. Ask again in a few seconds.');
}
