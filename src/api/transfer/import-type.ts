import { Arg, Ctx, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { badInput } from '../../errors.js';
import type { MappingSource } from '../../transfer/column-plan.js';
import type { FileFormat, ImportKind } from '../../transfer/import-request.js';
import type { ImportRow } from '../../transfer/import-row.js';
import type { ApiContext } from '../context.js';
import { JobType, jobOf } from '../models/job-type.js';
import { DateTimeScalar } from '../scalars.js';
import { FileFormatEnum, ImportKindEnum, MappingSourceEnum } from './import-enums.js';

const FAULTS_MAX = 200;

@ObjectType({ description: 'Where a column of a file goes.' })
export class ColumnMapping {
  @Field(() => String, { simple: true, description: 'Name of the column.' })
  column!: string;

  @Field(() => String, { simple: true, description: 'See ColumnMappingInput.' })
  target!: string;

  @Field(() => MappingSourceEnum, { simple: true, description: 'Why it goes there.' })
  source!: MappingSource;
}

@ObjectType('RowFault', { description: 'A row that was refused.' })
export class RowFaultType {
  @Field(() => Float, { simple: true, description: 'Number of the row: 1 is the first behind the header.' })
  row!: number;

  @Field(() => String, { simple: true, description: 'Code of the fault, such as BAD_USER_INPUT.' })
  code!: string;

  @Field(() => String, { simple: true, description: 'What is wrong with it.' })
  message!: string;
}

@ObjectType('Import', { description: 'The import of one file, and how far it is.' })
export class ImportType {
  source!: ImportRow;

  @Field(() => ID, { simple: true, description: 'Id of the import, and of its job.' })
  get id(): string {
    return this.source.id;
  }

  @Field(() => ImportKindEnum, { simple: true, description: 'What its rows are.' })
  get kind(): ImportKind {
    return this.source.request.kind;
  }

  @Field(() => Boolean, { simple: true, description: 'Whether rows are only checked.' })
  get dryRun(): boolean {
    return this.source.request.dryRun;
  }

  @Field(() => String, { nullable: true, simple: true, description: 'Name of the file, when it was given.' })
  get fileName(): string | null {
    return this.source.request.fileName;
  }

  @Field(() => String, {
    simple: true,
    description:
      'Path on this server that takes the file: PUT it there with the same Authorization. `?offset=` says where in the file the body begins; 0 when absent.',
  })
  get uploadPath(): string {
    return `/import/${this.source.id}`;
  }

  @Field(() => String, {
    simple: true,
    description:
      'Path on this server that answers with a file of the refused rows, to be corrected and imported.',
  })
  get faultsPath(): string {
    return `/import/${this.source.id}/faults`;
  }

  @Field(() => FileFormatEnum, {
    nullable: true,
    simple: true,
    description: 'How the rows are written; null before that is known.',
  })
  get format(): FileFormat | null {
    return this.source.layout?.format ?? this.source.request.format;
  }

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'What is between the cells of CSV; null for JSON Lines, and before it is known.',
  })
  get delimiter(): string | null {
    return this.source.layout?.delimiter ?? null;
  }

  @Field(() => [ColumnMapping], {
    simple: true,
    description: 'Where each column of a CSV file goes; empty for JSON Lines, and before the header is read.',
  })
  get mapping(): ColumnMapping[] {
    return this.source.layout?.columns ?? [];
  }

  @Field(() => Float, {
    simple: true,
    description: 'Bytes of the file that are done. An upload that was interrupted goes on from there.',
  })
  get offset(): number {
    return this.source.offsetBytes;
  }

  @Field(() => Float, {
    simple: true,
    description: 'Rows done: those recorded, the duplicates and the rejected ones.',
  })
  get rows(): number {
    return this.source.counts.rows;
  }

  @Field(() => Float, {
    simple: true,
    description: 'Rows written to a timeline; in a dry run, rows that would be.',
  })
  get recorded(): number {
    return this.source.counts.recorded;
  }

  @Field(() => Float, { simple: true, description: 'Contacts that recorded rows made.' })
  get created(): number {
    return this.source.counts.created;
  }

  @Field(() => Float, {
    simple: true,
    description:
      'Of contacts: recorded rows whose contact was there already. 0 for actions and in a dry run.',
  })
  get updated(): number {
    const { counts, request } = this.source;
    return request.kind === 'CONTACTS' && !request.dryRun ? counts.recorded - counts.created : 0;
  }

  @Field(() => Float, { simple: true, description: 'Rows that had been recorded before; counted once.' })
  get duplicates(): number {
    return this.source.counts.duplicates;
  }

  @Field(() => Float, { simple: true, description: 'Rows with a fault.' })
  get rejected(): number {
    return this.source.counts.rejected;
  }

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was made.' })
  get createdAt(): Date {
    return new Date(this.source.createdAtMs);
  }

  @Field(() => JobType, {
    description: 'State and speed; its `done` counts rows. cancelJob ends it, jobProgress tells how it goes.',
  })
  async job(@Ctx() { services, viewer }: ApiContext): Promise<JobType> {
    const job = await services.jobs.byId(viewer.tenantId, this.source.id);
    if (!job) throw new Error(`import ${this.source.id} has no job`);
    return jobOf(job);
  }

  @Field(() => [RowFaultType], {
    description: `The first rows that were refused, at most ${FAULTS_MAX}; \`faultsPath\` has all of them, for 7 days.`,
  })
  async faults(
    @Ctx() { services, viewer }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many.' }) first: number,
  ): Promise<RowFaultType[]> {
    if (first < 0 || first > FAULTS_MAX) {
      throw badInput([{ path: 'first', message: `Give 0 to ${FAULTS_MAX}.` }]);
    }
    return services.imports.faults(viewer.tenantId, this.source.id, first);
  }
}

/** The import as the API shows it. */
export function importOf(source: ImportRow): ImportType {
  return Object.assign(new ImportType(), { source });
}

@ObjectType({ description: 'An import that waits for its file.' })
export class CreateImportPayload {
  @Field(() => ImportType, { simple: true, description: 'The import.' })
  import!: ImportType;

  @Field(() => Boolean, {
    simple: true,
    description: 'Whether it had been begun before: send the file from its `offset` on.',
  })
  resumed!: boolean;
}
