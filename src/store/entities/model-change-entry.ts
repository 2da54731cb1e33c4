import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ModelDiff } from '../../scoring/diff-model.js';

/** One entry of the log of what was done to models. */
@Index('model_changes_model', ['tenantId', 'modelId', 'id'])
@Entity('model_changes')
export class ModelChangeEntry {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'model_changes_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'model_changes_pkey' })
  id!: string;

  @Column({ type: 'uuid', name: 'model_id' })
  modelId!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'integer', nullable: true })
  version!: number | null;

  @Column({ type: 'text', name: 'changed_by' })
  changedBy!: string;

  @Column({ type: 'timestamptz', name: 'changed_at' })
  changedAt!: Date;

  @Column({ type: 'text', nullable: true })
  message!: string | null;

  @Column({ type: 'json', nullable: true })
  diff!: ModelDiff | null;

  @Column({ type: 'boolean', name: 'diff_complete', default: true })
  diffComplete!: boolean;
}
