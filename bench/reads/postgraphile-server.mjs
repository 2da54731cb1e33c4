// PostGraphile 5 over the tables of the database in DATABASE_URL, as a process of its own; it says where it listens as the
// product's server does. Not TypeScript, because PostGraphile's types change those of graphql for whoever is compiled with
// them. The tenant is named by a header that nobody checks, while the product authenticates a key.
import { createServer } from 'node:http';
import process from 'node:process';

// Looked at when the modules are loaded.
process.env.NODE_ENV = 'production';
process.env.GRAPHILE_ENV = 'production';
const { postgraphile } = await import('postgraphile');
const { PostGraphileAmberPreset } = await import('postgraphile/presets/amber');
const { makePgService } = await import('postgraphile/adaptors/pg');
const { grafserv } = await import('postgraphile/grafserv/node');
const { makeJSONPgSmartTagsPlugin } = await import('postgraphile/utils');

/** Relations that the tables have indexes for but no constraints: hot tables carry no foreign keys. */
const tags = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: {
    class: {
      contact_scores: {
        tags: {
          foreignKey:
            '(tenant_id, contact_id) references contacts (tenant_id, id)|@fieldName contact|@foreignFieldName scores',
        },
      },
      score_events: {
        tags: {
          foreignKey:
            '(tenant_id, contact_id, model_id) references contact_scores (tenant_id, contact_id, model_id)|@fieldName score|@foreignFieldName changes',
        },
      },
    },
  },
});

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [tags],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ['public'],
      poolConfig: { max: Number(process.env.DATABASE_POOL_MAX ?? 10), options: '-c jit=off' },
    }),
  ],
  grafserv: { watch: false, graphiql: false, websockets: false },
  grafast: {
    explain: false,
    context: ({ node }) => ({ pgSettings: { 'app.tenant': node?.req.headers['x-tenant'] } }),
  },
});
const PARENT_LOOK_MS = 1_000;
const parentPid = process.ppid;
// Also when the benchmark is interrupted and cannot say so.
setInterval(() => process.ppid === parentPid || process.exit(), PARENT_LOOK_MS).unref();

const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/graphql`));
