import { Ctx, Mutation, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import {
  FEEDBACK_REASON_PROPERTY,
  FEEDBACK_VALUE_PROPERTY,
  LEAD_FEEDBACK,
} from '../../analytics/facts/lead-feedback.js';
import { badInput, type FieldFault } from '../../errors.js';
import type { JsonObject } from '../../scoring/json-value.js';
import type { ApiContext } from '../context.js';
import { standingIdOfKey } from '../identity/identity-requests.js';
import { checkTexts } from '../input-check.js';
import { RawArg } from '../raw-arg.js';
import { itemBaseOf } from './ingest-items.js';
import { RecordActionPayload } from './ingest-payloads.js';
import { NOTE_CHARS_MAX, REASON_CHARS_MAX, RecordLeadFeedbackInput } from './lead-feedback-input.js';
import { recordItem } from './record-actions.js';

/** What sales says of leads. */
@Resolver()
export class LeadFeedbackResolver {
  @Mutation(() => RecordActionPayload, {
    description:
      'Records what sales says of a lead, as an action on its timeline: rules may score it, it is merged and erased with the contact, and CONVERTED and LOST are outcomes of the lead. Like any action it is an activity of the contact, which ends its inactivity, unless the model lists lead_accepted, lead_rejected, lead_converted and lead_lost in passiveActionTypes. BAD_USER_INPUT names the path of each fault. Roles: ADMIN, MARKETER, SALES, INGEST.',
  })
  async recordLeadFeedback(
    @Ctx() context: ApiContext,
    @RawArg('input', () => RecordLeadFeedbackInput, 'The lead, and what is said of it.')
    input: RecordLeadFeedbackInput,
  ): Promise<RecordActionPayload> {
    const { viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.record);
    checkInput(input);
    const id = await standingIdOfKey(context, input.contact);
    return recordItem(context, {
      ...itemBaseOf('feedback', input),
      kind: 'action',
      contact: { kind: 'id', value: id },
      type: LEAD_FEEDBACK[input.verdict].actionType,
      properties: propertiesOf(input, viewer.name),
    });
  }
}

/** @throws LeadpulseError BAD_USER_INPUT */
function checkInput({ verdict, reason, value, note }: RecordLeadFeedbackInput): void {
  checkTexts({ 'input.reason': reason }, REASON_CHARS_MAX);
  checkTexts({ 'input.note': note }, NOTE_CHARS_MAX);
  const faults: FieldFault[] = [];
  if ((verdict === 'REJECTED' || verdict === 'LOST') && reason == null)
    faults.push({ path: 'input.reason', message: `Say why the lead was ${verdict.toLowerCase()}.` });
  if (value != null && verdict !== 'CONVERTED')
    faults.push({ path: 'input.value', message: 'Only a lead that converted has a value.' });
  if (value != null && value < 0) faults.push({ path: 'input.value', message: 'Give 0 or more.' });
  if (faults.length > 0) throw badInput(faults);
}

function propertiesOf({ reason, value, note }: RecordLeadFeedbackInput, by: string): JsonObject {
  return {
    ...(reason == null ? {} : { [FEEDBACK_REASON_PROPERTY]: reason.trim() }),
    ...(value == null ? {} : { [FEEDBACK_VALUE_PROPERTY]: value }),
    ...(note == null ? {} : { note }),
    by,
  };
}
