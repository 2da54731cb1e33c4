// Records the history of a made-up contact and draws what the server makes of it: published history, stages, forecast.
//   LEADPULSE_API_KEY=... node scripts/docs/score-chart.mjs > docs/images/score-history.svg
// For a server with the preset STARTER as its primary model. Every point of the line is an answer of the API; run again, it
// records nothing new.
import process from 'node:process';

const url = process.env.LEADPULSE_URL ?? 'http://127.0.0.1:4000/graphql';
const email = 'noor@example.com';
/** The instant that the picture calls now. */
const NOW = '2025-10-01T00:00:00Z';
const UNTIL = '2026-03-01T00:00:00Z';
const STORY = [
  ['2025-01-07T09:10:00Z', 'email_opened'],
  ['2025-01-14T08:30:00Z', 'email_opened'],
  ['2025-01-21T10:05:00Z', 'clicked_link'],
  ['2025-02-04T16:40:00Z', 'email_opened'],
  ['2025-02-11T11:20:00Z', 'clicked_link'],
  ['2025-02-18T14:00:00Z', 'replied_to_email'],
  ['2025-02-25T09:45:00Z', 'clicked_link'],
  ['2025-06-17T07:00:00Z', 'email_bounced_soft'],
  ['2025-07-22T12:15:00Z', 'email_opened'],
  ['2025-07-29T10:30:00Z', 'clicked_link'],
  ['2025-08-12T15:20:00Z', 'replied_to_email'],
  ['2025-09-02T08:50:00Z', 'clicked_link'],
];
const WIDTH = 920;
const HEIGHT = 330;
const PLOT = { left: 44, right: 740, top: 46, bottom: 288 };
const STAGE_FILLS = ['#f2f4f7', '#e3eefc', '#d5ead9', '#fde3cf'];
const LINE = '#1f4e8c';
const TEXT = '#2b2f36';
const FAINT = '#68707c';

const record = `mutation ($input: [RecordActionInput!]!) {
  recordActions(input: $input) { recorded duplicates rejected { message } }
}`;

const read = `query ($key: ContactKey!, $now: DateTime!, $until: DateTime!) {
  contact(key: $key) {
    score(at: $now) {
      asOf total
      model { name definition }
      forecast(until: $until) { at total }
      history(first: 200) { nodes { at totalAfter action { type } } }
    }
  }
}`;

async function ask(query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.LEADPULSE_API_KEY}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

async function readScore() {
  const input = STORY.map(([occurredAt, type]) => ({
    contact: { email },
    type,
    occurredAt,
    idempotencyKey: `score-chart-${occurredAt}`,
  }));
  const { recordActions } = await ask(record, { input });
  if (recordActions.rejected[0]) throw new Error(recordActions.rejected[0].message);
  const { contact } = await ask(read, { key: { email }, now: NOW, until: UNTIL });
  return contact.score;
}

/** Instants and totals to places on the picture. */
function scales(fromMs, toMs, maxScore) {
  const x = (at) => PLOT.left + ((Date.parse(at) - fromMs) / (toMs - fromMs)) * (PLOT.right - PLOT.left);
  const y = (total) => PLOT.bottom - (total / maxScore) * (PLOT.bottom - PLOT.top);
  return { x: (at) => x(at).toFixed(1), y: (total) => y(total).toFixed(1) };
}

/** A total holds until the next change: a path of steps. */
function stepPath(points, { x, y }) {
  return points
    .map(({ at, total }, index) => (index === 0 ? `M${x(at)} ${y(total)}` : `H${x(at)}V${y(total)}`))
    .join('');
}

function stageBands(stages, maxScore, { y }) {
  return stages.flatMap(({ name, minScore, hot }, index) => {
    const top = y(stages[index + 1]?.minScore ?? maxScore);
    const height = (y(minScore) - top).toFixed(1);
    const label = `${name}${hot ? ' (hot)' : ''}`;
    const middle = (Number(top) + Number(height) / 2 + 4).toFixed(1);
    return [
      `<rect x="${PLOT.left}" y="${top}" width="${PLOT.right - PLOT.left}" height="${height}" fill="${STAGE_FILLS[index % STAGE_FILLS.length]}"/>`,
      text(PLOT.right + 10, middle, label),
    ];
  });
}

function months(fromMs, toMs, { x }) {
  const marks = [];
  const first = new Date(fromMs);
  for (let month = first.getUTCMonth() + 1; ; month++) {
    const at = new Date(Date.UTC(first.getUTCFullYear(), month, 1));
    if (at.getTime() >= toMs) return marks;
    const name = at.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
    const place = x(at.toISOString());
    marks.push(
      `<path d="M${place} ${PLOT.bottom}v5" stroke="${FAINT}"/>`,
      text(place, PLOT.bottom + 19, name, 'text-anchor="middle"'),
    );
  }
}

function text(x, y, content, more = '') {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" font-size="12" fill="${FAINT}" ${more}>${safe}</text>`;
}

function draw(score) {
  const { stages, maxScore } = score.model.definition;
  const changes = score.history.nodes.filter(({ at }) => at <= score.asOf).reverse();
  const [fromMs, toMs] = [Date.parse(changes[0].at), Date.parse(UNTIL)];
  const scale = scales(fromMs, toMs, maxScore);
  const past = changes.map(({ at, totalAfter }) => ({ at, total: totalAfter }));
  past.push({ at: score.asOf, total: score.total });
  const future = [...score.forecast, { at: UNTIL, total: score.forecast.at(-1).total }];
  const now = scale.x(score.asOf);
  const title = `${email} on the model ${score.model.name}: ${score.total}`;
  const dots = changes
    .filter(({ action }) => action)
    .map(
      ({ at, totalAfter, action }) =>
        `<circle cx="${scale.x(at)}" cy="${scale.y(totalAfter)}" r="3.2" fill="${LINE}"><title>${action.type}</title></circle>`,
    );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" role="img">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(PLOT.left, 26, title, 'font-weight="600"').replace('12"', '15"').replace(FAINT, TEXT),
    ...stageBands(stages, maxScore, scale),
    ...stages.map(({ minScore }) =>
      text(PLOT.left - 8, scale.y(minScore), `${minScore}`, 'text-anchor="end"'),
    ),
    text(PLOT.left - 8, scale.y(maxScore), `${maxScore}`, 'text-anchor="end"'),
    ...months(fromMs, toMs, scale),
    `<path d="M${now} ${PLOT.top}V${PLOT.bottom}" stroke="${FAINT}" stroke-dasharray="2 3"/>`,
    text(now, PLOT.top - 5, 'now', 'text-anchor="middle"'),
    `<path d="${stepPath(past, scale)}" fill="none" stroke="${LINE}" stroke-width="2"/>`,
    `<path d="${stepPath(future, scale)}" fill="none" stroke="${LINE}" stroke-width="2" stroke-dasharray="5 4"/>`,
    ...dots,
    text(
      PLOT.left,
      HEIGHT - 8,
      'Dots: actions. Steps without a dot: decay. Dashed: forecast, if nothing more happens.',
    ),
    '</svg>',
  ].join('\n');
}

console.log(draw(await readScore()));
