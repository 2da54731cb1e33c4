import { parseActionType } from '../action-type.js';
import type { Criterion } from '../model-definition.js';
import { splitPath } from '../property-path.js';
import { type ActiveRule, ruleWarning } from './active-rules.js';
import type { ModelWarning, SeenUse } from './model-warning.js';
import { NameIndex } from './nearest-name.js';

/** A name in a rule, and where it stands below the rule. */
interface NamedPart {
  name: string;
  below: string;
}

/** How many different unknown names a nearest known one is looked for; the rest gets none. */
const SUGGESTIONS_MAX = 20;

/** Says which action types and attributes of rules no data has. As long as there is no data of a kind, none is unknown. */
export class UnknownNames {
  private readonly suggestions = new Map<string, string | null>();
  private actionTypes: NameIndex | undefined;
  private beginnings: NameIndex | undefined;
  private attributes: NameIndex | undefined;

  constructor(private readonly seen: SeenUse) {}

  warningsOf(active: ActiveRule): ModelWarning[] {
    const named = namesIn(active);
    const actionTypes = this.seen.actionTypes.size === 0 ? [] : named.actionTypes;
    const attributes = this.seen.attributes.size === 0 ? [] : named.attributes;
    return [
      ...actionTypes.filter(({ name }) => !this.isSeen(name)).map((part) => this.ofActionType(active, part)),
      ...attributes.filter(({ name }) => !this.isKnown(name)).map((part) => this.ofAttribute(active, part)),
    ];
  }

  private isSeen(actionType: string): boolean {
    const pattern = parseActionType(actionType);
    if (pattern.kind === 'activity') return true;
    if (pattern.kind === 'exact') return this.seen.actionTypes.has(pattern.type);
    return [...this.seen.actionTypes].some((type) => type.startsWith(pattern.prefix));
  }

  /** Data is known by the names at the top; what lies below is not looked at. */
  private isKnown(attribute: string): boolean {
    const { attributes } = this.seen;
    return attributes.has(attribute) || attributes.has(splitPath(attribute)?.head ?? attribute);
  }

  private ofActionType(active: ActiveRule, { name, below }: NamedPart): ModelWarning {
    const suggestion = this.suggest(`type ${name}`, () => this.nearestActionType(name));
    const message = `No action of the type "${name}" has been recorded.${adviceFor(suggestion)}`;
    return ruleWarning('UNKNOWN_ACTION_TYPE', active, below, message, suggestion);
  }

  private ofAttribute(active: ActiveRule, { name, below }: NamedPart): ModelWarning {
    const suggestion = this.suggest(`attribute ${name}`, () => this.nearestAttribute(name));
    const message = `No contact has the attribute "${name}".${adviceFor(suggestion)}`;
    return ruleWarning('UNKNOWN_ATTRIBUTE', active, below, message, suggestion);
  }

  private nearestActionType(name: string): string | null {
    this.actionTypes ??= new NameIndex(this.seen.actionTypes);
    if (!name.endsWith('*')) return this.actionTypes.nearestTo(name);
    this.beginnings ??= new NameIndex(new Set([...this.seen.actionTypes].flatMap(beginningsOf)));
    const nearest = this.beginnings.nearestTo(name.slice(0, -1));
    return nearest === null ? null : `${nearest}*`;
  }

  private nearestAttribute(name: string): string | null {
    this.attributes ??= new NameIndex(this.seen.attributes);
    const whole = this.attributes.nearestTo(name);
    const split = splitPath(name);
    if (whole !== null || split === null) return whole;
    const head = this.attributes.nearestTo(split.head);
    return head === null ? null : `${head}.${split.rest}`;
  }

  private suggest(identity: string, find: () => string | null): string | null {
    const known = this.suggestions.get(identity);
    if (known !== undefined) return known;
    if (this.suggestions.size >= SUGGESTIONS_MAX) return null;
    const suggestion = find();
    this.suggestions.set(identity, suggestion);
    return suggestion;
  }
}

function adviceFor(suggestion: string | null): string {
  const check = ' Check how it is written, or send such data first.';
  return suggestion === null ? check : ` Did you mean "${suggestion}"?`;
}

/** `email_`, `email_opened_` of `email_opened_twice`: what a pattern with a star can ask for. */
function beginningsOf(type: string): string[] {
  return [...type.matchAll(/[^\p{L}\p{N}]+/gu)].map((match) => type.slice(0, match.index + match[0].length));
}

function namesIn({ rule: { action, criteria, table } }: ActiveRule): {
  actionTypes: NamedPart[];
  attributes: NamedPart[];
} {
  const names = { actionTypes: [] as NamedPart[], attributes: [] as NamedPart[] };
  if (action) names.actionTypes.push({ name: action.actionType, below: 'action.actionType' });
  if (table) names.attributes.push({ name: table.attribute, below: 'table.attribute' });
  if (criteria) collectNames(criteria.when, 'criteria.when', names);
  return names;
}

function collectNames(
  { all, any, not, attribute, activity }: Criterion,
  below: string,
  names: ReturnType<typeof namesIn>,
): void {
  for (const [kind, parts] of [
    ['all', all],
    ['any', any],
  ] as const) {
    parts?.forEach((part, index) => {
      collectNames(part, `${below}.${kind}.${index}`, names);
    });
  }
  if (not) collectNames(not, `${below}.not`, names);
  if (attribute) {
    names.attributes.push({ name: attribute.attribute, below: `${below}.attribute.attribute` });
  }
  if (activity) {
    names.actionTypes.push({ name: activity.actionType, below: `${below}.activity.actionType` });
  }
}
