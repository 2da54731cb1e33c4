import { LeadpulseError } from '../../errors.js';
import type { ModelRegistry } from '../../store/model-registry.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { leadsSql, type OutcomeSpan } from '../scope/leads-sql.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { placeBeforeSql } from '../scope/score-rows.js';
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

/** The leads of one arm, those that reached its threshold, and those that did and converted. */
interface ArmDbRow {
  place: number;
  leads: number;
  converted: number;
  value_average: number | null;
  qualified: number;
  converted_qualified: number;
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
  const { models } = await registry.current(scope.tenantId);
  const versions = versionsOf(experiment, models);
  const statement = armsStatement(scope, experiment, versions, { fromMs, toMs });
  const rows = await read<ArmDbRow>(scope, statement);
  const arms: [ArmResults, ArmResults] = [armResults(experiment, 0, rows), armResults(experiment, 1, rows)];
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

/** The current version of either arm's model. @throws LeadpulseError NOT_FOUND when one is off. */
function versionsOf(
  { arms }: Experiment,
  models: readonly { modelId: string; version: number }[],
): [number, number] {
  const versionOf = ({ key, modelId }: ExperimentArm): number => {
    const model = models.find((candidate) => candidate.modelId === modelId);
    if (model) return model.version;
    const message = `The model of the arm ${key} is off; activate it to see how the experiment went.`;
    throw new LeadpulseError('NOT_FOUND', message);
  };
  return [versionOf(arms[0]), versionOf(arms[1])];
}

function armResults({ arms }: Experiment, place: 0 | 1, rows: readonly ArmDbRow[]): ArmResults {
  const row = rows.find((candidate) => candidate.place === place);
  const [leads, converted] = [row?.leads ?? 0, row?.converted ?? 0];
  const [qualified, both] = [row?.qualified ?? 0, row?.converted_qualified ?? 0];
  return {
    arm: arms[place],
    converted: proportion(converted, leads),
    qualified: proportion(qualified, leads),
    precision: proportion(both, qualified),
    recall: proportion(both, converted),
    valueAverage: row?.value_average ?? null,
  };
}

/** Each model of the experiment in one pass over its scores: both arms, when they have one model, else those of its arm. */
function armsStatement(
  scope: AnalyticsScope,
  { id, share, arms }: Experiment,
  versions: readonly [number, number],
  span: OutcomeSpan,
) {
  const parameters = scopeParameters(scope);
  const [idSql, shareSql] = [parameters.add(id, 'text'), parameters.add(share, 'float8')];
  const place = `(${isInSecondArmSql(idSql, shareSql, 'l.contact_id::text')})::int`;
  const thresholds = parameters.add(
    arms.map(({ threshold }) => threshold),
    'int[]',
  );
  const isOneModel = arms[0].modelId === arms[1].modelId;
  const passes = (isOneModel ? arms.slice(0, 1) : arms).map(({ modelId }, index) => {
    const model = { modelId, version: versions[index] ?? 0 };
    return `SELECT ${place} AS place, l.won, l.won_value, l.peaks[${placeBeforeSql('l.peak_ms', 'l.cut_ms')}] AS peak
      FROM ${leadsSql(scope, span, parameters, 'score_paths', model)} l ${isOneModel ? '' : `WHERE ${place} = ${index}`}`;
  });
  const text = `SELECT place, count(*)::int AS leads, count(*) FILTER (WHERE won)::int AS converted,
      avg(won_value) FILTER (WHERE won) AS value_average, count(*) FILTER (WHERE reached)::int AS qualified,
      count(*) FILTER (WHERE won AND reached)::int AS converted_qualified
    FROM (SELECT place, won, won_value, peak >= (${thresholds})[place + 1] AS reached
      FROM (${passes.join(' UNION ALL ')}) passes) leads
    GROUP BY place`;
  return { text, parameters };
}

function apart(): LeadpulseError {
  const message =
    'The experiment and the range of the reports have no instant in common: widen the range to the days of the experiment.';
  return new LeadpulseError('BAD_USER_INPUT', message);
}
