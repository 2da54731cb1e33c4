import { LeadpulseError } from '../../errors.js';
import type { ModelRegistry } from '../../store/model-registry.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { joinScoresSql, leadsSql, type OutcomeSpan } from '../scope/leads-sql.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { differenceOfProportions, type RateDifference } from '../statistics/difference-of-proportions.js';
import { leadsNeeded } from '../statistics/leads-needed.js';
import { type Proportion, proportion } from '../statistics/proportion.js';
import { type Experiment, type ExperimentArm, isInSecondArmSql } from './experiment.js';

/** What can be said of an experiment. */
export type ExperimentVerdict = 'TOO_FEW_LEADS' | 'NO_DIFFERENCE' | 'FIRST_BETTER' | 'SECOND_BETTER';

/** How the leads of one arm fared. */
export interface ArmResults {
  arm: ExperimentArm;
  /** Of all leads of the arm, those that converted. */
  converted: Proportion;
  /** Of all leads of the arm, those that reached its threshold before their outcome. */
  qualified: Proportion;
  /** Of those that reached it, those that converted afterwards. */
  precision: Proportion;
  /** Of those that converted, those that had reached it before. */
  recall: Proportion;
  /** Of the conversions, in the tenant's currency; null without one that has a value. */
  valueAverage: number | null;
}

export interface ExperimentResults {
  fromMs: number;
  toMs: number;
  arms: [ArmResults, ArmResults];
  /** Rate of the second arm less that of the first. */
  difference: RateDifference;
  /** Leads that each arm needs before the experiment can tell what it was made to tell. */
  leadsNeeded: number;
  verdict: ExperimentVerdict;
}

interface ArmDbRow {
  leads: number;
  qualified: number;
  converted: number;
  converted_qualified: number;
  value_average: number | null;
}

/**
 * How an experiment stands: both arms over all contacts of the scope that were not settled when it began, whether or not they
 * reached a threshold. What counts lies within the experiment and the range.
 * @throws LeadpulseError NOT_FOUND when a model of it is off; BAD_USER_INPUT when range and experiment have no day in common.
 */
export async function experimentResults(
  read: AnalyticsRead,
  registry: ModelRegistry,
  scope: AnalyticsScope,
  experiment: Experiment,
): Promise<ExperimentResults> {
  const fromMs = Math.max(experiment.startedAtMs, scope.range.fromMs);
  const toMs = Math.min(experiment.endedAtMs ?? scope.nowMs, scope.range.toMs);
  if (toMs <= fromMs) throw apart();
  const arms = await Promise.all([
    armResults(read, registry, scope, experiment, 0, { fromMs, toMs }),
    armResults(read, registry, scope, experiment, 1, { fromMs, toMs }),
  ]);
  const [first, second] = arms;
  const difference = differenceOfProportions(second.converted, first.converted);
  const { expectedRate: baseRate, liftToDetect } = experiment;
  const needed = leadsNeeded({ baseRate, liftToDetect }) ?? Number.MAX_SAFE_INTEGER;
  return {
    fromMs,
    toMs,
    arms,
    difference,
    leadsNeeded: needed,
    verdict: verdictOf(arms, difference, needed),
  };
}

function verdictOf(
  arms: readonly ArmResults[],
  difference: RateDifference,
  needed: number,
): ExperimentVerdict {
  if (arms.some(({ converted }) => converted.denominator < needed)) return 'TOO_FEW_LEADS';
  if (difference.low > 0) return 'SECOND_BETTER';
  return difference.high < 0 ? 'FIRST_BETTER' : 'NO_DIFFERENCE';
}

async function armResults(
  read: AnalyticsRead,
  registry: ModelRegistry,
  scope: AnalyticsScope,
  experiment: Experiment,
  place: 0 | 1,
  span: OutcomeSpan,
): Promise<ArmResults> {
  const arm = experiment.arms[place];
  const { models } = await registry.current(scope.tenantId);
  const model = models.find(({ modelId }) => modelId === arm.modelId);
  if (!model) {
    const message = `The model of the arm ${arm.key} is off; activate it to see how the experiment went.`;
    throw new LeadpulseError('NOT_FOUND', message);
  }
  const [row] = await read<ArmDbRow>(scope, armStatement(scope, experiment, place, model.version, span));
  if (!row) throw new Error('an aggregate answered with no row');
  return {
    arm,
    converted: proportion(row.converted, row.leads),
    qualified: proportion(row.qualified, row.leads),
    precision: proportion(row.converted_qualified, row.qualified),
    recall: proportion(row.converted_qualified, row.converted),
    valueAverage: row.value_average,
  };
}

function armStatement(
  scope: AnalyticsScope,
  experiment: Experiment,
  place: 0 | 1,
  version: number,
  span: OutcomeSpan,
) {
  const parameters = scopeParameters(scope);
  const arm = experiment.arms[place];
  const isSecond = isInSecondArmSql(
    parameters.add(experiment.id, 'text'),
    parameters.add(experiment.share, 'float8'),
    'l.contact_id::text',
  );
  const scores = joinScoresSql('score_paths', 'p', { modelId: arm.modelId, version }, parameters);
  const text = `SELECT count(*)::int AS leads, count(*) FILTER (WHERE qualified)::int AS qualified,
      count(*) FILTER (WHERE won)::int AS converted, count(*) FILTER (WHERE won AND qualified)::int AS converted_qualified,
      avg(won_value) FILTER (WHERE won) AS value_average
    FROM (
      SELECT l.won, l.won_value, coalesce(p.peaks[width_bucket(l.cut_ms - 1, p.peak_ms)]
        >= ${parameters.add(arm.threshold, 'int')}, FALSE) AS qualified
      FROM ${leadsSql(scope, span, parameters)} l LEFT ${scores}
      WHERE ${place === 1 ? '' : 'NOT '}(${isSecond})) AS leads`;
  return { text, parameters };
}

function apart(): LeadpulseError {
  const message =
    'The experiment and the range of the reports have no instant in common: widen the range to the days of the experiment.';
  return new LeadpulseError('BAD_USER_INPUT', message);
}
