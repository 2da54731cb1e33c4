import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';

const HEADER = '# Printed from the code by `npm run schema`; do not edit.\n\n';

/** The text of schema.graphql. */
export function printApiSchema(schema: GraphQLSchema): string {
  return `${HEADER}${printSchema(lexicographicSortSchema(schema))}\n`;
}
