import type { JsonObject } from '../../scoring/json-value.js';
import { valueAtPath } from '../../scoring/property-path.js';
import { FEEDBACK_VALUE_PROPERTY, LEAD_FEEDBACK } from './lead-feedback.js';

/** Which actions are outcomes, as the tenant has it. */
export interface ConversionSettings {
  /** Action types that win a customer. */
  wonTypes: readonly string[];
  /** Action types that lose one. */
  lostTypes: readonly string[];
  /** Path of the property that says what a conversion is worth. */
  valueProperty: string;
  /** Raised by every change; 0 for the defaults. */
  revision: number;
}

export const DEFAULT_CONVERSIONS: ConversionSettings = {
  wonTypes: ['became_customer', 'deal_won'],
  lostTypes: ['deal_lost'],
  valueProperty: 'value',
  revision: 0,
};

/** What an action means for its contact. */
export type Outcome = 'WON' | 'LOST';

/** The outcome that an action of this type is; null for any other action. What sales says of a lead always counts. */
export function outcomeOf({ wonTypes, lostTypes }: ConversionSettings, actionType: string): Outcome | null {
  if (wonTypes.includes(actionType) || actionType === LEAD_FEEDBACK.CONVERTED.actionType) return 'WON';
  if (lostTypes.includes(actionType) || actionType === LEAD_FEEDBACK.LOST.actionType) return 'LOST';
  return null;
}

/** What a conversion is worth, in the tenant's currency; null when its property holds no finite number. */
export function conversionValueOf(
  { valueProperty }: ConversionSettings,
  actionType: string,
  properties: JsonObject,
): number | null {
  const path = actionType === LEAD_FEEDBACK.CONVERTED.actionType ? FEEDBACK_VALUE_PROPERTY : valueProperty;
  const value = valueAtPath(properties, path);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}
