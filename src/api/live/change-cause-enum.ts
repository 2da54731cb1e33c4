import { CHANGE_CAUSES, type ChangeCause } from '../../store/change-causes.js';
import { registerEnum } from '../enums.js';

export const ChangeCauseEnum = registerEnum<ChangeCause>(
  'ChangeCause',
  CHANGE_CAUSES,
  'Why a score changed.',
  {
    ACTION: 'The contact did something; `action` says what.',
    PROFILE: 'Attributes of the contact were set or removed.',
    LIST: 'The contact joined or left a list.',
    ADJUSTMENT: 'A person or an integrator gave or took points.',
    DECAY: 'Points decayed because the contact was inactive.',
    EXPIRY: 'Points reached the end of their life.',
    RECENCY: 'Points grew older than a recency step.',
    WINDOW: 'The window of an activity or inactivity criterion moved on.',
    RULES: 'Another version of the model was published, or the model was activated.',
    MERGE: 'Two contacts became one.',
    CORRECTION:
      'A recorded entry was taken back or amended. An entry that only arrives late keeps its own cause.',
    ERASED: 'The person was erased.',
  },
);
