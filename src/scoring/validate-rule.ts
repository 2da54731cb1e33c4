import { type FaultList, isAbsent, join, type Unchecked } from './fault-list.js';
import { TABLE_MATCHES } from './model-definition.js';
import { validateCondition } from './validate-condition.js';

const RULE_KEYS = ['key', 'name', 'description', 'active', 'maxPoints', 'action', 'criteria', 'table'];
const RULE_KINDS = ['action', 'criteria', 'table'] as const;
const ACTION_KEYS = [
  'actionType',
  'where',
  'points',
  'pointsBy',
  'repeat',
  'limit',
  'decays',
  'recency',
  'expiresAfterDays',
  'setScoreTo',
];
const CRITERION_KINDS = ['all', 'any', 'not', 'attribute', 'activity', 'inactivity', 'list'] as const;

const DESCRIPTION_CHARACTERS_MAX = 2_000;
const ACTION_TYPE_CHARACTERS_MAX = 128;
const PATH_CHARACTERS_MAX = 200;
const CONDITIONS_MAX = 50;
const CASES_MAX = 100;
const ROWS_MAX = 1_000;
const CRITERION_PARTS_MAX = 100;
const CRITERION_DEPTH_MAX = 16;
/** What a state has to remember of a window, in instants. */
const WINDOW_COUNT_MAX = 100;
const LIFETIME_AWARDS_MAX = 1e9;
const MULTIPLIER_MAX = 1_000;

/** Checks one rule of a set. @param taken keys of the model's rules so far, to which this one's is added. */
export function validateRule(faults: FaultList, value: unknown, path: string, taken: Set<string>): void {
  const rule = faults.object(value, path, RULE_KEYS);
  if (rule === null) return;
  faults.freshKey(rule.key, join(path, 'key'), taken);
  faults.optionalText(rule.name, join(path, 'name'));
  faults.optionalText(rule.description, join(path, 'description'), DESCRIPTION_CHARACTERS_MAX);
  faults.optionalFlag(rule.active, join(path, 'active'));
  faults.optionalNumber(rule.maxPoints, join(path, 'maxPoints'), { min: 0 });
  const kind = faults.exactlyOne(rule, path, RULE_KINDS);
  if (kind === 'action') validateAction(faults, rule.action, join(path, 'action'));
  if (kind === 'criteria') validateCriteria(faults, rule.criteria, join(path, 'criteria'));
  if (kind === 'table') validateTable(faults, rule.table, join(path, 'table'));
}

function validateAction(faults: FaultList, value: unknown, path: string): void {
  const action = faults.object(value, path, ACTION_KEYS);
  if (action === null) return;
  validateActionType(faults, action.actionType, join(path, 'actionType'));
  validateWhere(faults, action.where, join(path, 'where'));
  faults.number(action.points, join(path, 'points'));
  if (!isAbsent(action.pointsBy)) validatePointsBy(faults, action.pointsBy, join(path, 'pointsBy'));
  if (!isAbsent(action.repeat)) validateRepeat(faults, action.repeat, join(path, 'repeat'));
  if (!isAbsent(action.limit)) validateLimit(faults, action.limit, join(path, 'limit'));
  faults.optionalFlag(action.decays, join(path, 'decays'));
  faults.optionalFlag(action.recency, join(path, 'recency'));
  faults.optionalDays(action.expiresAfterDays, join(path, 'expiresAfterDays'));
  faults.optionalNumber(action.setScoreTo, join(path, 'setScoreTo'));
}

function validateActionType(faults: FaultList, value: unknown, path: string): void {
  const type = faults.text(value, path, ACTION_TYPE_CHARACTERS_MAX);
  if (type?.slice(0, -1).includes('*'))
    faults.add(path, 'A star can only stand at the end, as in "email_*".');
}

/** Checks the conditions on an action's properties. */
function validateWhere(faults: FaultList, value: unknown, path: string): void {
  faults.optionalList(value, path, CONDITIONS_MAX).forEach((one, i) => {
    const condition = faults.object(one, join(path, i), ['property', 'operator', 'value']);
    if (condition === null) return;
    faults.text(condition.property, join(join(path, i), 'property'), PATH_CHARACTERS_MAX);
    validateCondition(faults, condition, join(path, i));
  });
}

function validatePointsBy(faults: FaultList, value: unknown, path: string): void {
  const pointsBy = faults.object(value, path, ['property', 'cases']);
  if (pointsBy === null) return;
  faults.text(pointsBy.property, join(path, 'property'), PATH_CHARACTERS_MAX);
  validateWorth(faults, pointsBy.cases, join(path, 'cases'), CASES_MAX);
}

/** Checks a list of conditions with points. */
function validateWorth(faults: FaultList, value: unknown, path: string, max: number): void {
  faults.list(value, path, 1, max)?.forEach((one, i) => {
    const worth = faults.object(one, join(path, i), ['operator', 'value', 'points']);
    if (worth === null) return;
    validateCondition(faults, worth, join(path, i));
    faults.number(worth.points, join(join(path, i), 'points'));
  });
}

function validateRepeat(faults: FaultList, value: unknown, path: string): void {
  const repeat = faults.object(value, path, ['multiplier', 'withinDays']);
  if (repeat === null) return;
  faults.number(repeat.multiplier, join(path, 'multiplier'), { min: 0, max: MULTIPLIER_MAX });
  faults.optionalDays(repeat.withinDays, join(path, 'withinDays'));
}

function validateLimit(faults: FaultList, value: unknown, path: string): void {
  const limit = faults.object(value, path, ['maxAwards', 'perDays']);
  if (limit === null) return;
  const max = isAbsent(limit.perDays) ? LIFETIME_AWARDS_MAX : WINDOW_COUNT_MAX;
  faults.number(limit.maxAwards, join(path, 'maxAwards'), { min: 1, max, whole: true });
  faults.optionalDays(limit.perDays, join(path, 'perDays'));
}

function validateCriteria(faults: FaultList, value: unknown, path: string): void {
  const criteria = faults.object(value, path, ['when', 'points']);
  if (criteria === null) return;
  validateCriterion(faults, criteria.when, join(path, 'when'), 1);
  faults.number(criteria.points, join(path, 'points'));
}

function validateCriterion(faults: FaultList, value: unknown, path: string, depth: number): void {
  if (depth > CRITERION_DEPTH_MAX) {
    faults.add(path, `Conditions go at most ${CRITERION_DEPTH_MAX} deep. Make them flatter.`);
    return;
  }
  const criterion = faults.object(value, path, CRITERION_KINDS);
  const kind = criterion && faults.exactlyOne(criterion, path, CRITERION_KINDS);
  if (criterion === null || kind === null) return;
  const [part, at] = [criterion[kind], join(path, kind)];
  switch (kind) {
    case 'all':
    case 'any':
      faults.list(part, at, 1, CRITERION_PARTS_MAX)?.forEach((one, i) => {
        validateCriterion(faults, one, join(at, i), depth + 1);
      });
      return;
    case 'not':
      validateCriterion(faults, part, at, depth + 1);
      return;
    case 'attribute':
      validateAttribute(faults, part, at);
      return;
    case 'activity':
      validateActivity(faults, part, at);
      return;
    case 'inactivity':
      faults.days(faults.object(part, at, ['days'])?.days, join(at, 'days'));
      return;
    case 'list':
      faults.key(faults.object(part, at, ['key'])?.key, join(at, 'key'));
  }
}

function validateAttribute(faults: FaultList, value: unknown, path: string): void {
  const condition = faults.object(value, path, ['attribute', 'operator', 'value']);
  if (condition === null) return;
  faults.text(condition.attribute, join(path, 'attribute'), PATH_CHARACTERS_MAX);
  validateCondition(faults, condition, path);
}

/** Checks an activity condition, of a rule or of a filter. */
export function validateActivity(faults: FaultList, value: unknown, path: string): void {
  const activity = faults.object(value, path, ['actionType', 'where', 'atLeast', 'withinDays']);
  if (activity === null) return;
  validateActionType(faults, activity.actionType, join(path, 'actionType'));
  validateWhere(faults, activity.where, join(path, 'where'));
  faults.optionalNumber(activity.atLeast, join(path, 'atLeast'), {
    min: 1,
    max: WINDOW_COUNT_MAX,
    whole: true,
  });
  faults.optionalDays(activity.withinDays, join(path, 'withinDays'));
}

function validateTable(faults: FaultList, value: unknown, path: string): void {
  const table: Unchecked | null = faults.object(value, path, ['attribute', 'match', 'rows']);
  if (table === null) return;
  faults.text(table.attribute, join(path, 'attribute'), PATH_CHARACTERS_MAX);
  if (!isAbsent(table.match) && !TABLE_MATCHES.some((match) => match === table.match)) {
    faults.add(join(path, 'match'), `Give one of ${TABLE_MATCHES.join(', ')}.`);
  }
  validateWorth(faults, table.rows, join(path, 'rows'), ROWS_MAX);
}
