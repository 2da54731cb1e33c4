import { MODEL_CHANGE_KINDS, type ModelChangeKind } from '../../models/model-change-row.js';
import {
  RULE_DIFF_KINDS,
  type RuleDiffKind,
  SCORE_SET_DIFF_KINDS,
  type ScoreSetDiffKind,
} from '../../scoring/diff-model.js';
import { MODEL_WARNING_CODES, type ModelWarningCode } from '../../scoring/warnings/model-warning.js';
import { registerEnum } from '../enums.js';

export const ModelWarningCodeEnum = registerEnum<ModelWarningCode>(
  'ModelWarningCode',
  MODEL_WARNING_CODES,
  'What a model is warned of.',
  {
    RULE_NEVER_HOLDS: 'The conditions of a rule contradict each other: no contact can ever meet it.',
    RULE_HOLDS_ONLY_FOR_LISTS:
      'A rule can hold only where an attribute or a property has several values at once, a list: mostly not meant.',
    RULE_MET_BY_NOBODY: 'A rule could hold, and holds for no contact.',
    RULE_REPEATS_ANOTHER: 'A rule asks for the same as another one; `suggestion` has the key of that.',
    RULE_SWALLOWED_BY_CAP: 'A cap always takes all points of a rule.',
    UNKNOWN_ACTION_TYPE: 'No recorded action is of this type; `suggestion` has the nearest known one.',
    UNKNOWN_ATTRIBUTE: 'No contact has this attribute; `suggestion` has the nearest known one.',
    STAGES_OVERLAP: 'Two stages hold from the same score on.',
    STAGE_OUT_OF_REACH: 'No total that the model can give lies in a stage.',
    STAGE_REACHED_BY_NOBODY: 'No contact is in a stage.',
  },
);

export const ScoreSetDiffKindEnum = registerEnum<ScoreSetDiffKind>(
  'ScoreSetDiffKind',
  SCORE_SET_DIFF_KINDS,
  'What became of a score set.',
  { ADDED: 'It is new.', REMOVED: 'It is gone.', CHANGED: 'Something of it changed, apart from its rules.' },
);

export const RuleDiffKindEnum = registerEnum<RuleDiffKind>(
  'RuleDiffKind',
  RULE_DIFF_KINDS,
  'What became of a rule.',
  {
    ADDED: 'It is new.',
    REMOVED: 'It is gone.',
    CHANGED: 'Something of it changed.',
    MOVED: 'It is in another score set; more of it may have changed.',
  },
);

export const ModelChangeKindEnum = registerEnum<ModelChangeKind>(
  'ModelChangeKind',
  MODEL_CHANGE_KINDS,
  'What was done to a model.',
  {
    CREATED: 'It was made, from a definition or a preset.',
    CLONED: 'It was made as a copy of another model.',
    IMPORTED:
      'A document was imported: as a new model, as the next version, or (without a `version`) as draft.',
    PUBLISHED: 'An edit or the draft was published as the next version.',
    ROLLED_BACK: 'An earlier version was published again, as the next one.',
    DRAFT_SAVED: 'An edit went to the draft.',
    DRAFT_REBASED: 'The changes of the draft were made again on the version published by then.',
    DRAFT_DISCARDED: 'The draft was given up.',
    SWITCHED_ON: 'Contacts are scored on it again.',
    SWITCHED_OFF: 'Contacts are not scored on it any more.',
    MADE_PRIMARY: 'It became the primary model.',
    NO_LONGER_PRIMARY: 'Another model became the primary one in its place.',
  },
);
