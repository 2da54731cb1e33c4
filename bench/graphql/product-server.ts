import { createHttpServer } from '../../src/api/http-server.js';
import { answerParent } from './answer-parent.js';
import { servicesWithoutDatabase } from './services-without-database.js';

/** The product's own HTTP and GraphQL, complete; only what would go to PostgreSQL is answered from memory. */
const http = await createHttpServer(await servicesWithoutDatabase());
const { port } = await http.listen();
answerParent(port);
