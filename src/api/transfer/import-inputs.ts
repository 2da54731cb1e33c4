import { Field, InputType } from 'type-graphql';
import type { FileFormat, ImportKind, ImportRequest } from '../../transfer/import-request.js';
import { type IdentityConflict, IdentityConflictEnum } from '../enums.js';
import { FileFormatEnum, ImportKindEnum } from './import-enums.js';

@InputType({ description: 'A column of a file, and where it goes.' })
export class ColumnMappingInput {
  @Field(() => String, {
    description: 'The column by its name in the header, or the name in JSON objects; case does not matter.',
  })
  column!: string;

  @Field(() => String, {
    description:
      'id, externalId, email, anonymousId or contact (whose row it is); for contacts a standard attribute such as firstName, attributes.<name>, or attributes (a JSON object); for actions type, idempotencyKey, properties.<name>, or properties (a JSON object); occurredAt; or - for nowhere.',
  })
  target!: string;
}

@InputType({ description: 'What is done with a file that is to be uploaded.' })
export class CreateImportInput {
  @Field(() => ImportKindEnum, { description: 'What its rows are.' })
  kind!: ImportKind;

  @Field(() => FileFormatEnum, { nullable: true, description: 'Told from the file when absent.' })
  format?: FileFormat | null;

  @Field(() => String, {
    nullable: true,
    description: 'What is between the cells of CSV: one character. Told from the header when absent.',
  })
  delimiter?: string | null;

  @Field(() => [ColumnMappingInput], {
    nullable: true,
    description: 'Columns that go elsewhere than their names suggest. At most 500.',
  })
  mapping?: ColumnMappingInput[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'For actions: the type of rows that have none of their own.',
  })
  actionType?: string | null;

  @Field(() => IdentityConflictEnum, {
    nullable: true,
    defaultValue: 'REJECT',
    description:
      'When a row names several keys and one of them belongs to someone else. With REJECT the row is refused (CONFLICT), of actions as of contacts.',
  })
  onIdentityConflict?: IdentityConflict | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'For contacts: whether an empty cell removes the attribute. Else it leaves it as it is.',
  })
  emptyRemoves?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      'Checks every row and records none. What only the recorded contacts can tell, such as a conflict of identities, is not checked.',
  })
  dryRun?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Name of the file, for people to recognise it.' })
  fileName?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Names the content of the file, such as its SHA-256. When an import of the same file with the same options is not over, it is answered and goes on.',
  })
  fileId?: string | null;
}

/** The request behind an input. */
export function importRequestOf(input: CreateImportInput): ImportRequest {
  return {
    kind: input.kind,
    format: input.format ?? null,
    delimiter: input.delimiter ?? null,
    mapping: (input.mapping ?? []).map(({ column, target }) => ({ column, target })),
    actionType: input.actionType ?? null,
    onIdentityConflict: input.onIdentityConflict ?? 'REJECT',
    emptyRemoves: input.emptyRemoves ?? false,
    dryRun: input.dryRun ?? false,
    fileName: input.fileName ?? null,
    fileId: input.fileId ?? null,
  };
}
