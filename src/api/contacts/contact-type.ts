import { Arg, Args, Ctx, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { ContactRow } from '../../contacts/contact-row.js';
import { LeadpulseError } from '../../errors.js';
import type { JsonObject } from '../../scoring/json-value.js';
import { SalesRepType } from '../access/sales-rep-type.js';
import type { ApiContext } from '../context.js';
import { ForwardPageArgs } from '../pagination.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';
import { ContactListType, contactListOf } from './contact-list-type.js';
import { IdentityType, identityOf } from './identity-type.js';
import { type RowOfModel, readContactScore, readContactScores, scoreAtHand } from './read-scores.js';
import { ContactScoreType } from './score-type.js';
import { TimelineConnection, timelinePage } from './timeline-entry-type.js';

/** What a contact is resolved from: its row is read when a field needs it, so that `contact { id }` costs no SQL. */
export interface ContactRef {
  id: string;
  row?: ContactRow;
  /** The score row on the primary model, when it was read together with the contact. */
  primaryScore?: RowOfModel;
}

/** A person who may become a customer. */
@ObjectType('Contact', {
  description: 'A person who may become a customer, with everything known about them.',
})
export class ContactType implements ContactRef {
  @Field(() => ID, { simple: true, description: 'Id of the contact; it never changes.' })
  id!: string;

  row?: ContactRow;
  primaryScore?: RowOfModel;

  @Field(() => String, { nullable: true, description: 'The email address of the profile.' })
  email(@Ctx() context: ApiContext): Resolved<string | null> {
    return fieldOf(this, context, (row) => row.email);
  }

  @Field(() => String, { nullable: true, description: 'The id in the system the contact comes from.' })
  externalId(@Ctx() context: ApiContext): Resolved<string | null> {
    return fieldOf(this, context, (row) => row.externalId);
  }

  @Field(() => String, { nullable: true, description: 'Given name.' })
  firstName(@Ctx() context: ApiContext): Resolved<string | null> {
    return fieldOf(this, context, (row) => row.firstName);
  }

  @Field(() => String, { nullable: true, description: 'Family name.' })
  lastName(@Ctx() context: ApiContext): Resolved<string | null> {
    return fieldOf(this, context, (row) => row.lastName);
  }

  @Field(() => String, { nullable: true, description: 'What the contact does at the company.' })
  jobTitle(@Ctx() context: ApiContext): Resolved<string | null> {
    return fieldOf(this, context, (row) => row.jobTitle);
  }

  @Field(() => String, { nullable: true, description: 'Name of the company.' })
  company(@Ctx() context: ApiContext): Resolved<string | null> {
    return fieldOf(this, context, (row) => row.company);
  }

  @Field(() => Int, { nullable: true, description: 'Employees of the company.' })
  companySize(@Ctx() context: ApiContext): Resolved<number | null> {
    return fieldOf(this, context, (row) => row.companySize);
  }

  @Field(() => String, { nullable: true, description: 'Industry of the company.' })
  industry(@Ctx() context: ApiContext): Resolved<string | null> {
    return fieldOf(this, context, (row) => row.industry);
  }

  @Field(() => Float, {
    nullable: true,
    description: "Annual revenue of the company in the tenant's currency.",
  })
  annualRevenue(@Ctx() context: ApiContext): Resolved<number | null> {
    return fieldOf(this, context, (row) => row.annualRevenue);
  }

  @Field(() => String, { nullable: true, description: 'Country, usually as ISO 3166-1 alpha-2.' })
  country(@Ctx() context: ApiContext): Resolved<string | null> {
    return fieldOf(this, context, (row) => row.country);
  }

  @Field(() => JsonScalar, {
    description:
      'Every other attribute as a JSON object, and a standard one whose value has not the type of its field. Rules and filters name standard and custom attributes alike.',
  })
  attributes(@Ctx() context: ApiContext): Resolved<JsonObject> {
    return fieldOf(this, context, (row) => row.attributes);
  }

  @Field(() => DateTimeScalar, { description: 'When the contact was first recorded.' })
  createdAt(@Ctx() context: ApiContext): Resolved<Date> {
    return fieldOf(this, context, (row) => new Date(row.createdAtMs));
  }

  @Field(() => SalesRepType, { nullable: true, description: 'Who looks after the contact; null for nobody.' })
  async owner(@Ctx() context: ApiContext): Promise<SalesRepType | null> {
    const { ownerId } = await contactRow(this, context);
    return ownerId === null ? null : context.loaders.salesRepById.load(ownerId);
  }

  @Field(() => ContactScoreType, {
    nullable: true,
    description:
      'The score on one model, the primary one unless another is named, as of now or of any other instant. Null when that model does not score this contact: it is unknown or not active, or has only just been made and has not reached the contact yet.',
  })
  score(
    @Ctx() context: ApiContext,
    @Arg('modelId', () => ID, { nullable: true, description: 'Id of the model. Not together with modelKey.' })
    modelId?: string | null,
    @Arg('modelKey', () => String, { nullable: true, description: 'Key of the model.' })
    modelKey?: string | null,
    @Arg('at', () => DateTimeScalar, {
      nullable: true,
      description:
        'Any instant in the years 1970 to 9999: in the past what follows from all that is known now, in the future what follows if nothing more happens. Now, when absent.',
    })
    at?: Date | null,
    @Arg('version', () => Int, {
      nullable: true,
      description:
        "Under which published version of the model; that of the contact's score when absent. NOT_FOUND when there is none.",
    })
    version?: number | null,
  ): Resolved<ContactScoreType | null> {
    const atMs = at?.getTime() ?? null;
    const isPlain = modelId == null && modelKey == null && at == null && version == null;
    const known = isPlain && this.primaryScore && scoreAtHand(this.primaryScore);
    if (known) return known;
    return readContactScore(context, this.id, { modelId, modelKey, atMs, version });
  }

  @Field(() => [ContactScoreType], {
    description: 'The scores as of now on every active model that scores the contact, the primary one first.',
  })
  scores(@Ctx() context: ApiContext): Promise<ContactScoreType[]> {
    return readContactScores(context, this.id);
  }

  @Field(() => TimelineConnection, { description: 'What happened to the contact, the newest entry first.' })
  timeline(
    @Ctx() context: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
  ): Promise<TimelineConnection> {
    return timelinePage(context, this.id, args);
  }

  @Field(() => [ContactListType], { description: 'The lists the contact is on now by key, 1,000 at most.' })
  async lists(@Ctx() { loaders }: ApiContext): Promise<ContactListType[]> {
    return (await loaders.listsOfContact.load(this.id)).map(contactListOf);
  }

  @Field(() => [IdentityType], {
    description:
      'Every email, externalId and anonymousId that leads here, in this order, the oldest first; 1,000 at most.',
  })
  async identities(@Ctx() { loaders }: ApiContext): Promise<IdentityType[]> {
    return (await loaders.identitiesOfContact.load(this.id)).map(identityOf);
  }
}

/** At once when the row is there, else a promise. */
type Resolved<T> = T | Promise<T>;

/** A contact by id, whose row is read when it is needed. */
export function contactOf(id: string): ContactType {
  return Object.assign(new ContactType(), { id });
}

/** A contact whose row has been read, perhaps with its score on the primary model. */
export function contactOfRow(row: ContactRow, primaryScore?: RowOfModel): ContactType {
  return Object.assign(new ContactType(), { id: row.id, row, primaryScore });
}

/** The row of a contact. @throws LeadpulseError NOT_FOUND when the person was erased meanwhile. */
export async function contactRow(contact: ContactRef, { loaders }: ApiContext): Promise<ContactRow> {
  const row = contact.row ?? (await loaders.contactRowById.load(contact.id));
  if (row) return row;
  throw new LeadpulseError('NOT_FOUND', 'The contact has been erased meanwhile.');
}

function fieldOf<T>(contact: ContactRef, context: ApiContext, field: (row: ContactRow) => T): Resolved<T> {
  return contact.row ? field(contact.row) : contactRow(contact, context).then(field);
}
