import { Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput, LeadpulseError } from '../../errors.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { checkTexts } from '../input-check.js';
import { RawArg } from '../raw-arg.js';
import {
  ApiKeyType,
  CreateApiKeyInput,
  CreateApiKeyPayload,
  RevokeApiKeyInput,
  RevokeApiKeyPayload,
} from './api-key-type.js';
import { ViewerType } from './viewer-type.js';

const NAME_CHARS_MAX = 100;

/** Who makes the request, and API keys. */
@Resolver()
export class AccessResolver {
  @Query(() => ViewerType, { description: 'Who makes this request. Every role.' })
  viewer(@Ctx() { viewer }: ApiContext): ViewerType {
    const { tenantId, tenantName, role, name, keyId } = viewer;
    return { tenant: { id: tenantId, name: tenantName }, role, name, keyId };
  }

  @Query(() => [ApiKeyType], {
    description: 'The API keys that are not revoked, the newest first, at most 200. Roles: ADMIN.',
  })
  async apiKeys(@Ctx() { viewer, services }: ApiContext): Promise<ApiKeyType[]> {
    requireRole(viewer, ...ROLES_THAT_MAY.manageKeys);
    return services.access.apiKeys(viewer.tenantId);
  }

  @Mutation(() => CreateApiKeyPayload, {
    description: 'Creates an API key. Its secret is in the answer and cannot be had again. Roles: ADMIN.',
  })
  async createApiKey(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => CreateApiKeyInput, 'What the key is to be.') input: CreateApiKeyInput,
  ): Promise<CreateApiKeyPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.manageKeys);
    checkTexts({ 'input.name': input.name }, NAME_CHARS_MAX);
    if (input.expiresAt && input.expiresAt.getTime() <= Date.now()) {
      throw badInput([{ path: 'input.expiresAt', message: 'must lie in the future' }]);
    }
    const { name, role, expiresAt } = input;
    const key = { name: name.trim(), role, expiresAt: expiresAt ?? null };
    const { row, text } = await services.access.createApiKey(viewer.tenantId, key);
    return { apiKey: row, secret: text };
  }

  @Mutation(() => RevokeApiKeyPayload, {
    description:
      'Revokes an API key: it stops to work within 5 seconds, on open subscriptions too. The last ADMIN key cannot be revoked (CONFLICT). Roles: ADMIN.',
  })
  async revokeApiKey(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => RevokeApiKeyInput, 'Which key.') input: RevokeApiKeyInput,
  ): Promise<RevokeApiKeyPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.manageKeys);
    if (!isUuid(input.id))
      throw new LeadpulseError('NOT_FOUND', 'There is no API key of this id; `apiKeys` lists them.');
    return { apiKey: await services.access.revokeApiKey(viewer.tenantId, input.id) };
  }
}
