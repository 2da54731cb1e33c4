import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import type { Viewer } from '../../access/viewer.js';
import { badInput } from '../../errors.js';
import {
  FILE_FORMATS,
  type GivenMapping,
  type ImportKind,
  type ImportRequest,
} from '../../transfer/import-request.js';
import type { ImportRow } from '../../transfer/import-row.js';
import { IDENTITY_CONFLICTS } from '../enums.js';
import type { Services } from '../services.js';
import { importOf } from './import-type.js';
import { QueryParameters } from './query-parameters.js';
import { answerFault } from './transfer-errors.js';
import { uploadBody } from './upload-body.js';

const CREATE_PARAMETERS = [
  'format',
  'delimiter',
  'map',
  'actionType',
  'onIdentityConflict',
  'emptyRemoves',
  'dryRun',
  'fileName',
  'fileId',
];
const FAULTS_SHOWN_MAX = 20;

type IdParams = { Params: { id: string } };

/**
 * Routes that take files, read while they come in: PUT /import/ID for an import that was made before, POST /import/contacts and
 * /import/actions for all in one. GET /import/ID tells how far it is, GET /import/ID/faults has the refused rows.
 */
export function addImportRoutes(app: FastifyInstance, services: Services): void {
  const viewerOf = async ({ headers }: FastifyRequest): Promise<Viewer> => {
    const viewer = await services.access.authenticate(headers.authorization);
    requireRole(viewer, ...ROLES_THAT_MAY.importFiles);
    return viewer;
  };
  const guarded =
    (work: (request: FastifyRequest, reply: FastifyReply, viewer: Viewer) => Promise<FastifyReply>) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      try {
        return await work(request, reply, await viewerOf(request));
      } catch (error) {
        return answerFault(services, request, reply, error);
      }
    };
  const receive = async (request: FastifyRequest, viewer: Viewer, id: string, offset: number) => {
    const upload = { source: uploadBody(request.raw), offset };
    return answerOf(services, viewer, await services.imports.upload(viewer.tenantId, id, upload));
  };
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Whatever a file calls itself, its bytes are read from the request as they come.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const [path, kind] of [
      ['/import/contacts', 'CONTACTS'],
      ['/import/actions', 'ACTIONS'],
    ] as const) {
      const handler = guarded(async (request, reply, viewer) => {
        const { row } = await services.imports.create(viewer, requestOf(request.url, kind), 'query');
        return reply.send(await receive(request, viewer, row.id, 0));
      });
      scope.post(path, handler);
    }
    scope.put<IdParams>('/import/:id', (request, reply) =>
      guarded(async (_request, _reply, viewer) => {
        const offset = new QueryParameters(request.url, ['offset']).count('offset');
        return reply.send(await receive(request, viewer, request.params.id, offset));
      })(request, reply),
    );
    scope.get<IdParams>('/import/:id', (request, reply) =>
      guarded(async (_request, _reply, viewer) => {
        const row = await services.imports.get(viewer.tenantId, request.params.id);
        return reply.send(await answerOf(services, viewer, row));
      })(request, reply),
    );
    scope.get<IdParams>('/import/:id/faults', (request, reply) =>
      guarded(async (_request, _reply, viewer) => {
        const row = await services.imports.get(viewer.tenantId, request.params.id);
        const isCsv = row.layout?.format !== 'JSONL';
        return reply
          .type(isCsv ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8')
          .header('content-disposition', `attachment; filename="faults.${isCsv ? 'csv' : 'jsonl'}"`)
          .send(Readable.from(services.imports.faultFile(viewer.tenantId, row), { objectMode: false }));
      })(request, reply),
    );
  });
}

/** What createImport has as input, in an address: `map=Customer=externalId`, once for each column. */
function requestOf(url: string, kind: ImportKind): ImportRequest {
  const query = new QueryParameters(url, CREATE_PARAMETERS);
  return {
    kind,
    format: query.choice('format', FILE_FORMATS),
    delimiter: query.text('delimiter'),
    mapping: query.texts('map').map(mappingOf),
    actionType: query.text('actionType'),
    onIdentityConflict: query.choice('onIdentityConflict', IDENTITY_CONFLICTS) ?? 'REJECT',
    emptyRemoves: query.flag('emptyRemoves'),
    dryRun: query.flag('dryRun'),
    fileName: query.text('fileName'),
    fileId: query.text('fileId'),
  };
}

function mappingOf(text: string): GivenMapping {
  const at = text.lastIndexOf('=');
  if (at < 1) throw badInput([{ path: 'map', message: `'${text}' is not of the form column=target.` }]);
  return { column: text.slice(0, at), target: text.slice(at + 1) };
}

/** The fields of GraphQL's Import that have no arguments, with the first faults. */
async function answerOf(services: Services, viewer: Viewer, row: ImportRow): Promise<object> {
  const shown = importOf(row);
  const { id, kind, dryRun, fileName, format, delimiter, mapping, offset } = shown;
  const { rows, recorded, created, updated, duplicates, rejected, faultsPath } = shown;
  const job = await services.jobs.byId(viewer.tenantId, row.id);
  const faults = await services.imports.faults(viewer.tenantId, row.id, FAULTS_SHOWN_MAX);
  return {
    id,
    kind,
    state: job?.state ?? null,
    error: job?.error ?? null,
    dryRun,
    fileName,
    format,
    delimiter,
    mapping,
    offset,
    rows,
    recorded,
    created,
    updated,
    duplicates,
    rejected,
    faults: faults.map(({ row: number, code, message }) => ({ row: number, code, message })),
    faultsPath,
  };
}
