// A process that starts the embedded database of the folder it is given, says where it is, and then only waits: the tests
// kill it. Arguments: the compiled embedded-database.js, the compiled log.js, the folder.
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [, , databaseModule, logModule, dataDir] = process.argv;
const { startEmbeddedDatabase } = await import(pathToFileURL(databaseModule).href);
const { createLog } = await import(pathToFileURL(logModule).href);
const database = await startEmbeddedDatabase({ dataDir, log: createLog('silent') });
process.stdout.write(`${JSON.stringify({ url: database.url })}\n`);
