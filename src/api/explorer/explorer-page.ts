/**
 * The page of the explorer. It holds no script of its own, so that its policy can forbid any.
 * @param assets the path of the folder with its files, with a slash at the end.
 * @param introspection whether the page may ask the API for its schema.
 */
export function explorerPage(assets: string, introspection: boolean): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Leadpulse explorer</title>
<link rel="icon" href="data:,">
<link rel="modulepreload" href="${assets}ruru.js">
<link rel="stylesheet" href="${assets}ruru.css">
<link rel="stylesheet" href="${assets}explorer.css">
<script src="${assets}graphql-ws.min.js" defer></script>
<script src="${assets}explorer.js" type="module"></script>
</head>
<body>
<div id="explorer" data-introspection="${introspection ? 'on' : 'off'}"><p class="explorer-note">The explorer is loading. It needs JavaScript; the API itself is at <code>/graphql</code>.</p></div>
</body>
</html>
`;
}

/**
 * What the page may do: load from where it came from, speak to there, and nothing else. The editor writes its styles into the
 * page and takes icons from them.
 */
export const EXPLORER_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
