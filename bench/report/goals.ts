import { table } from './markdown.js';

/** A ratio (or another figure) and what it is meant to be. */
export interface Goal {
  what: string;
  /** What the ratio was made of. */
  figure: string;
  value: number;
  /** The value is to be no less than this, or no more. */
  bound: { min: number } | { max: number };
}

/** Whether a goal is met. */
function isMet({ value, bound }: Goal): boolean {
  return 'min' in bound ? value >= bound.min : value <= bound.max;
}

const HEAD = ['what', 'figure', 'ratio', 'goal', 'met'];

/** Goals as a Markdown table. */
export function goalTable(goals: readonly Goal[]): string[] {
  return table(
    HEAD,
    goals.map((goal) => [
      goal.what,
      goal.figure,
      goal.value.toFixed(2),
      'min' in goal.bound ? `>= ${goal.bound.min}` : `<= ${goal.bound.max}`,
      isMet(goal) ? 'yes' : 'no',
    ]),
  );
}

/** The rows of every table of goals in a text. */
export function goalRowsIn(text: string): string[] {
  const [head] = table(HEAD, []);
  const rows: string[] = [];
  let isInside = false;
  for (const line of text.split('\n')) {
    if (line === head) isInside = true;
    else if (!line.startsWith('|')) isInside = false;
    else if (isInside && !line.startsWith('| ---')) rows.push(line);
  }
  return rows;
}
