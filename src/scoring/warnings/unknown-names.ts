import { isRecorded } from '../action-type.js';
import { splitPath } from '../property-path.js';
import { type ActiveRule, ruleWarning } from './active-rules.js';
import type { ModelWarning, SeenUse } from './model-warning.js';
import { type NamedPart, namesInRule } from './names-in-rule.js';
import { NameIndex } from './nearest-name.js';

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
    const named = namesInRule(active.rule);
    const actionTypes = this.seen.actionTypes.size === 0 ? [] : named.actionTypes;
    const attributes = this.seen.attributes.size === 0 ? [] : named.attributes;
    return [
      ...actionTypes
        .filter(({ name }) => !isRecorded(name, this.seen.actionTypes))
        .map((part) => this.ofActionType(active, part)),
      ...attributes.filter(({ name }) => !this.isKnown(name)).map((part) => this.ofAttribute(active, part)),
    ];
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
