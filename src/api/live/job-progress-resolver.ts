import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import type { JobRow } from '../../store/jobs/job-row.js';
import type { ApiContext } from '../context.js';
import { JobType, jobOf } from '../models/job-type.js';
import { abortableStream } from './abortable-stream.js';

interface Following {
  args: { id: string };
  context: ApiContext;
}

/** The progress of background work, live. */
@Resolver()
export class JobProgressResolver {
  @Subscription(() => JobType, {
    description:
      'A job as it is, then each time it has moved on, at most four times a second and in whatever server process it runs. The last event is its end, then the stream completes. NOT_FOUND when there is no such job. Roles: ADMIN, MARKETER, SALES, VIEWER.',
    subscribe: async ({ args, context }: Following) => {
      const { viewer, services } = context;
      requireRole(viewer, ...ROLES_THAT_MAY.readModels);
      return abortableStream(await services.jobs.follow(viewer.tenantId, args.id));
    },
  })
  jobProgress(
    @Root() row: JobRow,
    @Arg('id', () => ID, { description: 'Id of the job.' }) _id: string,
  ): JobType {
    return jobOf(row);
  }
}
