import type pg from 'pg';
import { badInput, type FieldFault, LeadpulseError } from '../../errors.js';
import type { Database } from '../../store/database.js';
import { tenantRead } from '../../store/tenant-scope.js';
import { type ConversionSettings, DEFAULT_CONVERSIONS } from './conversion-rules.js';
import { feedbackCodeOf } from './lead-feedback.js';

/** A row of `CONVERSION_SETTINGS`. */
export interface SettingsDbRow {
  won_types: string[];
  lost_types: string[];
  value_property: string;
  revision: number;
}

/** What the tenant `$1` named as conversions: one row or none. */
export const CONVERSION_SETTINGS =
  'SELECT won_types, lost_types, value_property, revision FROM conversion_settings WHERE tenant_id = $1';

/** What the tenant named as conversions, or the defaults. @param client a connection, scoped to the tenant. */
export async function readConversionSettings(
  client: pg.ClientBase,
  tenantId: string,
): Promise<ConversionSettings> {
  const { rows } = await client.query<SettingsDbRow>({
    name: 'conversion_settings',
    text: CONVERSION_SETTINGS,
    values: [tenantId],
  });
  return conversionSettingsOf(rows);
}

/** The settings that the rows of `CONVERSION_SETTINGS` say. */
export function conversionSettingsOf([row]: readonly SettingsDbRow[]): ConversionSettings {
  if (!row) return DEFAULT_CONVERSIONS;
  return {
    wonTypes: row.won_types,
    lostTypes: row.lost_types,
    valueProperty: row.value_property,
    revision: row.revision,
  };
}

/** Action types that may win a customer, and that may lose one. */
export const CONVERSION_TYPES_MAX = 50;

/** Reads and changes what a tenant named as conversions. */
export class ConversionService {
  readonly #db: Pick<Database, 'reads'>;

  constructor(db: Pick<Database, 'reads'>) {
    this.#db = db;
  }

  read(tenantId: string): Promise<ConversionSettings> {
    return tenantRead(this.#db, tenantId, (client) => readConversionSettings(client, tenantId));
  }

  /**
   * Changes what is given; the facts of all contacts are derived anew in the background.
   * @throws LeadpulseError BAD_USER_INPUT with paths below `input`; CONFLICT when somebody else changes them just now.
   */
  change(
    tenantId: string,
    by: string,
    change: Partial<Omit<ConversionSettings, 'revision'>>,
  ): Promise<ConversionSettings> {
    return tenantRead(this.#db, tenantId, async (client) => {
      const next = { ...(await readConversionSettings(client, tenantId)), ...change };
      checkSettings(next);
      // One statement: settings and the worker that follows them change together.
      const { rows } = await client.query<SettingsDbRow>({
        name: 'change_conversions',
        text: `WITH asked AS (
            INSERT INTO fact_feeds (tenant_id) VALUES ($1) ON CONFLICT (tenant_id) DO UPDATE SET epoch = NULL)
          INSERT INTO conversion_settings AS s (tenant_id, won_types, lost_types, value_property, revision, changed_by)
          VALUES ($1, $2, $3, $4, 1, $5)
          ON CONFLICT (tenant_id) DO UPDATE SET won_types = $2, lost_types = $3, value_property = $4,
            revision = s.revision + 1, changed_by = $5, changed_at = now()
          WHERE s.revision = $6
          RETURNING won_types, lost_types, value_property, revision`,
        values: [tenantId, next.wonTypes, next.lostTypes, next.valueProperty, by, next.revision],
      });
      if (rows.length === 0)
        throw new LeadpulseError('CONFLICT', 'Somebody else has just changed the settings; read them again.');
      return conversionSettingsOf(rows);
    });
  }
}

function checkSettings({ wonTypes, lostTypes }: ConversionSettings): void {
  const faults: FieldFault[] = [];
  if (wonTypes.length < 1 || wonTypes.length > CONVERSION_TYPES_MAX)
    faults.push({ path: 'input.wonActionTypes', message: `Give 1 to ${CONVERSION_TYPES_MAX} action types.` });
  if (lostTypes.length > CONVERSION_TYPES_MAX)
    faults.push({
      path: 'input.lostActionTypes',
      message: `Give at most ${CONVERSION_TYPES_MAX} action types.`,
    });
  const spoken = [...wonTypes, ...lostTypes].find((type) => feedbackCodeOf(type) !== undefined);
  if (spoken !== undefined)
    faults.push({
      path: wonTypes.includes(spoken) ? 'input.wonActionTypes' : 'input.lostActionTypes',
      message: `${spoken} is what sales says of a lead; what it means cannot be changed.`,
    });
  const both = lostTypes.find((type) => wonTypes.includes(type));
  if (both !== undefined)
    faults.push({
      path: 'input.lostActionTypes',
      message: `${both} wins a customer already; an action type does one or the other.`,
    });
  if (faults.length > 0) throw badInput(faults);
}
