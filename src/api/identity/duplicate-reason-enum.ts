import { DUPLICATE_REASONS, type DuplicateReason } from '../../store/duplicate-keys.js';
import { registerEnum } from '../enums.js';

export const DuplicateReasonEnum = registerEnum<DuplicateReason>(
  'DuplicateReason',
  DUPLICATE_REASONS,
  'Why contacts are taken for one person.',
  {
    SAME_MAILBOX:
      'Their email addresses differ in nothing but dots before the at sign and a tag behind a plus sign.',
    SAME_NAME_AND_COMPANY: 'They have the same name and the same company, whatever the case.',
  },
);
