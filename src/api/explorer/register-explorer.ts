import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Services } from '../services.js';
import { ExplorerAssets } from './explorer-assets.js';
import { EXPLORER_POLICY, explorerPage } from './explorer-page.js';

const ASSETS_BASE = '/explorer/assets/';
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * Adds the explorer, a page to write and run operations in, at `/explorer` and at `/`. It loads nothing from elsewhere and
 * holds no key: operations run with the one that the visitor puts in.
 */
export function registerExplorer(app: FastifyInstance, { config }: Pick<Services, 'config'>): void {
  const assets = new ExplorerAssets(ASSETS_BASE);
  const page = explorerPage(assets.folder, config.introspection);
  const servePage = (_request: unknown, reply: FastifyReply) =>
    reply
      .header('content-security-policy', EXPLORER_POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(page);
  app.get('/', servePage);
  app.get('/explorer', servePage);
  app.get(`${ASSETS_BASE}*`, async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const asset = await assets.find(path, request.headers['accept-encoding']);
    if (!asset) return reply.callNotFound();
    return reply
      .headers(asset.headers)
      .header('vary', 'accept-encoding')
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', FOR_EVER)
      .send(asset.content);
  });
}
