import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The feed: every published change, at a gapless position per tenant. */
@Index('score_events_contact', ['tenantId', 'contactId', 'modelId', 'position'])
@Entity('score_events')
export class ScoreEvent {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'score_events_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'score_events_pkey' })
  position!: string;

  @Column({ type: 'uuid', name: 'contact_id' })
  contactId!: string;

  @Column({ type: 'uuid', name: 'model_id' })
  modelId!: string;

  @Column({ type: 'integer' })
  version!: number;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt!: Date;

  @Column({ type: 'text' })
  cause!: string;

  @Column({ type: 'timestamptz', name: 'action_at', nullable: true })
  actionAt!: Date | null;

  @Column({ type: 'bigint', name: 'action_seq', nullable: true })
  actionSeq!: string | null;

  @Column({ type: 'double precision' })
  points!: number;

  @Column({ type: 'integer', name: 'total_before' })
  totalBefore!: number;

  @Column({ type: 'integer', name: 'total_after' })
  totalAfter!: number;

  @Column({ type: 'text', name: 'stage_before', nullable: true })
  stageBefore!: string | null;

  @Column({ type: 'text', name: 'stage_after' })
  stageAfter!: string;

  @Column({ type: 'text', name: 'label_before', nullable: true })
  labelBefore!: string | null;

  @Column({ type: 'text', name: 'label_after', nullable: true })
  labelAfter!: string | null;

  @Column({ type: 'text' })
  reasons!: string;
}
