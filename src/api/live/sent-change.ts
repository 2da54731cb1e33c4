import type { ChangeRecord } from '../../feed/change-record.js';

/** A change as a subscriber is told of it. */
export interface SentChange {
  record: ChangeRecord;
  /** Earlier changes of the same contact and model that were left out because the consumer was slow. */
  skipped: number;
}
