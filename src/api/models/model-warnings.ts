import type { ModelDefinition } from '../../scoring/model-definition.js';
import type { ModelWarning } from '../../scoring/warnings/model-warning.js';
import { warnAbout } from '../../scoring/warnings/warn-about.js';
import type { ApiContext } from '../context.js';

/** What a definition is warned of, beside what the tenant's data has. */
export async function warningsOf(
  { loaders, viewer }: ApiContext,
  definition: ModelDefinition,
): Promise<ModelWarning[]> {
  return warnAbout(definition, await loaders.seenByTenant.load(viewer.tenantId));
}
