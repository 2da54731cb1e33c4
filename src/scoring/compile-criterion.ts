import { type ActionTypePattern, parseActionType } from './action-type.js';
import { compileCondition, type ValueTest } from './compile-condition.js';
import { daysToMs } from './duration.js';
import type { JsonObject } from './json-value.js';
import type {
  ActivityCondition,
  AttributeCondition,
  Condition,
  Criterion,
  PropertyCondition,
  TableRow,
  TableRuleDefinition,
} from './model-definition.js';
import { splitPath, valueAtPath } from './property-path.js';
import type { ScoreState } from './score-state.js';

/** Whether an action's properties meet all conditions of a `where`. */
export type PropertiesTest = (properties: JsonObject) => boolean;

/** Whether a criterion holds for the state at an instant. */
export type StateTest = (state: ScoreState, atMs: number) => boolean;

/** The instant from which a window or an inactivity reads otherwise; Infinity when it has nothing ahead by itself. */
export type Timer = (state: ScoreState) => number;

/** Points that a value (undefined: missing) is worth. */
export type ValuePoints = (value: Parameters<ValueTest>[0]) => number;

/** An activity criterion, told of every action that matches it. */
export interface CompiledActivity {
  index: number;
  pattern: ActionTypePattern;
  where: PropertiesTest;
  atLeast: number;
  /** Infinity when the criterion looks back for ever. */
  withinMs: number;
}

/** All that a model asks of the attribute at one path; a source keeps the answers, not the value. */
export interface AttributeTests {
  conditions: ValueTest[];
  tables: ValuePoints[];
}

/** One place where the value at a path can come from: an attribute named by the whole path, or one above it. */
export interface AttributeSource {
  index: number;
  /** What to descend by below the attribute; null when the attribute itself is meant. */
  rest: string | null;
  tests: AttributeTests;
}

interface PathTests extends AttributeTests {
  whole: number;
  /** -1 when the path has one part. */
  descent: number;
  conditionIndexes: Map<string, number>;
}

/** How many condition results share a number: what fits 32-bit shifts with room for the sign. */
export const RESULTS_PER_WORD = 30;

/** Where the table points begin behind the words of condition results. */
export function resultWordCount(tests: AttributeTests): number {
  return Math.ceil(tests.conditions.length / RESULTS_PER_WORD);
}

/** Compiles all conditions of a `where`; no conditions hold for every action. */
export function compileWhere(conditions: readonly PropertyCondition[]): PropertiesTest {
  const tests = conditions.map((condition) => ({
    path: condition.property,
    holds: compileCondition(condition),
  }));
  const [only] = tests;
  if (only === undefined) return () => true;
  if (tests.length === 1) return (properties) => only.holds(valueAtPath(properties, only.path));
  return (properties) => tests.every(({ path, holds }) => holds(valueAtPath(properties, path)));
}

/** Collects, over all rules of a model, what their criteria and tables need to be remembered. */
export class CriterionCompiler {
  readonly activities: CompiledActivity[] = [];
  readonly listKeys: string[] = [];
  /** By name of the top-level attribute. */
  readonly sourcesByAttribute = new Map<string, AttributeSource[]>();
  private readonly paths = new Map<string, PathTests>();
  private readonly activityIndexes = new Map<string, number>();
  private sourceCount = 0;

  /** @param timers receives a timer for each part of the criterion that time alone can turn. */
  compile(criterion: Criterion, timers: Timer[]): StateTest {
    if (criterion.all) return every(criterion.all.map((part) => this.compile(part, timers)));
    if (criterion.any) return some(criterion.any.map((part) => this.compile(part, timers)));
    if (criterion.not) {
      const test = this.compile(criterion.not, timers);
      return (state, atMs) => !test(state, atMs);
    }
    if (criterion.attribute) return this.compileAttribute(criterion.attribute);
    if (criterion.activity) return this.compileActivity(criterion.activity, timers);
    if (criterion.inactivity) return compileInactivity(daysToMs(criterion.inactivity.days), timers);
    return this.compileList(criterion.list?.key ?? '');
  }

  /** The points of a table rule for the attribute as the state knows it. */
  compileTable(table: TableRuleDefinition): (state: ScoreState) => number {
    const tests = this.testsOfPath(table.attribute);
    const index = tests.tables.push(compileRows(table)) - 1;
    return (state) => {
      const results = resultsOf(state, tests);
      return results === undefined ? 0 : (results[resultWordCount(tests) + index] ?? 0);
    };
  }

  private compileAttribute(condition: AttributeCondition): StateTest {
    const tests = this.testsOfPath(condition.attribute);
    const index = conditionIndex(tests, condition);
    const missing = tests.conditions[index]?.(undefined) ?? false;
    const [word, bit] = [Math.floor(index / RESULTS_PER_WORD), index % RESULTS_PER_WORD];
    return (state) => {
      const results = resultsOf(state, tests);
      return results === undefined ? missing : (((results[word] ?? 0) >> bit) & 1) === 1;
    };
  }

  private compileActivity(condition: ActivityCondition, timers: Timer[]): StateTest {
    const { index, atLeast, withinMs } = this.activityOf(condition);
    if (withinMs === Number.POSITIVE_INFINITY) {
      return (state) => ((state.activities[index] ?? 0) as number) >= atLeast;
    }
    const endsAtMs: Timer = (state) => {
      const instants = state.activities[index] as number[] | undefined;
      const oldest = instants === undefined ? undefined : instants[instants.length - atLeast];
      return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + withinMs;
    };
    timers.push((state) => {
      const endMs = endsAtMs(state);
      return endMs === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : endMs;
    });
    return (state, atMs) => atMs < endsAtMs(state);
  }

  private activityOf(condition: ActivityCondition): CompiledActivity {
    const identity = JSON.stringify(condition);
    const known = this.activities[this.activityIndexes.get(identity) ?? -1];
    if (known !== undefined) return known;
    const activity: CompiledActivity = {
      index: this.activities.length,
      pattern: parseActionType(condition.actionType),
      where: compileWhere(condition.where ?? []),
      atLeast: condition.atLeast ?? 1,
      withinMs:
        typeof condition.withinDays === 'number' ? daysToMs(condition.withinDays) : Number.POSITIVE_INFINITY,
    };
    this.activityIndexes.set(identity, activity.index);
    this.activities.push(activity);
    return activity;
  }

  private compileList(key: string): StateTest {
    const known = this.listKeys.indexOf(key);
    const index = known >= 0 ? known : this.listKeys.push(key) - 1;
    return (state) => state.lists.includes(index);
  }

  private testsOfPath(path: string): PathTests {
    const known = this.paths.get(path);
    if (known !== undefined) return known;
    const tests: PathTests = {
      conditions: [],
      tables: [],
      whole: -1,
      descent: -1,
      conditionIndexes: new Map(),
    };
    tests.whole = this.addSource(path, null, tests);
    const split = splitPath(path);
    if (split !== null) tests.descent = this.addSource(split.head, split.rest, tests);
    this.paths.set(path, tests);
    return tests;
  }

  private addSource(attribute: string, rest: string | null, tests: AttributeTests): number {
    const sources = this.sourcesByAttribute.get(attribute) ?? [];
    this.sourcesByAttribute.set(attribute, sources);
    sources.push({ index: this.sourceCount, rest, tests });
    return this.sourceCount++;
  }
}

function conditionIndex(tests: PathTests, { operator, value }: Condition): number {
  const identity = JSON.stringify([operator, value ?? null]);
  const known = tests.conditionIndexes.get(identity);
  if (known !== undefined) return known;
  const index = tests.conditions.push(compileCondition({ operator, value })) - 1;
  tests.conditionIndexes.set(identity, index);
  return index;
}

function resultsOf(state: ScoreState, tests: PathTests): number[] | undefined {
  const whole = state.attributes[tests.whole];
  return whole !== undefined || tests.descent < 0 ? whole : state.attributes[tests.descent];
}

function compileInactivity(idleMs: number, timers: Timer[]): StateTest {
  timers.push(({ lastActivityAtMs }) =>
    lastActivityAtMs === null ? Number.POSITIVE_INFINITY : lastActivityAtMs + idleMs,
  );
  return ({ lastActivityAtMs }, atMs) => lastActivityAtMs !== null && atMs >= lastActivityAtMs + idleMs;
}

function every(tests: StateTest[]): StateTest {
  return (state, atMs) => tests.every((test) => test(state, atMs));
}

function some(tests: StateTest[]): StateTest {
  return (state, atMs) => tests.some((test) => test(state, atMs));
}

/** The points of a table for a value that is there. */
function compileRows(table: TableRuleDefinition): ValuePoints {
  const rows = table.rows.map((row: TableRow) => ({ holds: compileCondition(row), points: row.points }));
  if (table.match === 'HIGHEST') {
    return (value) => {
      const held = rows.filter((row) => row.holds(value)).map((row) => row.points);
      return held.length === 0 ? 0 : Math.max(...held);
    };
  }
  if (table.match === 'SUM') {
    return (value) => rows.reduce((sum, row) => (row.holds(value) ? sum + row.points : sum), 0);
  }
  return (value) => rows.find((row) => row.holds(value))?.points ?? 0;
}
