import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A contact's published score on one model, with the state from which the core continues. */
@Index('contact_scores_total', ['tenantId', 'modelId', 'total', 'contactId'])
@Index('contact_scores_activity', ['tenantId', 'modelId', 'lastActivityAt', 'contactId'])
@Index('contact_scores_due', ['tenantId', 'dueAt', 'contactId'], { where: 'due_at IS NOT NULL' })
@Entity('contact_scores')
export class ContactScore {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'contact_scores_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', name: 'contact_id', primaryKeyConstraintName: 'contact_scores_pkey' })
  contactId!: string;

  @PrimaryColumn({ type: 'uuid', name: 'model_id', primaryKeyConstraintName: 'contact_scores_pkey' })
  modelId!: string;

  @Column({ type: 'integer' })
  version!: number;

  @Column({ type: 'integer' })
  revision!: number;

  @Column({ type: 'integer' })
  total!: number;

  @Column({ type: 'integer', name: 'previous_total', nullable: true })
  previousTotal!: number | null;

  @Column({ type: 'text' })
  stage!: string;

  @Column({ type: 'text', nullable: true })
  label!: string | null;

  @Column({ type: 'double precision', array: true })
  dimensions!: number[];

  @Column({ type: 'timestamptz', name: 'as_of' })
  asOf!: Date;

  @Column({ type: 'timestamptz', name: 'folded_at', nullable: true })
  foldedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'last_activity_at', default: '-infinity' })
  lastActivityAt!: Date;

  @Column({ type: 'timestamptz', name: 'due_at', nullable: true })
  dueAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'pending_at', nullable: true })
  pendingAt!: Date | null;

  @Column({ type: 'text' })
  state!: string;
}
