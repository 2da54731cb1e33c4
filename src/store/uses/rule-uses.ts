import { parseActionType } from '../../scoring/action-type.js';

/** Rules that ask for the same action types. */
export interface RulePatterns {
  /** What their `actionType`s say, each once: `email_opened`, `email_*`, `*`. */
  patterns: string[];
  /** How many such rules there are. */
  rules: number;
}

/** How many rules ask for an action type. A rule for any activity (`*`) asks for none in particular and is not counted. */
export class RuleUses {
  /** Types that some rule names as they are. */
  readonly namedTypes: ReadonlySet<string>;
  readonly #groups: readonly RulePatterns[];
  readonly #byType = new Map<string, number[]>();
  readonly #byPrefix: { prefix: string; group: number }[] = [];

  constructor(groups: readonly RulePatterns[]) {
    this.#groups = groups;
    groups.forEach(({ patterns }, group) => {
      for (const text of patterns) {
        const pattern = parseActionType(text);
        if (pattern.kind === 'prefix') this.#byPrefix.push({ prefix: pattern.prefix, group });
        if (pattern.kind !== 'exact') continue;
        const known = this.#byType.get(pattern.type);
        if (known) known.push(group);
        else this.#byType.set(pattern.type, [group]);
      }
    });
    this.namedTypes = new Set(this.#byType.keys());
  }

  /** Rules that name the type, or a beginning of it with a star. */
  count(type: string): number {
    const groups = new Set(this.#byType.get(type));
    for (const { prefix, group } of this.#byPrefix) if (type.startsWith(prefix)) groups.add(group);
    let rules = 0;
    for (const group of groups) rules += this.#groups[group]?.rules ?? 0;
    return rules;
  }
}
