import type { CompiledModel } from '../scoring/compile-model.js';
import { foldEntry } from '../scoring/fold-entry.js';
import { emptyState, type ScoreState } from '../scoring/score-state.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import { type TimelineNeeds, timelineNeedsOf } from '../scoring/timeline-needs.js';
import type { TimelinesWanted } from '../store/read-timelines.js';
import type { SequencedEntry } from '../store/score-cursor.js';
import { compileText } from './compile-text.js';
import type { ContactTimeline } from './contact-reader.js';
import type { ScoreScope } from './score-scope.js';

/** Scopes whose models a thread keeps compiled; the one that came first goes first. */
const SCOPES_COMPILED_MAX = 8;

/** The models of a scope, ready to score. */
interface ScopeModels {
  before: CompiledModel;
  /** Null when nothing is compared. */
  after: CompiledModel | null;
  needs: TimelineNeeds;
}

/** A scope with its models ready to score. */
export interface CompiledScope extends Omit<ScopeModels, 'needs'> {
  scope: ScoreScope;
  /** What has to be read of timelines. */
  wanted: TimelinesWanted;
}

const modelsById = new Map<string, ScopeModels>();

/** The scope with its models, which are compiled once a thread. */
export function compileScope(scope: ScoreScope): CompiledScope {
  const { before, after, needs } = modelsById.get(scope.id) ?? compileModels(scope);
  const readsProperties = needs.readsNoProperties ? null : needs.readsProperties;
  const wanted = { untilMs: scope.atMs, skippedTypes: needs.ignoredTypes, readsProperties };
  return { scope, before, after, wanted };
}

function compileModels({ id, ...scope }: ScoreScope): ScopeModels {
  const before = compileText(scope.before);
  const after = scope.after === null ? null : compileText(scope.after);
  const models = { before, after, needs: timelineNeedsOf(after === null ? [before] : [before, after]) };
  const [oldest] = modelsById.keys();
  if (oldest !== undefined && modelsById.size >= SCOPES_COMPILED_MAX) modelsById.delete(oldest);
  modelsById.set(id, models);
  return models;
}

/** Told of the entries of a timeline while they are folded. */
export type EntryWatch = (entry: TimelineEntry) => void;

/**
 * Folds a contact's timeline under several models in one pass.
 * @param see told of every entry.
 * @returns a state per model, in their order; a promise only where the timeline has to be waited for.
 */
export function foldTimeline(
  models: readonly CompiledModel[],
  { packed, pages }: Pick<ContactTimeline, 'packed' | 'pages'>,
  see?: EntryWatch,
): ScoreState[] | Promise<ScoreState[]> {
  const states = models.map(emptyState);
  const fold = (entry: TimelineEntry) => {
    for (let index = 0; index < models.length; index++) {
      foldEntry(models[index] as CompiledModel, states[index] as ScoreState, entry);
    }
    see?.(entry);
  };
  if (packed === null) return foldPages(pages(), fold).then(() => states);
  packed.visit(fold);
  return states;
}

async function foldPages(
  pages: AsyncIterable<SequencedEntry[]>,
  fold: (entry: TimelineEntry) => void,
): Promise<void> {
  for await (const page of pages) for (const { entry } of page) fold(entry);
}
