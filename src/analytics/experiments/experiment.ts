import { createHash } from 'node:crypto';
import { hashesBelow, isDrawnSql } from '../scope/drawn-share.js';

/** One of the two ways that are compared: leads that reach a total on a model. */
export interface ExperimentArm {
  key: string;
  name: string;
  modelId: string;
  threshold: number;
}

/** Two models or thresholds on a stable random split of the contacts. */
export interface Experiment {
  id: string;
  key: string;
  name: string;
  arms: readonly [ExperimentArm, ExperimentArm];
  /** Of the contacts, how many are in the second arm; above 0 and below 1. */
  share: number;
  /** The share of leads that is expected to convert in the first arm; above 0 and below 1. */
  expectedRate: number;
  /** The smallest lift of the second arm's rate over the first's that is worth finding: 1.2 is a fifth more. */
  liftToDetect: number;
  createdBy: string;
  startedAtMs: number;
  /** Null while it runs. */
  endedAtMs: number | null;
}

/**
 * The arm that a contact is in: 0 or 1. The same for as long as the experiment and the contact exist, whatever the contact
 * does and whoever asks, and independent of other experiments; `isInSecondArmSql` says the same.
 */
export function armOf({ id, share }: Pick<Experiment, 'id' | 'share'>, contactId: string): 0 | 1 {
  const hash = createHash('md5').update(`${id}${contactId}`).digest().readUInt32BE(0);
  return hash < hashesBelow(share) ? 1 : 0;
}

/** Whether a contact is in the second arm, as SQL. @param id, share placeholders of the experiment's. */
export function isInSecondArmSql(id: string, share: string, contactId: string): string {
  return isDrawnSql(`${id} || ${contactId}`, share);
}
