import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { coerceInputValue, type GraphQLInputType, type GraphQLSchema, isInputType } from 'graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput, type FieldFault } from '../../errors.js';
import { isJsonObject } from '../../scoring/json-value.js';
import type { ContactFilter } from '../../store/contact-filter.js';
import type { ExportRequest } from '../../transfer/export-service.js';
import { FILE_FORMATS } from '../../transfer/import-request.js';
import type { Services } from '../services.js';
import { QueryParameters } from './query-parameters.js';
import { answerFault } from './transfer-errors.js';

const FAULTS_MAX = 20;
/** Text gathered before it is sent, in bytes; a client that does not read holds back the rest. */
const BUFFER_BYTES = 262_144;

/**
 * GET and POST /export/contacts: the contacts that a filter holds for, with their scores, as a file that is written while it is
 * sent. GET has `filter` (JSON), `format`, `modelId` and `attribute` (once for each) in its address, POST `filter`, `format`,
 * `modelId` and `attributes` in a JSON body.
 */
export function addExportRoutes(app: FastifyInstance, services: Services, schema: GraphQLSchema): void {
  const filterType = schema.getType('ContactFilter');
  if (!isInputType(filterType)) throw new Error('ContactFilter is no input type of the schema');
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const viewer = await services.access.authenticate(request.headers.authorization);
      requireRole(viewer, ...ROLES_THAT_MAY.exportContacts);
      const wanted = exportRequestOf(request, filterType);
      const parts = await services.exports.begin(viewer.tenantId, wanted);
      const body = Readable.from(parts, { objectMode: false, highWaterMark: BUFFER_BYTES });
      // A client that leaves before the first part ends it as well.
      reply.raw.once('close', () => body.destroy());
      const isCsv = wanted.format === 'CSV';
      return reply
        .type(isCsv ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8')
        .header('content-disposition', `attachment; filename="contacts.${isCsv ? 'csv' : 'jsonl'}"`)
        .send(body);
    } catch (error) {
      return answerFault(services, request, reply, error);
    }
  };
  app.get('/export/contacts', answer);
  app.post('/export/contacts', answer);
}

function exportRequestOf(request: FastifyRequest, filterType: GraphQLInputType): ExportRequest {
  const given = request.method === 'GET' ? fromAddress(request.url) : fromBody(request.body);
  const { filter, format, modelId, attributes, ...unknown } = given;
  const [other] = Object.keys(unknown);
  if (other !== undefined) {
    const message = 'There is no such field; there are filter, format, modelId, attributes.';
    throw badInput([{ path: other, message }]);
  }
  return {
    filter: filterOf(filter ?? {}, filterType),
    format: formatOf(format ?? 'CSV'),
    modelId: textOf(modelId, 'modelId'),
    attributes: textsOf(attributes),
  };
}

function fromAddress(url: string): Record<string, unknown> {
  const query = new QueryParameters(url, ['filter', 'format', 'modelId', 'attribute']);
  const attributes = query.texts('attribute');
  const filter = query.text('filter');
  return {
    filter: filter === null ? {} : parseFilter(filter),
    format: query.text('format'),
    modelId: query.text('modelId'),
    attributes: attributes.length > 0 ? attributes : null,
  };
}

function parseFilter(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badInput([{ path: 'filter', message: 'The filter is no JSON.' }]);
  }
}

function fromBody(body: unknown): Record<string, unknown> {
  if (body == null) return {};
  if (isJsonObject(body)) return body;
  throw badInput([{ path: 'body', message: 'Give a JSON object.' }]);
}

/** The filter as GraphQL would read it from a variable. */
function filterOf(value: unknown, type: GraphQLInputType): ContactFilter {
  const faults: FieldFault[] = [];
  const filter: unknown = coerceInputValue(value, type, (path, _invalid, error) => {
    if (faults.length < FAULTS_MAX)
      faults.push({ path: ['filter', ...path].join('.'), message: error.message });
  });
  if (faults.length > 0) throw badInput(faults);
  return filter as ContactFilter;
}

function formatOf(value: unknown): ExportRequest['format'] {
  const found = FILE_FORMATS.find((format) => format === String(value).toUpperCase());
  if (found) return found;
  throw badInput([{ path: 'format', message: 'Give csv or jsonl.' }]);
}

function textOf(value: unknown, path: string): string | null {
  if (value == null || typeof value === 'string') return value ?? null;
  throw badInput([{ path, message: 'Give a text.' }]);
}

function textsOf(value: unknown): string[] | null {
  if (value == null) return null;
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value;
  throw badInput([{ path: 'attributes', message: 'Give a list of names.' }]);
}
