/** What sales said of a lead; the action type that it is recorded as, and the code it has in `contact_facts.feedback_kinds`. */
export const LEAD_FEEDBACK = {
  ACCEPTED: { actionType: 'lead_accepted', code: 1 },
  REJECTED: { actionType: 'lead_rejected', code: 2 },
  CONVERTED: { actionType: 'lead_converted', code: 3 },
  LOST: { actionType: 'lead_lost', code: 4 },
} as const;

export type LeadFeedbackKind = keyof typeof LEAD_FEEDBACK;

/** The property of such an action that says why, and the one that says what the lead was worth. */
export const FEEDBACK_REASON_PROPERTY = 'reason';
export const FEEDBACK_VALUE_PROPERTY = 'value';

const CODE_BY_TYPE = new Map<string, number>(
  Object.values(LEAD_FEEDBACK).map(({ actionType, code }) => [actionType, code]),
);

/** The code of the feedback that an action of this type is; undefined for any other action. */
export function feedbackCodeOf(actionType: string): number | undefined {
  return CODE_BY_TYPE.get(actionType);
}
