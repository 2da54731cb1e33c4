// Prints schema.graphql to standard output; `npm run schema` writes the file.
import process from 'node:process';
import { buildApiSchema } from '../api/schema/build-schema.js';
import { printApiSchema } from '../api/schema/print-api-schema.js';

process.stdout.write(printApiSchema(buildApiSchema()));
