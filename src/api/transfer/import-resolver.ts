import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import type { ApiContext } from '../context.js';
import { RawArg } from '../raw-arg.js';
import { CreateImportInput, importRequestOf } from './import-inputs.js';
import { CreateImportPayload, ImportType, importOf } from './import-type.js';

const ROLES = 'Roles: ADMIN, MARKETER, INGEST.';

/** Imports of files. */
@Resolver()
export class ImportResolver {
  @Query(() => ImportType, { description: `An import by id. NOT_FOUND when there is none. ${ROLES}` })
  async import(
    @Ctx() { services, viewer }: ApiContext,
    @Arg('id', () => ID, { description: 'Id of the import.' }) id: string,
  ): Promise<ImportType> {
    requireRole(viewer, ...ROLES_THAT_MAY.importFiles);
    return importOf(await services.imports.get(viewer.tenantId, id));
  }

  @Mutation(() => CreateImportPayload, {
    description: `Makes an import; its file is then sent by PUT to \`uploadPath\`, where it is read while it comes in. The same file twice adds nothing. ${ROLES}`,
  })
  async createImport(
    @Ctx() { services, viewer }: ApiContext,
    @RawArg('input', () => CreateImportInput, 'What is done with the file.') input: CreateImportInput,
  ): Promise<CreateImportPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.importFiles);
    const made = await services.imports.create(viewer, importRequestOf(input), 'input');
    return { import: importOf(made.row), resumed: made.resumed };
  }
}
