import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ModelChange } from '../../scoring/model-change.js';

/** Edits of a model that are not published yet. Without changes there is no draft. */
@Entity('scoring_model_drafts')
export class ScoringModelDraft {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'scoring_model_drafts_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', name: 'model_id', primaryKeyConstraintName: 'scoring_model_drafts_pkey' })
  modelId!: string;

  /** The version that the changes apply to. */
  @Column({ type: 'integer', name: 'base_version' })
  baseVersion!: number;

  /** Raised with every edit; never used twice for one model. */
  @Column({ type: 'integer' })
  revision!: number;

  @Column({ type: 'json' })
  changes!: ModelChange[];

  @Column({ type: 'text', name: 'changed_by' })
  changedBy!: string;

  @Column({ type: 'timestamptz', name: 'changed_at' })
  changedAt!: Date;
}
