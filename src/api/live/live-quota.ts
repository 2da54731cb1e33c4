import type { Viewer } from '../../access/viewer.js';
import { LeadpulseError } from '../../errors.js';
import type { LiveSubscription } from './fan-out/frame.js';
import type { RefusedSubscription } from './fan-out/live-operations.js';
import type { LiveLimits } from './live-limits.js';
import { Places } from './places.js';
import { asGraphQLError } from './subscription-preparer.js';

type Bounds = Pick<
  LiveLimits,
  'connectionsMax' | 'connectionsPerKeyMax' | 'subscriptionsMax' | 'subscriptionsPerKeyMax'
>;

/** Holder of what is counted for the process as a whole. */
const PROCESS = 'process';

/** Gives a place back; to be called once or more. */
export type Release = () => void;

/** A begun subscription, or why it did not begin. */
export type Begun = LiveSubscription | RefusedSubscription;

/** Counts the live connections and subscriptions of this process, in all and of each key, against their bounds. */
export class LiveQuota {
  readonly #limits: Bounds;
  readonly #connections: Places;
  readonly #keyConnections: Places;
  readonly #subscriptions: Places;
  readonly #keySubscriptions: Places;

  constructor(limits: Bounds) {
    this.#limits = limits;
    this.#connections = new Places(limits.connectionsMax);
    this.#keyConnections = new Places(limits.connectionsPerKeyMax);
    this.#subscriptions = new Places(limits.subscriptionsMax);
    this.#keySubscriptions = new Places(limits.subscriptionsPerKeyMax);
  }

  /** A place for a connection, whoever it is from; null when the process has no more. */
  connect(): Release | null {
    return this.#connections.take(PROCESS);
  }

  /** A place for a connection among those of the key; null when it has no more. */
  connectAs(viewer: Viewer): Release | null {
    return this.#keyConnections.take(holderOf(viewer));
  }

  /**
   * Begins a subscription in a place that is given back when it ends, however it does.
   * @returns what `begin` made, or RATE_LIMITED without having called it.
   */
  async subscribe(viewer: Viewer, begin: () => Promise<Begun>): Promise<Begun> {
    const release = this.#place(viewer);
    if (release instanceof LeadpulseError) return { errors: [asGraphQLError(release)] };
    try {
      const begun = await begin();
      if (!('errors' in begun)) return releasing(begun, release);
      release();
      return begun;
    } catch (error) {
      release();
      throw error;
    }
  }

  #place(viewer: Viewer): Release | LeadpulseError {
    const { subscriptionsMax, subscriptionsPerKeyMax } = this.#limits;
    const ofKey = this.#keySubscriptions.take(holderOf(viewer));
    if (!ofKey) return full(`One key has at most ${subscriptionsPerKeyMax} subscriptions; end one first.`);
    const ofProcess = this.#subscriptions.take(PROCESS);
    if (ofProcess) {
      return () => {
        ofKey();
        ofProcess();
      };
    }
    ofKey();
    return full(`The server carries at most ${subscriptionsMax} subscriptions; try again later.`);
  }
}

function full(message: string): LeadpulseError {
  return new LeadpulseError('RATE_LIMITED', message);
}

/** Whose places are counted together: those of one key, or of one subject of a tenant's tokens. */
function holderOf({ tenantId, keyId, name }: Viewer): string {
  return keyId === null ? `token ${tenantId} ${name}` : `key ${keyId}`;
}

/** The subscription, which gives its place back when either side ends it. */
function releasing(subscription: LiveSubscription, release: Release): LiveSubscription {
  return {
    attach: (sink) =>
      subscription.attach({
        hasRoom: () => sink.hasRoom(),
        whenRoom: (resume) => sink.whenRoom(resume),
        write: (batch) => sink.write(batch),
        end: (error) => {
          release();
          sink.end(error);
        },
      }),
    close: () => {
      release();
      subscription.close();
    },
  };
}
