import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What happened to a contact, the truth that scores are computed from. */
@Entity('timeline')
export class TimelineRow {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'timeline_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', name: 'contact_id', primaryKeyConstraintName: 'timeline_pkey' })
  contactId!: string;

  @PrimaryColumn({ type: 'timestamptz', name: 'occurred_at', primaryKeyConstraintName: 'timeline_pkey' })
  occurredAt!: Date;

  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'timeline_pkey' })
  seq!: string;

  @Column({ type: 'uuid' })
  id!: string;

  @Column({ type: 'smallint' })
  kind!: number;

  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'text', nullable: true })
  body!: string | null;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt!: Date;

  @Column({ type: 'uuid', name: 'origin_id', nullable: true })
  originId!: string | null;

  @Column({ type: 'timestamptz', name: 'amended_at', nullable: true })
  amendedAt!: Date | null;
}
