import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import type { ActionCategory } from '../../catalogue/action-category.js';
import { CUSTOM_ATTRIBUTES_MAX } from '../../catalogue/attribute-tally.js';
import { CONTACTS_READ_MAX } from '../../catalogue/count-attributes.js';
import { ACTION_TYPES_MAX } from '../../store/uses/action-type-counts.js';
import { PROPERTIES_MAX } from '../../store/uses/property-use.js';
import type { ApiContext } from '../context.js';
import { checkTexts } from '../input-check.js';
import { ForwardPageArgs } from '../pagination.js';
import { actionTypePage } from './action-type-page.js';
import { ActionTypeConnection, ActionTypeType, PropertyUseType } from './action-type-type.js';
import { AttributeUseType, attributeUsesOf } from './attribute-use-type.js';
import { ActionCategoryEnum } from './catalogue-enums.js';

const TEXT_CHARS_MAX = 200;
const ROLES = 'Roles: ADMIN, MARKETER, SALES, VIEWER.';

/** What there is to build rules from. */
@Resolver(() => ActionTypeType)
export class CatalogueResolver {
  @Query(() => ActionTypeConnection, {
    description: `Action types, the most frequent first: those that were recorded (the ${ACTION_TYPES_MAX} most frequent), and those that only rules name, with a count of 0. A type whose count moves past the cursor between two pages can be missed or come twice. ${ROLES}`,
  })
  async actionTypes(
    @Ctx() context: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('category', () => ActionCategoryEnum, {
      nullable: true,
      description: 'Only types of this category.',
    })
    category?: ActionCategory | null,
    @Arg('text', () => String, {
      nullable: true,
      description: `Only types that have this text in their type or label, in any case; at most ${TEXT_CHARS_MAX} characters.`,
    })
    text?: string | null,
  ): Promise<ActionTypeConnection> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.readModels);
    const wanted = text?.trim() ? text : null;
    checkTexts({ text: wanted }, TEXT_CHARS_MAX);
    return actionTypePage(context, { category: category ?? null, text: wanted }, args);
  }

  @FieldResolver(() => [PropertyUseType], {
    description: `Properties that actions of this type carried, at most ${PROPERTIES_MAX}; learned from some of the actions, so that a rare one can be missing for a while.`,
  })
  properties(@Root() { type }: ActionTypeType, @Ctx() { loaders }: ApiContext): Promise<PropertyUseType[]> {
    return loaders.propertiesByType.load(type);
  }

  @Query(() => [AttributeUseType], {
    description: `Attributes of contacts: the standard ones, then the others (the ${CUSTOM_ATTRIBUTES_MAX} most filled), the most filled ones first. With more than ${CONTACTS_READ_MAX} contacts they are estimated from a sample, kept, and counted anew in the background when asked for after 10 minutes; UNAVAILABLE when the first count takes longer than a few seconds. ${ROLES}`,
  })
  async contactAttributes(@Ctx() { viewer, services }: ApiContext): Promise<AttributeUseType[]> {
    requireRole(viewer, ...ROLES_THAT_MAY.readModels);
    return attributeUsesOf(await services.catalogue.attributes(viewer.tenantId));
  }
}
