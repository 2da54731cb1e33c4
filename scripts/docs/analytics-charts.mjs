// Draws the charts of docs/analytics.md from answers of the API; test/integration/analytics-page.test.ts hands them in.
const WIDTH = 760;
const HEIGHT = 300;
const PLOT = { left: 56, right: 730, top: 46, bottom: 250 };
const FILL = '#8fb4de';
const LINE = '#1f4e8c';
const SECOND = '#b4561f';
const TEXT = '#2b2f36';
const FAINT = '#68707c';

const x = (share) => PLOT.left + share * (PLOT.right - PLOT.left);
const y = (share) => PLOT.bottom - share * (PLOT.bottom - PLOT.top);
const percent = (rate) => `${Math.round(rate * 100)} %`;

function text(atX, atY, content, more = '') {
  const safe = String(content).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" font-size="12" fill="${FAINT}" ${more}>${safe}</text>`;
}

function page(title, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" role="img">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(PLOT.left, 26, title, 'font-weight="600"').replace('12"', '15"').replace(FAINT, TEXT),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Lines and labels of a scale from 0 to `most`. */
function scale(most, labelOf) {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<path d="M${PLOT.left} ${y(share).toFixed(1)}H${PLOT.right}" stroke="#e3e6ea"/>`,
    text(PLOT.left - 8, y(share) + 4, labelOf(share * most), 'text-anchor="end"'),
  ]);
}

/** The place of a bar, from 0 to 1, and its width. */
function places(count) {
  const width = 0.62 / count;
  return Array.from({ length: count }, (_, index) => ({ middle: (index + 0.5) / count, width }));
}

function bar({ middle, width }, share) {
  const [left, right] = [x(middle - width / 2), x(middle + width / 2)];
  return `<rect x="${left.toFixed(1)}" y="${y(share).toFixed(1)}" width="${(right - left).toFixed(1)}" height="${(PLOT.bottom - y(share)).toFixed(1)}" fill="${FILL}"/>`;
}

/** A rounded number that is not below any of the values. */
function roundUp(values) {
  const most = Math.max(...values, Number.MIN_VALUE);
  const unit = 10 ** Math.floor(Math.log10(most));
  return Math.ceil(most / unit) * unit;
}

/** Leads by stage, from `distribution`. */
export function drawDistribution({ leads, median, buckets }) {
  const most = roundUp(buckets.map(({ contacts }) => contacts));
  const bars = places(buckets.length).flatMap((place, index) => {
    const { stage, contacts, share } = buckets[index];
    return [
      bar(place, contacts / most),
      text(
        x(place.middle),
        y(contacts / most) - 6,
        `${contacts} (${percent(share.rate)})`,
        'text-anchor="middle"',
      ),
      text(x(place.middle), PLOT.bottom + 18, stage.name, 'text-anchor="middle"'),
    ];
  });
  return page(`${leads} leads by stage, median score ${median}`, [...scale(most, Math.round), ...bars]);
}

/** Rates with their intervals by band, from `conversion`. */
export function drawConversion({ converted, byBand }) {
  const most = roundUp(byBand.map((band) => band.converted.high));
  const overall = y(converted.rate / most).toFixed(1);
  const bars = places(byBand.length).flatMap((place, index) => {
    const { stage, converted: rate } = byBand[index];
    const middle = x(place.middle).toFixed(1);
    const [low, high] = [y(rate.low / most).toFixed(1), y(rate.high / most).toFixed(1)];
    return [
      bar(place, (rate.rate ?? 0) / most),
      `<path d="M${middle} ${low}V${high}M${Number(middle) - 6} ${low}h12M${Number(middle) - 6} ${high}h12" stroke="${LINE}" stroke-width="1.6"/>`,
      text(
        x(place.middle),
        PLOT.bottom + 18,
        `${stage}${rate.enough ? '' : ' (too few)'}`,
        'text-anchor="middle"',
      ),
      text(
        x(place.middle),
        PLOT.bottom + 34,
        `${rate.numerator} of ${rate.denominator}`,
        'text-anchor="middle"',
      ),
    ];
  });
  return page('Leads that converted, by the highest stage before their outcome', [
    ...scale(most, percent),
    ...bars,
    `<path d="M${PLOT.left} ${overall}H${PLOT.right}" stroke="${SECOND}" stroke-dasharray="5 4"/>`,
    text(PLOT.right, Number(overall) - 5, `all leads ${percent(converted.rate)}`, 'text-anchor="end"'),
  ]);
}

/** Precision and recall by cut-off, from `thresholds`. */
export function drawThresholds({ thresholds, bestByF1 }) {
  const most = Math.max(...thresholds.map(({ cutOff }) => cutOff), 1);
  const path = (rateOf) =>
    thresholds
      .map(
        (one, index) =>
          `${index === 0 ? 'M' : 'L'}${x(one.cutOff / most).toFixed(1)} ${y(rateOf(one) ?? 0).toFixed(1)}`,
      )
      .join('');
  const best = x(bestByF1.cutOff / most);
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    text(x(share), PLOT.bottom + 18, Math.round(share * most), 'text-anchor="middle"'),
  );
  return page('Precision and recall of leads at or above a total', [
    ...scale(1, percent),
    `<path d="${path(({ precision }) => precision.rate)}" fill="none" stroke="${LINE}" stroke-width="2"/>`,
    `<path d="${path(({ recall }) => recall.rate)}" fill="none" stroke="${SECOND}" stroke-width="2"/>`,
    `<path d="M${best.toFixed(1)} ${PLOT.top}V${PLOT.bottom}" stroke="${FAINT}" stroke-dasharray="3 4"/>`,
    text(best + 6, PLOT.top + 10, `best F1 at ${bestByF1.cutOff}`),
    ...marks,
    text(
      PLOT.left,
      PLOT.bottom + 40,
      'precision: of the leads that are worked, those that convert',
      `style="fill:${LINE}"`,
    ),
    text(
      PLOT.left + 370,
      PLOT.bottom + 40,
      'recall: of those that convert, the ones worked',
      `style="fill:${SECOND}"`,
    ),
  ]);
}
