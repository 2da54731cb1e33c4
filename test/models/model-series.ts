import fc from 'fast-check';
import { LeadpulseError } from '../../src/errors.js';
import { givenChanges } from '../../src/models/model-steps.js';
import { applyModelChanges } from '../../src/scoring/apply-changes.js';
import type { ModelChange } from '../../src/scoring/model-change.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { normalizeModel } from '../../src/scoring/normalize-model.js';
import type { ApiTestServer } from '../support/api-server.js';
import { act, profile } from '../support/ingest-kit.js';

const DAY_MS = 86_400_000;
const ACTION_TYPES = ['open', 'click', 'visit'];
const RULE_KEYS = ['r0', 'r1', 'r2', 'r3'];

/** One thing that somebody does to a tenant. */
export type Move =
  | { do: 'act'; who: number; type: string; daysAgo: number }
  | { do: 'profile'; who: number; country: string }
  | { do: 'edit'; model: number; publish: boolean; changes: ModelChange[] }
  | { do: 'publishDraft' | 'discardDraft' | 'rebaseDraft' | 'switch'; model: number }
  | { do: 'rollback'; model: number; back: number };

/** What a model should be by now, kept by the test. */
interface Known {
  id: string;
  active: boolean;
  versions: ModelDefinition[];
  draft: { base: number; changes: ModelChange[] } | null;
}

/** Moves of which most fit what is there, and some do not. */
export function arbitraryMove(): fc.Arbitrary<Move> {
  const model = fc.constantFrom(0, 0, 0, 1);
  const who = fc.integer({ min: 0, max: 5 });
  const daysAgo = fc.integer({ min: 0, max: 60 });
  const type = fc.constantFrom(...ACTION_TYPES);
  const publish = fc.constantFrom(true, false, false);
  const changes = fc.array(arbitraryChange(), { minLength: 1, maxLength: 2, size: 'max' });
  const draftStep = fc.constantFrom(
    'publishDraft' as const,
    'publishDraft' as const,
    'rebaseDraft' as const,
    'discardDraft' as const,
  );
  return fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('act' as const), who, type, daysAgo }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('profile' as const),
        who,
        country: fc.constantFrom('DE', 'FR'),
      }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('edit' as const), model, publish, changes }) },
    { weight: 5, arbitrary: fc.record({ do: draftStep, model }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('switch' as const), model: fc.constantFrom(0, 1, 1) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('rollback' as const),
        model,
        back: fc.constantFrom(1, 1, 2, 3),
      }),
    },
  );
}

function arbitraryRule() {
  const points = fc.integer({ min: -20, max: 40 });
  const key = fc.constantFrom(...RULE_KEYS);
  const country = { attribute: 'country', operator: 'EQUALS', value: 'DE' } as const;
  return fc.oneof(
    fc.record({
      key,
      action: fc.record({
        actionType: fc.constantFrom(...ACTION_TYPES, '*'),
        points,
        expiresAfterDays: fc.constantFrom(null, 7, 30),
      }),
    }),
    fc.record({
      key,
      criteria: fc.record({ when: fc.constant({ attribute: country }), points }),
    }),
  );
}

/** Changes over few keys, so that they meet each other. Set `s0` is always there. */
function arbitraryChange(): fc.Arbitrary<ModelChange> {
  const rule = fc.constantFrom(...RULE_KEYS);
  const scoreSet = fc.constantFrom('s0', 's0', 's0', 's1');
  const active = fc.boolean();
  const decay = fc.constantFrom(null, { ratePercent: 10, intervalDays: 7 });
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ putRule: fc.record({ scoreSet, rule: arbitraryRule() }) }) },
    { weight: 1, arbitrary: fc.record({ removeRule: rule }) },
    { weight: 1, arbitrary: fc.record({ setActive: fc.record({ rule, active }) }) },
    { weight: 1, arbitrary: fc.record({ setActive: fc.record({ scoreSet, active }) }) },
    { weight: 1, arbitrary: fc.constant({ removeScoreSet: 's1' }) },
    {
      weight: 2,
      arbitrary: fc.record({
        putScoreSet: fc.record({
          key: fc.constant('s1'),
          maxPoints: fc.constantFrom(null, 30),
          rules: fc.uniqueArray(arbitraryRule(), { selector: ({ key }) => key, maxLength: 1 }),
        }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ settings: fc.record({ decay }) }) },
  );
}

function firstDefinition(key: string): ModelDefinition {
  return normalizeModel({
    key,
    name: key,
    dimensions: [{ key: 'd', maxPoints: 100 }],
    stages: [{ key: 'cold', name: 'Cold', minScore: 0 }],
    scoreSets: [
      { key: 's0', dimension: 'd', rules: [{ key: 'r0', action: { actionType: 'open', points: 7 } }] },
      { key: 's1', rules: [] },
    ],
  });
}

/** A tenant with two models, and what they should be after each move. */
export class ModelSeries {
  readonly tenantId: string;
  readonly models: Known[] = [];
  readonly #server: ApiTestServer;

  private constructor(server: ApiTestServer, tenantId: string) {
    this.#server = server;
    this.tenantId = tenantId;
  }

  static async open(server: ApiTestServer): Promise<ModelSeries> {
    const series = new ModelSeries(server, (await server.tenant()).tenantId);
    for (const key of ['first', 'second']) {
      const definition = firstDefinition(key);
      const { id } = await server.services.models.create(series.#publisher, definition);
      series.models.push({ id, active: true, versions: [definition], draft: null });
    }
    return series;
  }

  get #publisher() {
    return { tenantId: this.tenantId, name: 'series' };
  }

  /** Does it. @returns `OK`, or the code with which it was refused. */
  async make(move: Move): Promise<string> {
    try {
      await this.#do(move);
      return 'OK';
    } catch (error) {
      if (error instanceof LeadpulseError) return error.code;
      throw error;
    }
  }

  async #do(move: Move): Promise<unknown> {
    const { models, recorder } = this.#server.services;
    const anything = { expectedVersion: null, expectedDraft: null, message: null };
    if (move.do === 'act') {
      const at = new Date(Date.now() - move.daysAgo * DAY_MS).toISOString();
      return recorder.record(this.tenantId, [act(`p${move.who}@example.com`, move.type, { at })]);
    }
    if (move.do === 'profile') {
      return recorder.record(this.tenantId, [profile(`p${move.who}@example.com`, { country: move.country })]);
    }
    const { id, versions, active } = this.#known(move.model);
    const request = { id, ...anything };
    switch (move.do) {
      case 'edit':
        return models.edit(this.#publisher, {
          ...request,
          step: givenChanges(move.changes),
          publish: move.publish,
        });
      case 'rollback':
        return models.rollback(this.#publisher, { ...request, toVersion: versions.length - move.back });
      case 'switch':
        return models.activate(this.#publisher, id, { active: !active });
      case 'rebaseDraft':
        return models.rebaseDraft(this.#publisher, { ...request, skipFaulty: false });
      default:
        return models[move.do](this.#publisher, request);
    }
  }

  /** What the move should be answered with; what is known of the models then is as after it. */
  expect(move: Move): string {
    if (!('model' in move)) return 'OK';
    const known = this.#known(move.model);
    const { versions, draft } = known;
    const published = this.published(known);
    switch (move.do) {
      case 'edit': {
        const { definition, faults } = applyModelChanges(
          move.publish ? published : (this.drafted(known) ?? published),
          move.changes,
        );
        if (faults.length > 0) return 'BAD_USER_INPUT';
        if (move.publish) versions.push(definition);
        else {
          known.draft = {
            base: draft?.base ?? versions.length,
            changes: [...(draft?.changes ?? []), ...move.changes],
          };
        }
        return 'OK';
      }
      case 'rollback': {
        const earlier = versions[versions.length - move.back - 1];
        if (!earlier) return 'BAD_USER_INPUT';
        versions.push(earlier);
        return 'OK';
      }
      case 'switch':
        // The first model is the primary one, which stays on.
        if (move.model === 0) return 'BAD_USER_INPUT';
        known.active = !known.active;
        return 'OK';
      default:
        return this.#expectOfDraft(move.do, known);
    }
  }

  #expectOfDraft(step: 'publishDraft' | 'discardDraft' | 'rebaseDraft', known: Known): string {
    const { versions, draft } = known;
    const definition = this.drafted(known);
    if (!draft || !definition) return 'NOT_FOUND';
    if (step === 'rebaseDraft') {
      if (applyModelChanges(this.published(known), draft.changes).faults.length > 0) return 'CONFLICT';
      known.draft = { ...draft, base: versions.length };
      return 'OK';
    }
    if (step === 'publishDraft') {
      if (draft.base !== versions.length) return 'CONFLICT';
      versions.push(definition);
    }
    known.draft = null;
    return 'OK';
  }

  published({ versions }: Known): ModelDefinition {
    const last = versions.at(-1);
    if (!last) throw new Error('a model has a version');
    return last;
  }

  /** What the draft leads to; null when there is none. */
  drafted({ versions, draft }: Known): ModelDefinition | null {
    const base = draft && versions[draft.base - 1];
    return base ? applyModelChanges(base, draft.changes).definition : null;
  }

  #known(model: number): Known {
    const known = this.models[model];
    if (!known) throw new Error(`there is no model ${model}`);
    return known;
  }
}
