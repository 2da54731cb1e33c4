import type pg from 'pg';
import type { CompiledModel } from '../scoring/compile-model.js';
import { evaluate } from '../scoring/evaluate.js';
import { explain } from '../scoring/explain.js';
import type { ScoreLine } from '../scoring/score-line.js';
import { parseState, type ScoreState } from '../scoring/score-state.js';
import { ScoreComparison } from './compare-scores.js';
import { type CompiledScope, compileScope, type EntryWatch, foldTimeline } from './compiled-scope.js';
import {
  type ContactTimeline,
  readContacts,
  readRange,
  readSnapshot,
  readTimelinesOf,
  type StoredScore,
} from './contact-reader.js';
import type { ComparedModels, PreviewTally } from './preview-tally.js';
import { RuleCount, type RuleTally } from './rule-tally.js';
import type { ContactRange, ScoreScope } from './score-scope.js';

/** A score under one version, with its explanation. */
export interface ExplainedScore {
  total: number;
  /** Key of the stage. */
  stage: string;
  label: string | null;
  /** In the order of the version's dimensions. */
  dimensions: number[];
  lines: ScoreLine[];
}

/** One contact under both versions. */
export interface ExplainedMove {
  contactId: string;
  before: ExplainedScore;
  after: ExplainedScore;
}

/** What threads can be asked, and what they answer; all of it can be sent from thread to thread. */
export interface ThreadTasks {
  /** Counts the contacts of a range under both versions. */
  compare: { ask: { scope: ScoreScope; range: ContactRange }; answer: PreviewTally };
  /** Explains contacts under both versions; those that are not there are left out. */
  explain: { ask: { scope: ScoreScope; contactIds: string[] }; answer: ExplainedMove[] };
  /** Counts who holds the rules of the version before among the contacts of a range. */
  rules: { ask: { scope: ScoreScope; range: ContactRange }; answer: RuleTally };
}

export type TaskKind = keyof ThreadTasks;

/** A contact's states under both versions. */
interface ComparedStates {
  before: ScoreState;
  after: ScoreState;
}

type TaskWork = {
  [Kind in TaskKind]: (
    client: pg.ClientBase,
    ask: ThreadTasks[Kind]['ask'],
  ) => Promise<ThreadTasks[Kind]['answer']>;
};

/** How each kind of task is done, over a pipelined connection of the thread's own. */
export const TASK_WORK: TaskWork = {
  compare: (client, { scope, range }) =>
    readSnapshot(client, scope.tenantId, () => compareRange(client, compileScope(scope), range)),
  explain: (client, { scope, contactIds }) =>
    readSnapshot(client, scope.tenantId, () => explainContacts(client, compileScope(scope), contactIds)),
  rules: (client, { scope, range }) =>
    readSnapshot(client, scope.tenantId, () => countRules(client, compileScope(scope), range)),
};

async function compareRange(
  client: pg.ClientBase,
  compiled: CompiledScope,
  range: ContactRange,
): Promise<PreviewTally> {
  const { scope, wanted } = compiled;
  const models = comparedModels(compiled);
  const comparison = new ScoreComparison(models, scope.atMs);
  const see = comparison.see.bind(comparison);
  const contacts = await readRange(client, scope, range);
  for await (const chunk of readTimelinesOf(client, scope.tenantId, contacts, wanted)) {
    for (const contact of chunk) {
      const states = statesOf(models, contact, see);
      const { before, after } = states instanceof Promise ? await states : states;
      comparison.count(contact.id, before, after);
    }
  }
  return comparison.tally();
}

async function explainContacts(
  client: pg.ClientBase,
  compiled: CompiledScope,
  contactIds: readonly string[],
): Promise<ExplainedMove[]> {
  const { scope, wanted } = compiled;
  const models = comparedModels(compiled);
  const moves: ExplainedMove[] = [];
  const contacts = await readContacts(client, scope, contactIds);
  for await (const chunk of readTimelinesOf(client, scope.tenantId, contacts, wanted)) {
    for (const contact of chunk) {
      const states = await statesOf(models, contact);
      moves.push({
        contactId: contact.id,
        before: explained(models.before, states.before, scope.atMs),
        after: explained(models.after, states.after, scope.atMs),
      });
    }
  }
  return moves;
}

/** Stored states are used as they are; timelines are read for those that do not answer alone. */
async function countRules(
  client: pg.ClientBase,
  { scope, before, wanted }: CompiledScope,
  range: ContactRange,
): Promise<RuleTally> {
  const count = new RuleCount(before, scope.atMs);
  const replayed: StoredScore[] = [];
  for (const contact of await readRange(client, scope, range)) {
    if (contact.state === null) replayed.push(contact);
    else count.add(parseState(contact.state));
  }
  for await (const chunk of readTimelinesOf(client, scope.tenantId, replayed, wanted)) {
    for (const contact of chunk) {
      const [state] = await foldTimeline([before], contact);
      if (state !== undefined) count.add(state);
    }
  }
  return count.tally();
}

function comparedModels({ scope, before, after }: CompiledScope): ComparedModels {
  if (after === null) throw new Error(`scope ${scope.id} compares nothing`);
  return { before, after };
}

/**
 * The states under both versions; that under the published one as it is stored, where it answers. Only long timelines are
 * waited for.
 */
function statesOf(
  models: ComparedModels,
  contact: ContactTimeline,
  see?: EntryWatch,
): ComparedStates | Promise<ComparedStates> {
  const { before, after } = models;
  const folded = foldTimeline(contact.state === null ? [after, before] : [after], contact, see);
  return Array.isArray(folded) ? pairOf(contact, folded) : folded.then((states) => pairOf(contact, states));
}

function pairOf({ state }: ContactTimeline, [after, replayed]: readonly ScoreState[]): ComparedStates {
  const before = state === null ? replayed : parseState(state);
  if (before === undefined || after === undefined) throw new Error('a fold without its states');
  return { before, after };
}

function explained(model: CompiledModel, state: ScoreState, atMs: number): ExplainedScore {
  const { total, stage, label, dimensions } = evaluate(model, state, atMs);
  return {
    total,
    stage: model.stages[stage]?.key ?? '',
    label,
    dimensions,
    lines: explain(model, state, atMs),
  };
}
