import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A scoring model; its definition is that of its published version. */
@Index('scoring_models_key', ['tenantId', 'key'], { unique: true })
@Index('scoring_models_primary', ['tenantId'], { unique: true, where: '"primary"' })
@Entity('scoring_models')
export class ScoringModel {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'scoring_models_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'scoring_models_pkey' })
  id!: string;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'boolean', default: true })
  active!: boolean;

  @Column({ type: 'boolean', default: false })
  primary!: boolean;

  @Column({ type: 'integer' })
  version!: number;

  /** Raised whenever every score has to be made anew: a version published, a model switched on again. */
  @Column({ type: 'integer', default: 1 })
  revision!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
