import { badInput } from '../../errors.js';
import type { ModelRow } from '../../models/model-row.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { checkTexts } from '../input-check.js';

const KEY_CHARS_MAX = 500;

/**
 * The model of this id or key; null when there is none.
 * @throws LeadpulseError BAD_USER_INPUT unless exactly one of the two is given.
 */
export async function findModel(
  { services, viewer, loaders }: ApiContext,
  id: string | null | undefined,
  key: string | null | undefined,
): Promise<ModelRow | null> {
  if ((id == null) === (key == null)) {
    throw badInput([{ path: 'id', message: 'Give exactly one of id and key.' }]);
  }
  if (key != null) {
    checkTexts({ key }, KEY_CHARS_MAX);
    return services.models.byKey(viewer.tenantId, key);
  }
  return id != null && isUuid(id) ? loaders.modelById.load(id) : null;
}
