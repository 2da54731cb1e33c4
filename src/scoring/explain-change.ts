import type { CompiledModel } from './compile-model.js';
import { ROUNDING_TITLE, titleOf, type UntitledLine } from './line-title.js';
import { roundPoints } from './points.js';
import { SCORE_LINE_KINDS, SCORE_LINE_SCOPES, type ScoreLine } from './score-line.js';

/**
 * Differences are rounded to 1e-5: each line is rounded to 1e-6 by itself, and 5.000001 less 0.000001 is what a reader
 * would see of that.
 */
const DIFFERENCE_STEPS_PER_POINT = 1e5;

/**
 * What moved a score: the lines that differ between two explanations, with the difference as points. They add up to
 * the total after less the total before: what rounding leaves over is in the ROUNDING line. Counts and instants are those
 * after, or before where the line is gone.
 */
export function explainChange(before: readonly ScoreLine[], after: readonly ScoreLine[]): ScoreLine[] {
  const gone = new Map<string, ScoreLine>();
  for (const line of before) gone.set(identityOf(line), line);
  const moved: ScoreLine[] = [];
  let rounding: ScoreLine | null = null;
  let left = sumOf(after) - sumOf(before);
  const move = (line: ScoreLine, difference: number) => {
    if (line.kind === 'ROUNDING') {
      rounding = line;
      return;
    }
    const points = Math.round(difference * DIFFERENCE_STEPS_PER_POINT) / DIFFERENCE_STEPS_PER_POINT;
    left -= points;
    if (points !== 0) moved.push({ ...line, points });
  };
  for (const line of after) {
    const identity = identityOf(line);
    move(line, line.points - (gone.get(identity)?.points ?? 0));
    gone.delete(identity);
  }
  for (const line of gone.values()) move(line, -line.points);
  const points = roundPoints(left);
  if (points !== 0) moved.push({ ...(rounding ?? ROUNDING_LINE), points });
  return moved;
}

const ROUNDING_LINE: ScoreLine = { kind: 'ROUNDING', title: ROUNDING_TITLE, points: 0 };

function sumOf(lines: readonly ScoreLine[]): number {
  return lines.reduce((sum, { points }) => sum + points, 0);
}

/**
 * Lines of the same identity are the same line at two instants; no explanation has two of one identity. Keys hold
 * neither spaces nor slashes. As a template: JSON.stringify took a tenth of the time of recording an action.
 */
function identityOf({ kind, ruleKey, dimension, scope, scoreSet, points, expiresAtMs }: ScoreLine): string {
  const line = `${kind} ${ruleKey ?? ''}/${dimension ?? ''}/${scope ?? ''}/${scoreSet ?? ''}`;
  return kind === 'ADJUSTMENT' ? `${line}/${points > 0}/${expiresAtMs ?? ''}` : line;
}

type ReasonPart = string | number;

/**
 * Lines as compact JSON for storage: kinds, keys and numbers. There are no titles in it and nothing personal; what is
 * absent at the end of a line is left out, elsewhere 0 stands for absent.
 */
export function encodeReasons(lines: readonly ScoreLine[]): string {
  return JSON.stringify(lines.map(packLine));
}

function packLine(line: ScoreLine): ReasonPart[] {
  const parts: ReasonPart[] = [
    SCORE_LINE_KINDS.indexOf(line.kind),
    line.points,
    line.ruleKey ?? 0,
    line.dimension ?? 0,
    line.awards ?? 0,
    line.lastAwardAtMs ?? 0,
    line.expiresAtMs ?? 0,
    line.scope === undefined ? 0 : SCORE_LINE_SCOPES.indexOf(line.scope) + 1,
    line.scoreSet ?? 0,
  ];
  while (parts.at(-1) === 0) parts.pop();
  return parts;
}

/**
 * The lines again, with titles from the model; a key it no longer has is its own title.
 * @throws Error when the text is nothing that `encodeReasons` wrote.
 */
export function decodeReasons(model: CompiledModel, text: string): ScoreLine[] {
  const packed: unknown = JSON.parse(text);
  if (!Array.isArray(packed)) throw new Error('The stored reasons are no list.');
  return packed.map((parts) => {
    const line = unpackLine(parts as ReasonPart[]);
    return { ...line, title: titleOf(model, line) };
  });
}

function unpackLine(parts: ReasonPart[]): UntitledLine {
  const [kind, points, ruleKey, dimension, awards, lastAwardAtMs, expiresAtMs, scope, scoreSet] = parts;
  const line: UntitledLine = { kind: SCORE_LINE_KINDS[Number(kind)] ?? 'RULE', points: Number(points) };
  if (ruleKey) line.ruleKey = String(ruleKey);
  if (dimension) line.dimension = String(dimension);
  if (awards) line.awards = Number(awards);
  if (lastAwardAtMs) line.lastAwardAtMs = Number(lastAwardAtMs);
  if (expiresAtMs) line.expiresAtMs = Number(expiresAtMs);
  if (scope) line.scope = SCORE_LINE_SCOPES[Number(scope) - 1];
  if (scoreSet) line.scoreSet = String(scoreSet);
  return line;
}
