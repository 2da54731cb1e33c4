// Prints every score change that somebody's action or profile causes, a line each, the oldest first:
//   LEADPULSE_API_KEY=... node docs/guide/watch.mjs [cursor]
// With the cursor of a line it goes on right behind that line, whatever happened in between.
import process from 'node:process';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const client = createClient({
  url: process.env.LEADPULSE_WS ?? 'ws://127.0.0.1:4000/graphql',
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${process.env.LEADPULSE_API_KEY}` },
  retryAttempts: 0, // docs/live.md has a consumer that reconnects by itself
});

const query = `subscription ($after: String) {
  scoreFeed(after: $after, filter: { causes: [ACTION, PROFILE] }) {
    cursor
    changes {
      cursor
      contact { email }
      totalBefore
      totalAfter
      stageAfter { name }
      reasons { title points }
    }
  }
}`;

let watching = false;
try {
  for await (const { data, errors } of client.iterate({ query, variables: { after: process.argv[2] } })) {
    if (errors) throw errors[0];
    const { cursor, changes } = data.scoreFeed;
    if (!watching) console.log(`watching, from ${process.argv[2] ?? cursor}`); // the first batch comes at once
    watching = true;
    for (const change of changes) console.log(describe(change));
  }
} catch (error) {
  console.error(error.code ? `closed with ${error.code}: ${error.reason}` : (error.message ?? error));
  process.exitCode = 1;
}

function describe({ cursor, contact, totalBefore, totalAfter, stageAfter, reasons }) {
  const why = reasons.map(({ title, points }) => `${title} ${points > 0 ? '+' : ''}${points}`).join(', ');
  return `${cursor}  ${contact?.email ?? 'somebody'}  ${totalBefore} -> ${totalAfter}  ${stageAfter.name}  (${why})`;
}
