import { LeadpulseError } from '../../errors.js';
import { STAGES_MAX } from '../../scoring/validate-model.js';
import type { SqlParameters } from '../../store/sql-parameters.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { KEPT_APART_SQL, placeBeforeSql, scoreRowsSql } from '../scope/score-rows.js';
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
  /** As `Way.stages`, separated by commas: PostgreSQL groups texts a third quicker than arrays. */
  way: string;
  leads: number;
}

interface Way {
  /** The stage before the range, `NO_STAGE` for leads that came within it, then the stages entered within it in their order. */
  stages: number[];
  leads: number;
}

/** Stands for the stage of a lead that was none yet. */
const NO_STAGE = -1;

/** Durations: of a stay in a stage that ended, and from first seen to the first entry into one. */
const DURATION_KINDS = { STAY: 0, ENTRY: 1 } as const;
const KINDS = 2;

interface DurationDbRow {
  /** Hundredths of days, stage and kind in one number (see `keySql`): PostgreSQL groups by one column in its helpers. */
  key: string;
  count: number;
}

/** How leads went through the stages of the model within the range. @throws LeadpulseError TOO_COMPLEX over `WAYS_MAX`. */
export async function readStageFunnel(read: AnalyticsRead, scope: AnalyticsScope): Promise<StageFunnel[]> {
  const [rows, stays] = await Promise.all([
    read<WayDbRow>(scope, waysStatement(scope)),
    read<DurationDbRow>(scope, durationsStatement(scope)),
  ]);
  if (rows.length > WAYS_MAX) {
    const message = `Leads went more than ${WAYS_MAX} ways through the stages. Ask for fewer days, or a segment.`;
    throw new LeadpulseError('TOO_COMPLEX', message);
  }
  const ways = rows.map(({ way, leads }) => ({ stages: way.split(',').map(Number), leads }));
  const durations = Map.groupBy(stays.map(durationOf), ({ kind, stage }) => kind + stage * KINDS);
  const durationsOf = (kind: keyof typeof DURATION_KINDS, stage: number) =>
    durations.get(DURATION_KINDS[kind] + stage * KINDS) ?? [];
  return scope.model.compiled.stages.map((_, stage) => {
    const ended = durationsOf('STAY', stage);
    const [medianDays = null, p75Days = null] = percentilesOf(ended, [0.5, 0.75]);
    const counted = countWays(ways, stage);
    return {
      ...counted,
      open: counted.atEnd,
      medianDays,
      p75Days,
      medianDaysToEnter: medianOf(durationsOf('ENTRY', stage)),
    };
  });
}

type CountedWays = Omit<StageFunnel, 'medianDays' | 'p75Days' | 'open' | 'medianDaysToEnter'>;

function countWays(ways: readonly Way[], stage: number): CountedWays {
  const count = { entered: 0, leftUp: 0, leftDown: 0, atStart: 0, atEnd: 0, advanced: 0, toNext: 0 };
  for (const { stages, leads } of ways) {
    if (stages[0] === stage) count.atStart += leads;
    if (stages.at(-1) === stage) count.atEnd += leads;
    stages.slice(1).forEach((to, place) => {
      if (stages[place] === stage) count[to > stage ? 'leftUp' : 'leftDown'] += leads;
    });
    const entered = stages.indexOf(stage, 1);
    if (entered < 0) continue;
    count.entered += leads;
    if (stages.some((to, place) => place > entered && to > stage)) count.advanced += leads;
    if (stages.indexOf(stage + 1, entered) >= 0) count.toNext += leads;
  }
  return {
    ...count,
    stage,
    advanced: proportion(count.advanced, count.entered),
    toNext: proportion(count.toNext, count.entered),
  };
}

function durationOf({ key, count }: DurationDbRow): ValueCount & { kind: number; stage: number } {
  const place = Math.floor(Number(key) / KINDS);
  return {
    kind: Number(key) % KINDS,
    stage: place % STAGES_MAX,
    value: Math.floor(place / STAGES_MAX) / HUNDREDTHS_PER_DAY,
    count,
  };
}

/** Leads with an entry before the range's end, with the places, from 1, of the first and the last stage entered within it. */
function pathsSql(scope: AnalyticsScope, parameters: SqlParameters): string {
  const to = parameters.add(scope.range.toMs, 'bigint');
  const before = (atMs: string) => placeBeforeSql('p.stage_ms', atMs);
  return `(SELECT p.stages, p.stage_ms, ${before(parameters.add(scope.range.fromMs, 'bigint'))} + 1 AS first_place,
      ${before(to)} AS last_place
    ${scoreRowsSql('score_paths', 'p', scope, parameters)} AND p.first_ms < ${to} ${KEPT_APART_SQL})`;
}

/** There are far fewer ways than leads: what takes place-by-place logic is left to them. */
function waysStatement(scope: AnalyticsScope) {
  const parameters = scopeParameters(scope);
  const entered = `array_to_string(stages[greatest(first_place, 2) - 1:last_place], ',')`;
  const text = `SELECT way, count(*)::int AS leads
    FROM (SELECT CASE WHEN first_place > last_place THEN stages[last_place]::text
        WHEN first_place = 1 THEN '${NO_STAGE},' || ${entered} ELSE ${entered} END AS way
      FROM ${pathsSql(scope, parameters)} paths ${KEPT_APART_SQL}) ways
    GROUP BY way LIMIT ${WAYS_MAX + 1}`;
  return { text, parameters };
}

/**
 * Each stage entered within the range ends the stay in the one before it, and is a first entry when it had not been entered
 * before: both durations in one pass.
 */
function durationsStatement(scope: AnalyticsScope) {
  const parameters = scopeParameters(scope);
  const [ends, begins] = ['[first_place:last_place]', '[greatest(first_place, 2) - 1:last_place - 1]'];
  // A lead's very first stage ends no stay: the slices that begin with it have one more.
  const led = (column: string, none: string) =>
    `CASE WHEN first_place = 1 THEN ${none} || ${column}${begins} ELSE ${column}${begins} END`;
  const text = `SELECT key, count(*)::int AS count
    FROM (SELECT unnest(ARRAY[${keySql('STAY', 'ended_ms - began_ms', 'stage_before')},
        CASE WHEN array_position(stages, stage) = place THEN ${keySql('ENTRY', 'ended_ms - seen_ms', 'stage')} END]) AS key
      FROM (SELECT stages, stage_ms[1] AS seen_ms, unnest(stage_ms${ends}) AS ended_ms, unnest(stages${ends}) AS stage,
          unnest(${led('stage_ms', 'NULL::bigint')}) AS began_ms, unnest(${led('stages', 'NULL::smallint')}) AS stage_before,
          generate_series(first_place, last_place) AS place
        FROM ${pathsSql(scope, parameters)} paths WHERE last_place >= first_place) entered) durations
    WHERE key IS NOT NULL GROUP BY key`;
  return { text, parameters, countsInHelpers: true };
}

/** `DurationDbRow.key`. @param durationMs, stage SQL of a duration and of the index of a stage. */
function keySql(kind: keyof typeof DURATION_KINDS, durationMs: string, stage: string): string {
  return `((${durationMs}) / ${HUNDREDTH_DAY_MS} * ${STAGES_MAX} + ${stage}) * ${KINDS} + ${DURATION_KINDS[kind]}`;
}
