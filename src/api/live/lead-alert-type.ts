import { createHash } from 'node:crypto';
import { Field, ID, ObjectType } from 'type-graphql';
import { LeadpulseError } from '../../errors.js';
import type { ChangeRecord } from '../../feed/change-record.js';
import { ContactType } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';
import { DateTimeScalar } from '../scalars.js';
import { contactOfChange } from './change-contact.js';
import { ScoreChangeType, scoreChangeFromRecord } from './score-change-type.js';

const UUID_BYTES = 16;
const UUID_TIME_BYTES = 6;

/** Raised once when a contact enters a hot stage. */
@ObjectType('LeadAlert', { description: 'Raised once each time a contact enters a hot stage.' })
export class LeadAlertType {
  @Field(() => ID, {
    simple: true,
    description: 'The same for everybody who is told, and again after a reconnect: use it to act once.',
  })
  id!: string;

  @Field(() => String, { simple: true, description: 'Place in the change feed; `after` resumes behind it.' })
  cursor!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When the contact became hot.' })
  at!: Date;

  @Field(() => ContactType, { simple: true, description: 'The contact.' })
  contact!: ContactType;

  @Field(() => ScoreChangeType, { simple: true, description: 'The change that made it hot.' })
  change!: ScoreChangeType;
}

/** The alert that a change raises. */
export async function leadAlertFromRecord(context: ApiContext, record: ChangeRecord): Promise<LeadAlertType> {
  const [change, contact] = await Promise.all([
    scoreChangeFromRecord(context, record),
    contactOfChange(context, record.contactId),
  ]);
  // The stream lets nothing through whose contact is gone; this one was erased since.
  if (!contact) throw new LeadpulseError('NOT_FOUND', 'The contact has been erased meanwhile.');
  const id = alertId(context.viewer.tenantId, record);
  return { id, cursor: change.cursor, at: change.at, contact, change };
}

/** A UUID in the shape of version 7: the time of the commit, then a digest of tenant and position instead of chance. */
export function alertId(tenantId: string, record: Pick<ChangeRecord, 'position' | 'recordedAtMs'>): string {
  const digest = createHash('sha256').update(`lead-alert/${tenantId}/${record.position}`).digest();
  const bytes = digest.subarray(0, UUID_BYTES);
  bytes.writeUIntBE(record.recordedAtMs, 0, UUID_TIME_BYTES);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
