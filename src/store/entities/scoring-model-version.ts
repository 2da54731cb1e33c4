import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ModelDefinition } from '../../scoring/model-definition.js';

/** An immutable published version of a model. */
@Entity('scoring_model_versions')
export class ScoringModelVersion {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'scoring_model_versions_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', name: 'model_id', primaryKeyConstraintName: 'scoring_model_versions_pkey' })
  modelId!: string;

  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'scoring_model_versions_pkey' })
  version!: number;

  @Column({ type: 'jsonb' })
  definition!: ModelDefinition;

  @Column({ type: 'text', nullable: true })
  message!: string | null;

  @Column({ type: 'text', name: 'published_by' })
  publishedBy!: string;

  @Column({ type: 'timestamptz', name: 'published_at', default: () => 'now()' })
  publishedAt!: Date;
}
