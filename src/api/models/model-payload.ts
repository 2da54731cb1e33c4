import type { ModelOutcome } from '../../models/edit-model.js';
import { jobOf } from './job-type.js';
import { modelDraftOf } from './model-draft-type.js';
import { type ChangeScoringModelPayload, scoringModelOf } from './scoring-model-type.js';

/** What an edit led to, as the API shows it. */
export function changePayloadOf({ model, draft, recalculation }: ModelOutcome): ChangeScoringModelPayload {
  return {
    model: scoringModelOf(model),
    draft: draft && modelDraftOf(draft, model),
    recalculation: recalculation && jobOf(recalculation),
  };
}
