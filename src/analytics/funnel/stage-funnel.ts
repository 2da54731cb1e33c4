import { LeadpulseError } from '../../errors.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { placeBeforeSql, scoreRowsSql } from '../scope/score-rows.js';
import { medianOf, percentilesOf, type ValueCount } from '../statistics/grouped-values.js';
import { type Proportion, proportion } from '../statistics/proportion.js';
import { HUNDREDTH_DAY_MS, HUNDREDTHS_PER_DAY } from './hundredths-of-days.js';

/** Ways through the stages that a report tells apart; there are few where leads climb and fall, and no more than leads. */
const WAYS_MAX = 200_000;

/** How leads went through one stage within a range. */
export interface StageFunnel {
  /** Index of the stage, ascending by minScore. */
  stage: number;
  /** Leads that entered it; a lead's first entry into its timeline enters the stage that it then has. */
  entered: number;
  /** Times that a lead left it for a higher, or a lower stage. */
  leftUp: number;
  leftDown: number;
  /** Leads in it before the range, and at its end. */
  atStart: number;
  atEnd: number;
  /** Of those that entered it, those that went on to any higher stage afterwards. */
  advanced: Proportion;
  /** Of those that entered it, those that were in the very next stage at some time afterwards. */
  toNext: Proportion;
  /** Of stays in it that ended; null when none did. In days. */
  medianDays: number | null;
  p75Days: number | null;
  /** Stays that had not ended. */
  open: number;
  /** From first seen to first entering it, of leads that first entered it within the range; null when none did. */
  medianDaysToEnter: number | null;
}

/** Leads that went the same way. */
interface WayDbRow {
  /** The stage before the range; null for leads that came within it. */
  before: number | null;
  /** The stages entered within it, in their order. */
  way: number[];
  leads: number;
}

interface DurationDbRow {
  stage: number;
  hundredths: number;
  count: number;
}

/** How leads went through the stages of the model within the range. @throws LeadpulseError TOO_COMPLEX over `WAYS_MAX`. */
export async function readStageFunnel(read: AnalyticsRead, scope: AnalyticsScope): Promise<StageFunnel[]> {
  const [ways, stays, entries] = await Promise.all([
    read<WayDbRow>(scope, waysStatement(scope)),
    read<DurationDbRow>(scope, staysStatement(scope)),
    read<DurationDbRow>(scope, entriesStatement(scope)),
  ]);
  if (ways.length > WAYS_MAX) {
    const message = `Leads went more than ${WAYS_MAX} ways through the stages. Ask for fewer days, or a segment.`;
    throw new LeadpulseError('TOO_COMPLEX', message);
  }
  return scope.model.compiled.stages.map((_, stage) => {
    const ended = durationsOf(stays, stage);
    const [medianDays = null, p75Days = null] = percentilesOf(ended, [0.5, 0.75]);
    const counted = countWays(ways, stage);
    return {
      ...counted,
      open: counted.atEnd,
      medianDays,
      p75Days,
      medianDaysToEnter: medianOf(durationsOf(entries, stage)),
    };
  });
}

type CountedWays = Omit<StageFunnel, 'medianDays' | 'p75Days' | 'open' | 'medianDaysToEnter'>;

function countWays(ways: readonly WayDbRow[], stage: number): CountedWays {
  const count = { entered: 0, leftUp: 0, leftDown: 0, atStart: 0, atEnd: 0, advanced: 0, toNext: 0 };
  for (const { before, way, leads } of ways) {
    if (before === stage) count.atStart += leads;
    if ((way.at(-1) ?? before) === stage) count.atEnd += leads;
    let from = before;
    for (const to of way) {
      if (from === stage) count[to > stage ? 'leftUp' : 'leftDown'] += leads;
      from = to;
    }
    const entered = way.indexOf(stage);
    if (entered < 0) continue;
    count.entered += leads;
    if (way.some((to, place) => place > entered && to > stage)) count.advanced += leads;
    if (way.indexOf(stage + 1, entered) >= 0) count.toNext += leads;
  }
  return {
    ...count,
    stage,
    advanced: proportion(count.advanced, count.entered),
    toNext: proportion(count.toNext, count.entered),
  };
}

function durationsOf(rows: readonly DurationDbRow[], stage: number): ValueCount[] {
  return rows
    .filter((row) => row.stage === stage)
    .map(({ hundredths, count }) => ({ value: hundredths / HUNDREDTHS_PER_DAY, count }));
}

/** The paths of the scope with the places, from 1, of the first and the last stage entered within the range. */
function pathsSql(scope: AnalyticsScope, parameters: ReturnType<typeof scopeParameters>): string {
  const before = (atMs: number) => placeBeforeSql('p.stage_ms', parameters.add(atMs, 'bigint'));
  return `(SELECT p.contact_id, p.stages, p.stage_ms, ${before(scope.range.fromMs)} + 1 AS first_place,
      ${before(scope.range.toMs)} AS last_place
    ${scoreRowsSql('score_paths', 'p', scope, parameters)})`;
}

/** There are far fewer ways than leads: what takes place-by-place logic is left to them. */
function waysStatement(scope: AnalyticsScope) {
  const parameters = scopeParameters(scope);
  const text = `SELECT stages[first_place - 1] AS before, stages[first_place:last_place] AS way, count(*)::int AS leads
    FROM ${pathsSql(scope, parameters)} paths WHERE last_place > 0 GROUP BY 1, 2 LIMIT ${WAYS_MAX + 1}`;
  return { text, parameters };
}

/** Stays that ended within the range: each stage entered but the first of all ends the one before it. */
function staysStatement(scope: AnalyticsScope) {
  const parameters = scopeParameters(scope);
  const text = `SELECT stage, ((ended - began) / ${HUNDREDTH_DAY_MS})::int AS hundredths, count(*)::int AS count
    FROM (SELECT unnest(stages[greatest(first_place, 2) - 1:last_place - 1])::int AS stage,
        unnest(stage_ms[greatest(first_place, 2) - 1:last_place - 1]) AS began,
        unnest(stage_ms[greatest(first_place, 2):last_place]) AS ended
      FROM ${pathsSql(scope, parameters)} paths WHERE last_place >= greatest(first_place, 2)) stays
    GROUP BY 1, 2`;
  return { text, parameters };
}

/** First entries into each stage within the range: of the stages entered within it, those that had not been entered before. */
function entriesStatement(scope: AnalyticsScope) {
  const parameters = scopeParameters(scope);
  const text = `SELECT stages[place]::int AS stage, ((stage_ms[place] - stage_ms[1]) / ${HUNDREDTH_DAY_MS})::int AS hundredths,
      count(*)::int AS count
    FROM (SELECT stages, stage_ms, generate_series(first_place, last_place) AS place
      FROM ${pathsSql(scope, parameters)} paths WHERE last_place >= first_place) entries
    WHERE array_position(stages, stages[place]) = place GROUP BY 1, 2`;
  return { text, parameters };
}
