import { Ctx, Field, InputType, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import type { ConversionSettings } from '../../analytics/facts/conversion-rules.js';
import { CONVERSION_TYPES_MAX } from '../../analytics/facts/conversion-settings.js';
import type { ApiContext } from '../context.js';
import { checkTexts } from '../input-check.js';
import { RawArg } from '../raw-arg.js';

const TYPE_CHARS_MAX = 256;
const LEAD_FEEDBACK_COUNTS =
  'What sales says of a lead (recordLeadFeedback) counts as well: lead_converted won it, lead_lost lost it.';

@ObjectType('ConversionSettings', {
  description: `Which actions are outcomes of a lead. ${LEAD_FEEDBACK_COUNTS}`,
})
export class ConversionSettingsType {
  readonly #settings: ConversionSettings;

  constructor(settings: ConversionSettings) {
    this.#settings = settings;
  }

  @Field(() => [String], {
    description: 'Action types that win a customer: became_customer and deal_won unless changed.',
  })
  wonActionTypes(): string[] {
    return [...this.#settings.wonTypes];
  }

  @Field(() => [String], { description: 'Action types that lose one: deal_lost unless changed.' })
  lostActionTypes(): string[] {
    return [...this.#settings.lostTypes];
  }

  @Field(() => String, {
    description: 'Path of the property that says what a conversion is worth: value unless changed.',
  })
  valueProperty(): string {
    return this.#settings.valueProperty;
  }

  @Field(() => Int, { description: 'How often they were changed.' })
  revision(): number {
    return this.#settings.revision;
  }
}

@InputType({ description: 'Which actions are outcomes of a lead; what is left out stays.' })
export class SetConversionsInput {
  @Field(() => [String], {
    nullable: true,
    description: `Exact action types that win a customer, 1 to ${CONVERSION_TYPES_MAX}.`,
  })
  wonActionTypes?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: `Exact action types that lose one, at most ${CONVERSION_TYPES_MAX}; none of those that win.`,
  })
  lostActionTypes?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Path of the property that says what a conversion is worth, in the tenant’s currency; what is no number there has no value.',
  })
  valueProperty?: string | null;
}

@ObjectType({ description: 'The settings as they are now.' })
export class SetConversionsPayload {
  @Field(() => ConversionSettingsType, { simple: true, description: 'The settings.' })
  settings!: ConversionSettingsType;
}

/** What counts as an outcome. */
@Resolver()
export class ConversionSettingsResolver {
  @Query(() => ConversionSettingsType, {
    description: 'Which actions are outcomes of a lead. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async conversionSettings(@Ctx() { viewer, services }: ApiContext): Promise<ConversionSettingsType> {
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    return new ConversionSettingsType(await services.analytics.conversions.read(viewer.tenantId));
  }

  @Mutation(() => SetConversionsPayload, {
    description:
      'Says which actions are outcomes of a lead, those of the past included. All contacts are looked at again in the background; until then reports hold a mixture, as analytics.coverage says. Roles: ADMIN, MARKETER.',
  })
  async setConversions(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => SetConversionsInput, 'What is to change.') input: SetConversionsInput,
  ): Promise<SetConversionsPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeModels);
    const texts: Record<string, string | null | undefined> = { 'input.valueProperty': input.valueProperty };
    input.wonActionTypes?.forEach((type, index) => {
      texts[`input.wonActionTypes.${index}`] = type;
    });
    input.lostActionTypes?.forEach((type, index) => {
      texts[`input.lostActionTypes.${index}`] = type;
    });
    checkTexts(texts, TYPE_CHARS_MAX);
    const settings = await services.analytics.conversions.change(viewer.tenantId, viewer.name, {
      ...(input.wonActionTypes ? { wonTypes: input.wonActionTypes } : {}),
      ...(input.lostActionTypes ? { lostTypes: input.lostActionTypes } : {}),
      ...(input.valueProperty == null ? {} : { valueProperty: input.valueProperty }),
    });
    return { settings: new ConversionSettingsType(settings) };
  }
}
