import { Field, Float, InputType, registerEnumType } from 'type-graphql';
import type { LeadFeedbackKind } from '../../analytics/facts/lead-feedback.js';
import { DateTimeScalar } from '../scalars.js';
import { ContactKey } from './ingest-inputs.js';

const LeadVerdictEnum: Record<LeadFeedbackKind, LeadFeedbackKind> = {
  ACCEPTED: 'ACCEPTED',
  REJECTED: 'REJECTED',
  CONVERTED: 'CONVERTED',
  LOST: 'LOST',
};
registerEnumType(LeadVerdictEnum, {
  name: 'LeadVerdict',
  description: 'What sales says of a lead.',
  valuesConfig: {
    ACCEPTED: { description: 'Worth working on. Recorded as an action lead_accepted.' },
    REJECTED: { description: 'Not worth it; say why. Recorded as lead_rejected.' },
    CONVERTED: { description: 'Became a customer: an outcome of the lead. Recorded as lead_converted.' },
    LOST: { description: 'Did not; say why. An outcome of the lead. Recorded as lead_lost.' },
  },
});

export const REASON_CHARS_MAX = 200;
export const NOTE_CHARS_MAX = 2_000;

@InputType({ description: 'What sales says of a lead.' })
export class RecordLeadFeedbackInput {
  @Field(() => ContactKey, {
    description: 'The lead. NOT_FOUND when nobody has the key: feedback makes no contacts.',
  })
  contact!: ContactKey;

  @Field(() => LeadVerdictEnum, { description: 'What is said of it.' })
  verdict!: LeadFeedbackKind;

  @Field(() => String, {
    nullable: true,
    description: `Why; required of REJECTED and LOST. At most ${REASON_CHARS_MAX} characters; reports count equal reasons together, so choose from a short list.`,
  })
  reason?: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'What it is worth, in the tenant’s currency, 0 or more; only of CONVERTED.',
  })
  value?: number | null;

  @Field(() => String, {
    nullable: true,
    description: `Anything else, at most ${NOTE_CHARS_MAX} characters.`,
  })
  note?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it was decided; now when absent. More than 5 minutes ahead is refused.',
  })
  occurredAt?: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'At most 256 bytes. The same key and content again is answered as before and counted once; with other content it is IDEMPOTENCY_MISMATCH.',
  })
  idempotencyKey?: string | null;
}
