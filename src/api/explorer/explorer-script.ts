import { EXAMPLE_OPERATIONS } from './example-operations.js';

/** What the header editors show until a key is put there. */
const HEADERS_HINT = '{"authorization": "Bearer <your key>"}';

/**
 * The module that runs in the page. It lies beside `ruru.js` and after `graphql-ws.min.js`, and speaks to `/graphql` of the
 * page's own origin alone. A key that is put into the headers of one tab serves the others too, and is kept for as long as the
 * browser's tab is open.
 */
export const EXPLORER_SCRIPT = `import { React, createRoot, Ruru } from './ruru.js';

const EXAMPLES = ${JSON.stringify(EXAMPLE_OPERATIONS)};
const HEADERS_HINT = ${JSON.stringify(HEADERS_HINT)};
const KEY_STORE = 'leadpulse:authorization';
const EDIT_PAUSE_MS = 600;
const FORECAST_MS = 180 * 86400000;
const CLOSED_FORBIDDEN = 4403;
const NO_KEY = 'Put your API key into Headers (below the operation): ' + HEADERS_HINT +
  '. The server shows one when it starts for the first time; "leadpulse keys create" makes another.';

const socketUrl = new URL('/graphql', location.href);
socketUrl.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';

/** The value of an authorization header that is more than the hint. */
function findKey(headers) {
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (name.toLowerCase() === 'authorization' && typeof value === 'string' && value !== '' && !value.includes('<')) {
      return value;
    }
  }
  return null;
}

function rememberKey(key) {
  if (key === null || key === sessionStorage.getItem(KEY_STORE)) return false;
  sessionStorage.setItem(KEY_STORE, key);
  return true;
}

/** The headers of a tab, with the key of another one when it has none of its own. */
function completeHeaders(headers) {
  const own = Object.entries(headers ?? {}).filter(([name]) => name.toLowerCase() !== 'authorization');
  const key = findKey(headers) ?? sessionStorage.getItem(KEY_STORE);
  return { ...Object.fromEntries(own), ...(key === null ? {} : { authorization: key }) };
}

function isSubscription(document, operationName) {
  const operations = document?.definitions.filter((part) => part.kind === 'OperationDefinition') ?? [];
  const chosen = operations.find((part) => !operationName || part.name?.value === operationName);
  return chosen?.operation === 'subscription';
}

async function post(params, headers) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(params),
  });
  return response.json();
}

/** A plain object: of an error, GraphiQL would show the stack. */
function readable(event) {
  if (!(event instanceof CloseEvent)) return event;
  const reason = event.code === CLOSED_FORBIDDEN ? 'this key is not known, or it was revoked' : event.reason;
  return { message: 'The server closed the socket (' + event.code + '): ' + (reason || 'it may be restarting') };
}

/** Not a generator: that would end only after the next event, and a stop has to be one at once. */
function subscribe(params, headers) {
  const client = graphqlWs.createClient({
    url: socketUrl.href,
    connectionParams: headers,
    shouldRetry: (event) => event.code !== CLOSED_FORBIDDEN,
  });
  const events = client.iterate(params);
  return {
    next: () => events.next().catch((event) => Promise.reject(readable(event))),
    return: () => events.return(),
    throw: (error) => events.throw(error),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function send(params, options) {
  const headers = completeHeaders(options?.headers);
  if (!headers.authorization) return { errors: [{ message: NO_KEY }] };
  const { operationName } = params;
  return isSubscription(options?.documentAST, operationName) ? subscribe(params, headers) : post(params, headers);
}

/** GraphiQL asks for the schema whenever it is given another fetcher. */
function createFetcher() {
  return (params, options) => {
    const isNew = rememberKey(findKey(options?.headers));
    if (isNew && params.operationName !== 'IntrospectionQuery') setTimeout(render);
    return send(params, options);
  };
}

function readHeaders(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Tabs and history outlive the browser's tab; the key does not. */
const keylessStorage = {
  get length() {
    return localStorage.length;
  },
  getItem: (name) => localStorage.getItem(name),
  setItem: (name, value) => localStorage.setItem(name, value.replace(/Bearer +[^"\\\\]+/gi, 'Bearer <your key>')),
  removeItem: (name) => localStorage.removeItem(name),
  clear: () => localStorage.clear(),
};

let edited;
const until = new Date(Date.now() + FORECAST_MS).toISOString();
const tabs = EXAMPLES.map(({ query, variables }) => ({
  query,
  variables: variables ? JSON.stringify(variables.until === null ? { ...variables, until } : variables, null, 2) : null,
  headers: HEADERS_HINT,
}));

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const file = { json: 'jsonWorker.js', graphql: 'graphqlWorker.js' }[label] ?? 'editorWorker.js';
    return new Worker(new URL('./' + file, import.meta.url), { type: 'module' });
  },
};

const place = document.getElementById('explorer');
const root = createRoot(place);
// With null the explorer does without a schema instead of asking for it.
const schema = place.dataset.introspection === 'off' ? { schema: null } : {};

function render() {
  root.render(
    React.createElement(Ruru, {
      ...schema,
      endpoint: '/graphql',
      fetcher: createFetcher(),
      debugTools: [],
      defaultTabs: tabs,
      defaultQuery: '# Ctrl-Space shows what fits here.\\n',
      defaultHeaders: HEADERS_HINT,
      defaultEditorToolsVisibility: 'headers',
      showPersistHeadersSettings: false,
      storage: keylessStorage,
      onEditHeaders: (text) => {
        clearTimeout(edited);
        edited = setTimeout(() => {
          if (rememberKey(findKey(readHeaders(text)))) render();
        }, EDIT_PAUSE_MS);
      },
    }),
  );
}

render();
`;
