import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput } from '../../errors.js';
import type { SegmentFields } from '../../segments/segment-service.js';
import type { ApiContext } from '../context.js';
import { checkKey, checkTexts } from '../input-check.js';
import { RawArg } from '../raw-arg.js';
import { CreateSegmentInput, DeleteSegmentInput, UpdateSegmentInput } from './segment-inputs.js';
import {
  CreateSegmentPayload,
  DeleteSegmentPayload,
  SegmentType,
  segmentOf,
  UpdateSegmentPayload,
} from './segment-type.js';

const NAME_CHARS_MAX = 200;
const READERS = 'Roles: ADMIN, MARKETER, SALES, VIEWER.';
const CHANGERS = 'Roles: ADMIN, MARKETER.';

/** Segments: finding, making and changing them. */
@Resolver()
export class SegmentResolver {
  @Query(() => [SegmentType], {
    description: `All segments by key, at most 100. A tenant begins with hot, warm and cold. ${READERS}`,
  })
  async segments(@Ctx() { viewer, loaders }: ApiContext): Promise<SegmentType[]> {
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    return (await loaders.segments()).map(segmentOf);
  }

  @Query(() => SegmentType, {
    nullable: true,
    description: `One segment by id or by key; null when there is none. Give one of the two. ${READERS}`,
  })
  async segment(
    @Ctx() { viewer, loaders }: ApiContext,
    @Arg('id', () => ID, { nullable: true, description: 'Its id.' }) id?: string | null,
    @Arg('key', () => String, { nullable: true, description: 'Its key.' }) key?: string | null,
  ): Promise<SegmentType | null> {
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    if ((id == null) === (key == null)) throw badInput([{ path: 'id', message: 'Give either id or key.' }]);
    const row =
      id == null
        ? (await loaders.segments()).find((segment) => segment.key === key)
        : await loaders.segmentById.load(id);
    return row ? segmentOf(row) : null;
  }

  @Mutation(() => CreateSegmentPayload, {
    description: `Saves a filter under a key. ${CHANGERS}`,
  })
  async createSegment(
    @Ctx() context: ApiContext,
    @RawArg('input', () => CreateSegmentInput, 'The segment.') input: CreateSegmentInput,
  ): Promise<CreateSegmentPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeSegments);
    checkTexts({ 'input.name': input.name }, NAME_CHARS_MAX);
    checkKey(input.key, 'input.key');
    const { key, name, filter } = input;
    const row = await services.segments.create(viewer, { key, name: name.trim(), filter });
    context.forgetReads();
    return { segment: segmentOf(row) };
  }

  @Mutation(() => UpdateSegmentPayload, {
    description: `Changes a segment. Who joins or leaves by another filter is told by segmentChanged as they are found. ${CHANGERS}`,
  })
  async updateSegment(
    @Ctx() context: ApiContext,
    @RawArg('input', () => UpdateSegmentInput, 'Which segment, and what is new.') input: UpdateSegmentInput,
  ): Promise<UpdateSegmentPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeSegments);
    checkTexts({ 'input.name': input.name }, NAME_CHARS_MAX);
    const fields: Partial<SegmentFields> = {};
    if (input.key != null) {
      checkKey(input.key, 'input.key');
      fields.key = input.key;
    }
    if (input.name != null) fields.name = input.name.trim();
    if (input.filter != null) fields.filter = input.filter;
    const row = await services.segments.update(viewer, input.id, fields);
    context.forgetReads();
    return { segment: segmentOf(row) };
  }

  @Mutation(() => DeleteSegmentPayload, {
    description: `Deletes a segment; contacts stay as they are. CONFLICT when other segments are made of it. ${CHANGERS}`,
  })
  async deleteSegment(
    @Ctx() context: ApiContext,
    @RawArg('input', () => DeleteSegmentInput, 'Which segment.') input: DeleteSegmentInput,
  ): Promise<DeleteSegmentPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeSegments);
    const { id, key } = await services.segments.delete(viewer, input.id);
    context.forgetReads();
    return { id, key };
  }
}
