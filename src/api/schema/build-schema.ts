import 'reflect-metadata';
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { AccessResolver } from '../access/access-resolver.js';
import { SalesRepResolver } from '../access/sales-rep-resolver.js';
import { AnalyticsResolver } from '../analytics/analytics-resolver.js';
import { ConversionFieldsResolver, ConversionReportResolver } from '../analytics/conversion-resolver.js';
import { ConversionSettingsResolver } from '../analytics/conversion-settings-resolver.js';
import { DataQualityFieldsResolver, DataQualityResolver } from '../analytics/data-quality-resolver.js';
import { DistributionFieldsResolver, DistributionResolver } from '../analytics/distribution-resolver.js';
import {
  ContactExperimentsResolver,
  ExperimentReportResolver,
  ExperimentResolver,
} from '../analytics/experiment-resolver.js';
import { LeadFeedbackFieldsResolver, LeadFeedbackReportResolver } from '../analytics/feedback-resolver.js';
import { FunnelResolver } from '../analytics/funnel-resolver.js';
import { MovementFieldsResolver, MovementResolver } from '../analytics/movement-resolver.js';
import { RuleInsightResolver, SuggestedPreviewResolver } from '../analytics/rule-insight-resolver.js';
import { ThresholdResolver } from '../analytics/threshold-resolver.js';
import { TopPointsResolver } from '../analytics/top-points-resolver.js';
import { BulkResolver } from '../bulk/bulk-resolver.js';
import { CatalogueResolver } from '../catalogue/catalogue-resolver.js';
import { ContactListResolver } from '../contacts/contact-list-resolver.js';
import { ContactResolver } from '../contacts/contact-resolver.js';
import type { ContactType } from '../contacts/contact-type.js';
import { ContactScoreType } from '../contacts/score-type.js';
import type { ApiContext } from '../context.js';
import { rememberRootResults } from '../execution/root-results.js';
import { ContactIdentityResolver, CorrectionResolver } from '../identity/correction-resolver.js';
import { DuplicateResolver } from '../identity/duplicate-resolver.js';
import { ErasureResolver } from '../identity/erasure-resolver.js';
import { MergeResolver } from '../identity/merge-resolver.js';
import type { OutcomePayload } from '../ingest/ingest-payloads.js';
import { IngestResolver } from '../ingest/ingest-resolver.js';
import { LeadFeedbackResolver } from '../ingest/lead-feedback-resolver.js';
import { FeedResolver } from '../live/feed-resolver.js';
import { JobProgressResolver } from '../live/job-progress-resolver.js';
import { LeaderboardResolver } from '../live/leaderboard-resolver.js';
import { ScoreChangeType } from '../live/score-change-type.js';
import { SubscriptionResolver } from '../live/subscription-resolver.js';
import { ChangeLogResolver } from '../models/change-log-resolver.js';
import { DraftResolver } from '../models/draft-resolver.js';
import { EditResolver } from '../models/edit-resolver.js';
import { JobResolver } from '../models/job-resolver.js';
import {
  ChangePayloadResolver,
  CreatePayloadResolver,
  ModelFieldsResolver,
} from '../models/model-fields-resolver.js';
import { ModelResolver } from '../models/model-resolver.js';
import { ModelTransferResolver } from '../models/model-transfer-resolver.js';
import { PreviewFieldsResolver } from '../preview/preview-fields-resolver.js';
import { PreviewResolver } from '../preview/preview-resolver.js';
import { RuleResultsResolver } from '../preview/rule-results-resolver.js';
import { DateTimeScalar } from '../scalars.js';
import { SegmentChangeResolver } from '../segments/segment-change-resolver.js';
import { ContactSegmentsResolver, SegmentFieldsResolver } from '../segments/segment-fields-resolver.js';
import { SegmentResolver } from '../segments/segment-resolver.js';
import { ImportResolver } from '../transfer/import-resolver.js';

const RESOLVERS: NonEmptyArray<NewableFunction> = [
  AccessResolver,
  SalesRepResolver,
  ContactResolver,
  ContactListResolver,
  SegmentResolver,
  SegmentFieldsResolver,
  ContactSegmentsResolver,
  SegmentChangeResolver,
  BulkResolver,
  IngestResolver,
  LeadFeedbackResolver,
  MergeResolver,
  CorrectionResolver,
  ContactIdentityResolver,
  ErasureResolver,
  DuplicateResolver,
  ImportResolver,
  ModelResolver,
  ModelFieldsResolver,
  CreatePayloadResolver,
  ChangePayloadResolver,
  DraftResolver,
  EditResolver,
  ModelTransferResolver,
  ChangeLogResolver,
  CatalogueResolver,
  AnalyticsResolver,
  ConversionReportResolver,
  ConversionFieldsResolver,
  ConversionSettingsResolver,
  ThresholdResolver,
  FunnelResolver,
  RuleInsightResolver,
  SuggestedPreviewResolver,
  LeadFeedbackReportResolver,
  LeadFeedbackFieldsResolver,
  ExperimentResolver,
  ExperimentReportResolver,
  ContactExperimentsResolver,
  DataQualityResolver,
  DataQualityFieldsResolver,
  DistributionResolver,
  DistributionFieldsResolver,
  MovementResolver,
  MovementFieldsResolver,
  TopPointsResolver,
  PreviewResolver,
  PreviewFieldsResolver,
  RuleResultsResolver,
  JobResolver,
  FeedResolver,
  SubscriptionResolver,
  JobProgressResolver,
  LeaderboardResolver,
];

/** Input types of which exactly one field is given. type-graphql has no word for it; graphql checks and prints it. */
const ONE_OF_INPUTS = ['ContactKey', 'CriterionInput', 'ModelChange', 'BulkActionInput'];

/** What clients read first. */
const ROOT_DESCRIPTIONS: Record<string, string> = {
  Query:
    'What can be read. Every request carries `Authorization: Bearer <API key>`; roles are named with each field.',
  Mutation:
    'What can be changed. Faults are errors with `extensions.code`; BAD_USER_INPUT has `extensions.fields` with the path of each fault.',
  Subscription: 'What can be watched, over WebSocket (graphql-transport-ws) at the same address.',
};

/** Mutations that are called thousands of times a second. */
const HOT_MUTATIONS = ['recordAction', 'recordActions', 'upsertContact', 'upsertContacts'] as const;
/** What the single ones of them answer with. */
const HOT_PAYLOADS = ['RecordActionPayload', 'UpsertContactPayload'] as const;

/** Fields of a contact that ask nothing but the context; a page asks some of them of each of its contacts. */
const CONTACT_FIELDS = [
  'email',
  'externalId',
  'firstName',
  'lastName',
  'jobTitle',
  'company',
  'companySize',
  'industry',
  'annualRevenue',
  'country',
  'attributes',
  'createdAt',
] as const;

/** type-graphql asks for one; every subscription pulls from the feed instead, so that no slow client is pushed into. */
const NO_PUB_SUB: PubSub = {
  publish: refusePubSub,
  subscribe: refusePubSub,
};

function refusePubSub(): never {
  throw new Error('subscriptions read the feed; nothing is published');
}

/**
 * The schema with its resolvers. Inputs are checked by the services they go to, with the path of each fault, and not by
 * class-validator: the same checks then hold for the command line, and a bulk mutation makes no instance per item.
 */
export function buildApiSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: RESOLVERS,
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
    validate: false,
    pubSub: NO_PUB_SUB,
  });
  for (const [name, description] of Object.entries(ROOT_DESCRIPTIONS)) {
    const type = schema.getType(name);
    if (type) type.description = description;
  }
  for (const name of ONE_OF_INPUTS) {
    const type = schema.getType(name);
    if (!isInputObjectType(type)) throw new Error(`${name} is no input type of the schema`);
    type.isOneOf = true;
  }
  shortenHotMutations(schema);
  shortenContactFields(schema);
  shortenGetters(schema);
  for (const root of [schema.getQueryType(), schema.getMutationType()]) if (root) rememberRootResults(root);
  return schema;
}

/**
 * Calls the hot resolvers without type-graphql in between: it makes a class instance of every input, wanted or not, and looks up
 * how to call a method each time. In bulk that is worth 1.2x (0.9 to 1.7 in six pairs on a busy machine).
 */
function shortenHotMutations(schema: GraphQLSchema): void {
  const resolver = new IngestResolver();
  const mutations = schema.getMutationType();
  for (const name of HOT_MUTATIONS)
    fieldOf(mutations, name).resolve = (_source, args, context: ApiContext) =>
      resolver[name](context, args.input);
  for (const name of HOT_PAYLOADS)
    fieldOf<OutcomePayload>(schema.getType(name), 'scores').resolve = (payload, _args, context) =>
      payload.scores(context);
}

function fieldOf<Source>(
  type: GraphQLNamedType | null | undefined,
  name: string,
): GraphQLField<Source, ApiContext> {
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (!field) throw new Error(`${name} is no field of ${type?.name ?? 'the schema'}`);
  return field;
}

/**
 * What getters answer is read as graphql reads properties: type-graphql makes of each a method call with arguments, 6 % of the
 * processor time of a dashboard of 50 contacts with three changes each. Only types whose values are always instances of their class.
 */
function shortenGetters(schema: GraphQLSchema): void {
  const classes = { ScoreChange: ScoreChangeType, ContactScore: ContactScoreType };
  for (const [typeName, { prototype }] of Object.entries(classes)) {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      const type = schema.getType(typeName);
      if (get && isObjectType(type) && type.getFields()[name]) fieldOf(type, name).resolve = undefined;
    }
  }
}

/** The same for what pages ask of each contact: most of a page's processor time went into looking for arguments. */
function shortenContactFields(schema: GraphQLSchema): void {
  const type = schema.getType('Contact');
  for (const name of CONTACT_FIELDS) {
    fieldOf<ContactType>(type, name).resolve = (contact, _args, context) => contact[name](context);
  }
  fieldOf<ContactType>(type, 'score').resolve = (contact, args, context) =>
    contact.score(context, args.modelId, args.modelKey, args.at, args.version);
  fieldOf<ContactScoreType>(schema.getType('ContactScore'), 'history').resolve = (
    score,
    args,
    context,
    info,
  ) => score.history(context, args, info);
}
