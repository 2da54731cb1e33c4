import { Ctx, Mutation, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import * as steps from '../../models/model-steps.js';
import type { ApiContext } from '../context.js';
import { RawArg } from '../raw-arg.js';
import {
  CreateRuleInput,
  CreateScoreSetInput,
  DeleteRuleInput,
  DeleteScoreSetInput,
  SetRuleActiveInput,
  SetScoreSetActiveInput,
  UpdateModelSettingsInput,
  UpdateRuleInput,
  UpdateScoreSetInput,
} from './edit-inputs.js';
import { type ModelEditInput, modelEditOf } from './model-edit-input.js';
import { changePayloadOf } from './model-payload.js';
import { ChangeScoringModelPayload } from './scoring-model-type.js';

const AS_ALL = 'Faults and guards as in changeScoringModel. Roles: ADMIN, MARKETER.';

/** The common single steps. Each is an edit like any other, put into changes by the model it meets. */
@Resolver()
export class EditResolver {
  @Mutation(() => ChangeScoringModelPayload, { description: `Adds a rule to a score set. ${AS_ALL}` })
  createRule(
    @Ctx() context: ApiContext,
    @RawArg('input', () => CreateRuleInput, 'The rule, and where it goes.') input: CreateRuleInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.createRule(input.scoreSet, input.rule));
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description: `Changes what is given of a rule, or moves it to another score set. ${AS_ALL}`,
  })
  updateRule(
    @Ctx() context: ApiContext,
    @RawArg('input', () => UpdateRuleInput, 'What is to change.') input: UpdateRuleInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.updateRule(input.rule, input.scoreSet ?? null));
  }

  @Mutation(() => ChangeScoringModelPayload, { description: `Takes a rule out. ${AS_ALL}` })
  deleteRule(
    @Ctx() context: ApiContext,
    @RawArg('input', () => DeleteRuleInput, 'Which rule.') input: DeleteRuleInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.deleteRule(input.key));
  }

  @Mutation(() => ChangeScoringModelPayload, { description: `Switches a rule on or off. ${AS_ALL}` })
  setRuleActive(
    @Ctx() context: ApiContext,
    @RawArg('input', () => SetRuleActiveInput, 'Which rule, on or off.') input: SetRuleActiveInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.setRuleActive(input.key, input.active));
  }

  @Mutation(() => ChangeScoringModelPayload, { description: `Adds a score set. ${AS_ALL}` })
  createScoreSet(
    @Ctx() context: ApiContext,
    @RawArg('input', () => CreateScoreSetInput, 'The set.') input: CreateScoreSetInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.createScoreSet(input.scoreSet));
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description: `Changes what is given of a score set; its rules stay. ${AS_ALL}`,
  })
  updateScoreSet(
    @Ctx() context: ApiContext,
    @RawArg('input', () => UpdateScoreSetInput, 'What is to change.') input: UpdateScoreSetInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.updateScoreSet(input.scoreSet));
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description: `Takes a score set out, with its rules. ${AS_ALL}`,
  })
  deleteScoreSet(
    @Ctx() context: ApiContext,
    @RawArg('input', () => DeleteScoreSetInput, 'Which set.') input: DeleteScoreSetInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.deleteScoreSet(input.key));
  }

  @Mutation(() => ChangeScoringModelPayload, { description: `Switches a score set on or off. ${AS_ALL}` })
  setScoreSetActive(
    @Ctx() context: ApiContext,
    @RawArg('input', () => SetScoreSetActiveInput, 'Which set, on or off.') input: SetScoreSetActiveInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.setScoreSetActive(input.key, input.active));
  }

  @Mutation(() => ChangeScoringModelPayload, {
    description: `Changes name, bounds, dimensions, decay, recency, passive action types or stages. ${AS_ALL}`,
  })
  updateModelSettings(
    @Ctx() context: ApiContext,
    @RawArg('input', () => UpdateModelSettingsInput, 'What is to change.') input: UpdateModelSettingsInput,
  ): Promise<ChangeScoringModelPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeModels);
    return edit(context, input, steps.updateSettings(input.settings));
  }
}

async function edit(
  context: ApiContext,
  input: ModelEditInput,
  step: steps.ModelStep,
): Promise<ChangeScoringModelPayload> {
  const { services, viewer } = context;
  const outcome = await services.models.edit(viewer, modelEditOf(input, step));
  context.forgetReads();
  return changePayloadOf(outcome);
}
