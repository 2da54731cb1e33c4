import { Ctx, Mutation, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { contactListOf } from '../contacts/contact-list-type.js';
import type { ApiContext } from '../context.js';
import { RawArg } from '../raw-arg.js';
import { changeListMembers } from './change-list-members.js';
import { ChangeListMembersInput } from './change-list-members-input.js';
import { AdjustScoreInput, RecordActionInput, UpsertContactInput } from './ingest-inputs.js';
import { adjustmentItemOf } from './ingest-items.js';
import {
  AdjustScorePayload,
  ChangeListMembersPayload,
  RecordActionPayload,
  RecordActionsPayload,
  UpsertContactPayload,
  UpsertContactsPayload,
} from './ingest-payloads.js';
import { cursorOf, recordOne } from './outcomes.js';
import { recordAction, recordActions } from './record-actions.js';
import { upsertContact, upsertContacts } from './upsert-contacts.js';

const FAULTS = 'BAD_USER_INPUT names the path of each fault; UNAVAILABLE: send it again later.';

/** Everything that writes to timelines. */
@Resolver()
export class IngestResolver {
  @Mutation(() => RecordActionPayload, {
    description: `Records an action and answers with the scores it led to. ${FAULTS} Roles: ADMIN, MARKETER, SALES, INGEST.`,
  })
  async recordAction(
    @Ctx() context: ApiContext,
    @RawArg('input', () => RecordActionInput, 'The action.') input: RecordActionInput,
  ): Promise<RecordActionPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.record);
    return recordAction(context, input);
  }

  @Mutation(() => RecordActionsPayload, {
    description:
      'Records up to 10,000 actions; valid ones are recorded whatever happens to the others. Roles: ADMIN, MARKETER, SALES, INGEST.',
  })
  async recordActions(
    @Ctx() context: ApiContext,
    @RawArg('input', () => [RecordActionInput], 'The actions.') input: RecordActionInput[],
  ): Promise<RecordActionsPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.record);
    return recordActions(context, input);
  }

  @Mutation(() => UpsertContactPayload, {
    description: `Creates a contact or changes its attributes. ${FAULTS} CONFLICT when an identity belongs to someone else. Roles: ADMIN, MARKETER, SALES, INGEST.`,
  })
  async upsertContact(
    @Ctx() context: ApiContext,
    @RawArg('input', () => UpsertContactInput, 'Who, and what became true.') input: UpsertContactInput,
  ): Promise<UpsertContactPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.record);
    return upsertContact(context, input);
  }

  @Mutation(() => UpsertContactsPayload, {
    description:
      'Creates or changes up to 10,000 contacts; valid ones are written whatever happens to the others. Roles: ADMIN, MARKETER, SALES, INGEST.',
  })
  async upsertContacts(
    @Ctx() context: ApiContext,
    @RawArg('input', () => [UpsertContactInput], 'The contacts.') input: UpsertContactInput[],
  ): Promise<UpsertContactsPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.record);
    return upsertContacts(context, input);
  }

  @Mutation(() => ChangeListMembersPayload, {
    description: `Lets contacts join and leave a list, by key or by filter. ${FAULTS} Roles: ADMIN, MARKETER, INGEST.`,
  })
  async changeListMembers(
    @Ctx() context: ApiContext,
    @RawArg('input', () => ChangeListMembersInput, 'Which list, and who.') input: ChangeListMembersInput,
  ): Promise<ChangeListMembersPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.changeLists);
    const { list, position, ...counts } = await changeListMembers(context, input);
    return { list: contactListOf(list), ...counts, cursor: cursorOf(context, position) };
  }

  @Mutation(() => AdjustScorePayload, {
    description: `Gives or takes points by hand, for a time or for ever. ${FAULTS} Roles: ADMIN, MARKETER, SALES, INGEST.`,
  })
  async adjustScore(
    @Ctx() context: ApiContext,
    @RawArg('input', () => AdjustScoreInput, 'Whose score, by how much, and why.') input: AdjustScoreInput,
  ): Promise<AdjustScorePayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.adjustScores);
    const outcome = await recordOne(context, adjustmentItemOf(input));
    return new AdjustScorePayload(outcome, cursorOf(context, outcome.position));
  }
}
