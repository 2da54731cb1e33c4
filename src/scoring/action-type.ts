/** What an `actionType` of a rule asks for: this very type, types that start so, or any activity. */
export type ActionTypePattern =
  | { kind: 'exact'; type: string }
  | { kind: 'prefix'; prefix: string }
  | { kind: 'activity' };

/** Reads `email_opened`, `email_*` or `*`. */
export function parseActionType(pattern: string): ActionTypePattern {
  if (pattern === '*') return { kind: 'activity' };
  if (pattern.endsWith('*')) return { kind: 'prefix', prefix: pattern.slice(0, -1) };
  return { kind: 'exact', type: pattern };
}

/** Whether an action's type fits, case-sensitively; `*` leaves out the passive types. */
export function fitsActionType(
  pattern: ActionTypePattern,
  type: string,
  passive: ReadonlySet<string>,
): boolean {
  if (pattern.kind === 'exact') return pattern.type === type;
  if (pattern.kind === 'prefix') return type.startsWith(pattern.prefix);
  return !passive.has(type);
}

/** Whether what a rule asks for is among the recorded types; `*` always is. */
export function isRecorded(actionType: string, recorded: ReadonlySet<string>): boolean {
  const pattern = parseActionType(actionType);
  if (pattern.kind === 'activity') return true;
  if (pattern.kind === 'exact') return recorded.has(pattern.type);
  return [...recorded].some((type) => type.startsWith(pattern.prefix));
}
