import { badInput, type FieldFault } from '../errors.js';
import { ScoringModel } from '../store/entities/scoring-model.js';
import { queueRescore, supersedeRescores } from '../store/jobs/job-queries.js';
import { logChange } from './change-log.js';
import type { ModelOutcome } from './edit-model.js';
import { findModel } from './locked-model.js';
import type { ModelChangeKind } from './model-change-row.js';
import type { ModelRow } from './model-row.js';
import type { ModelTransaction } from './model-transaction.js';

/** What is to become of a model's switches; what is left out stays. */
export interface ModelSwitches {
  active?: boolean | null;
  primary?: boolean | null;
  message?: string | null;
}

/**
 * Switches a model on or off, or makes it the primary one (which the former then no longer is). The scores of a model that
 * is switched on again missed what happened meanwhile and are computed anew.
 * @throws LeadpulseError NOT_FOUND; BAD_USER_INPUT when nothing is asked for, when the primary model would be switched
 *   off, or an inactive one made primary.
 */
export async function switchModel(
  transaction: ModelTransaction,
  id: string,
  switches: ModelSwitches,
): Promise<ModelOutcome> {
  const { manager, tenantId, by } = transaction;
  const model = await findModel(transaction, id);
  const active = switches.active ?? model.active;
  const primary = switches.primary ?? model.primary;
  const fault = switchFault(model, switches, active, primary);
  if (fault) throw badInput([fault]);
  const switched = { ...model, active, primary };
  const log = (kind: ModelChangeKind, modelId = id) =>
    logChange(transaction, { modelId, kind, version: null, message: switches.message ?? null, diff: null });
  if (primary && !model.primary) {
    const former = await takePrimary(transaction);
    if (former !== null) await log('NO_LONGER_PRIMARY', former);
  }
  await manager.update(ScoringModel, { tenantId, id }, { active, primary });
  if (active !== model.active) await log(active ? 'SWITCHED_ON' : 'SWITCHED_OFF');
  if (primary !== model.primary) await log('MADE_PRIMARY');
  if (active !== model.active || primary !== model.primary) transaction.scoringChanges();
  if (!active && model.active) await supersedeRescores(manager, tenantId, id);
  const recalculation =
    active && !model.active ? await queueRescore(manager, tenantId, id, model.version, by) : null;
  return { model: switched, draft: null, recalculation };
}

/** Makes no model primary. @returns the id of the one that was; null when none was. */
async function takePrimary({ manager, tenantId }: ModelTransaction): Promise<string | null> {
  const former = await manager.findOneBy(ScoringModel, { tenantId, primary: true });
  if (!former) return null;
  await manager.update(ScoringModel, { tenantId, id: former.id }, { primary: false });
  return former.id;
}

function switchFault(
  model: ModelRow,
  switches: ModelSwitches,
  active: boolean,
  primary: boolean,
): FieldFault | null {
  if (switches.active == null && switches.primary == null) {
    return { path: 'input', message: 'Give `active`, `primary`, or both.' };
  }
  if (model.primary && !primary) {
    const message = 'Make another model primary instead: this one then no longer is.';
    return { path: 'input.primary', message };
  }
  if (!primary || active) return null;
  if (model.primary) {
    const message = 'The primary model cannot be switched off; make another one primary first.';
    return { path: 'input.active', message };
  }
  return {
    path: 'input.primary',
    message: 'An inactive model cannot be primary; switch it on in the same call.',
  };
}
