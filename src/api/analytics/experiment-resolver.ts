import { Arg, Ctx, Extensions, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { armOf } from '../../analytics/experiments/experiment.js';
import { experimentResults } from '../../analytics/experiments/experiment-results.js';
import { unknownExperiment } from '../../analytics/experiments/experiment-service.js';
import { badInput } from '../../errors.js';
import { ContactType } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';
import { checkKey, checkTexts } from '../input-check.js';
import { REPORT_COST } from '../query-cost.js';
import { RawArg } from '../raw-arg.js';
import { AnalyticsType } from './analytics-type.js';
import { CreateExperimentInput, EndExperimentInput } from './experiment-inputs.js';
import {
  ContactExperimentType,
  CreateExperimentPayload,
  EndExperimentPayload,
  ExperimentReportType,
  ExperimentType,
  experimentTypeOf,
} from './experiment-type.js';

const NAME_CHARS_MAX = 200;
const READERS = 'Roles: ADMIN, MARKETER, SALES, VIEWER.';
const CHANGERS = 'Roles: ADMIN, MARKETER.';

/** Experiments: finding, starting and ending them. */
@Resolver()
export class ExperimentResolver {
  @Query(() => [ExperimentType], {
    description: `All experiments, the newest first, at most 100; ended ones included. ${READERS}`,
  })
  async experiments(@Ctx() { viewer, loaders }: ApiContext): Promise<ExperimentType[]> {
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    return (await loaders.experiments()).map(experimentTypeOf);
  }

  @Mutation(() => CreateExperimentPayload, {
    description: `Starts an experiment now. What was before it does not count, and neither do leads that had an outcome by then. ${CHANGERS}`,
  })
  async createExperiment(
    @Ctx() context: ApiContext,
    @RawArg('input', () => CreateExperimentInput, 'The experiment.') input: CreateExperimentInput,
  ): Promise<CreateExperimentPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const [first, second] = input.arms;
    if (!first || !second || input.arms.length !== 2)
      throw badInput([{ path: 'input.arms', message: 'Give exactly two arms.' }]);
    checkKey(input.key, 'input.key');
    for (const [index, { key }] of input.arms.entries()) checkKey(key, `input.arms.${index}.key`);
    checkTexts(
      { 'input.name': input.name, 'input.arms.0.name': first.name, 'input.arms.1.name': second.name },
      NAME_CHARS_MAX,
    );
    const arms = [armFields(first), armFields(second)] as const;
    const experiment = await services.analytics.experiments.create(viewer.tenantId, viewer.name, {
      ...input,
      arms,
    });
    context.forgetReads();
    return { experiment: experimentTypeOf(experiment) };
  }

  @Mutation(() => EndExperimentPayload, {
    description: `Ends an experiment: what happens from now on does not count. One that was ended before stays as it is. ${CHANGERS}`,
  })
  async endExperiment(
    @Ctx() context: ApiContext,
    @RawArg('input', () => EndExperimentInput, 'Which experiment.') input: EndExperimentInput,
  ): Promise<EndExperimentPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const experiment = await services.analytics.experiments.end(viewer.tenantId, input.id);
    context.forgetReads();
    return { experiment: experimentTypeOf(experiment) };
  }
}

function armFields({ key, name, modelId, threshold }: CreateExperimentInput['arms'][number]) {
  return { key, name: name.trim(), modelId: modelId.toLowerCase(), threshold };
}

/** How an experiment stands. */
@Resolver(() => AnalyticsType)
export class ExperimentReportResolver {
  @FieldResolver(() => ExperimentReportType, {
    description:
      'How an experiment stands, over the leads of the filter; the arms bring their own models. NOT_FOUND when there is no such experiment or a model of it is off; BAD_USER_INPUT when range and experiment have no instant in common.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async experiment(
    @Root() { scope }: AnalyticsType,
    @Ctx() { loaders, services }: ApiContext,
    @Arg('key', () => String, { description: 'Key of the experiment.' }) key: string,
  ): Promise<ExperimentReportType> {
    const experiment = (await loaders.experiments()).find((one) => one.key === key);
    if (!experiment) throw unknownExperiment();
    const { analytics, registry } = services;
    return new ExperimentReportType(
      experiment,
      await experimentResults(analytics.read, registry, scope, experiment),
    );
  }
}

/** The experiments that a contact takes part in. */
@Resolver(() => ContactType)
export class ContactExperimentsResolver {
  @FieldResolver(() => [ContactExperimentType], {
    description:
      'The experiments that run, each with the arm that this contact is in: compare its score on the arm’s model with the arm’s threshold to know whether to call.',
  })
  async experiments(
    @Root() { id }: ContactType,
    @Ctx() { loaders }: ApiContext,
  ): Promise<ContactExperimentType[]> {
    const running = (await loaders.experiments()).filter(({ endedAtMs }) => endedAtMs === null);
    return running.map((experiment) => ({
      experiment: experimentTypeOf(experiment),
      arm: experiment.arms[armOf(experiment, id)],
    }));
  }
}
