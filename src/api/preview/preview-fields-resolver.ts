import { Arg, Ctx, FieldResolver, ID, Int, Resolver, Root } from 'type-graphql';
import { badInput } from '../../errors.js';
import { MOVERS_KEPT_MAX, type Mover } from '../../preview/preview-tally.js';
import { WARNINGS_MAX } from '../../scoring/warnings/model-warning.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { ModelWarningType, WARNINGS_DESCRIPTION } from '../models/model-warning-type.js';
import { warningsOf } from '../models/model-warnings.js';
import { ModelPreviewType, NewlyHotType, ScoreMoveType, scoreMoveOf } from './preview-type.js';

const FIRST_DEFAULT = 20;
const FIRST = {
  nullable: true,
  defaultValue: FIRST_DEFAULT,
  description: `How many of them: 0 to ${MOVERS_KEPT_MAX}.`,
};

/** The contacts of a preview one by one, with both explanations, and what the model is warned of. */
@Resolver(() => ModelPreviewType)
export class PreviewFieldsResolver {
  @FieldResolver(() => [ScoreMoveType], {
    description:
      'Those whose total would change, the biggest change first. One who was erased or merged meanwhile is left out.',
  })
  biggestMovers(
    @Root() preview: ModelPreviewType,
    @Arg('first', () => Int, FIRST) first: number | null,
  ): Promise<ScoreMoveType[]> {
    return movesOf(preview, preview.source.movers, first);
  }

  @FieldResolver(() => NewlyHotType, {
    description:
      'Those who would become hot. One who was erased or merged meanwhile is counted and not shown.',
  })
  async newlyHot(
    @Root() preview: ModelPreviewType,
    @Arg('first', () => Int, FIRST) first: number | null,
  ): Promise<NewlyHotType> {
    const { newlyHot: count, hot } = preview.source;
    return { count, contacts: await movesOf(preview, hot, first) };
  }

  @FieldResolver(() => ScoreMoveType, {
    nullable: true,
    description:
      'Any one contact under both versions, whether or not it was looked at; null when there is none of this id.',
  })
  async contact(
    @Root() preview: ModelPreviewType,
    @Ctx() { loaders }: ApiContext,
    @Arg('id', () => ID, { description: 'Id of the contact, or of one that was merged into it.' }) id: string,
  ): Promise<ScoreMoveType | null> {
    const contact = isUuid(id) ? await loaders.contactById.load(id) : null;
    const move = contact && (await preview.moves.load(contact.id));
    return move && scoreMoveOf(preview.source, move);
  }

  @FieldResolver(() => [ModelWarningType], {
    description: `${WARNINGS_DESCRIPTION} Rules that nobody meets and stages that nobody reaches are told of when every contact was looked at.`,
  })
  async warnings(
    @Root() { source }: ModelPreviewType,
    @Ctx() context: ApiContext,
  ): Promise<ModelWarningType[]> {
    const ofDefinition = await warningsOf(context, source.models.after.definition);
    return [...ofDefinition, ...source.warnings()].slice(0, WARNINGS_MAX);
  }
}

async function movesOf(
  { source, moves }: ModelPreviewType,
  movers: readonly Mover[],
  wished: number | null,
): Promise<ScoreMoveType[]> {
  const first = wished ?? FIRST_DEFAULT;
  if (first < 0 || first > MOVERS_KEPT_MAX) {
    throw badInput([{ path: 'first', message: `Give a number from 0 to ${MOVERS_KEPT_MAX}.` }]);
  }
  const shown = movers.slice(0, first).map(({ contactId }) => moves.load(contactId));
  const explained = await Promise.all(shown);
  return explained.filter((move) => move !== null).map((move) => scoreMoveOf(source, move));
}
