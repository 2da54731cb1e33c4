import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A tenant's feed: the last position, what retention removed, the epoch of its models and the next due instant. */
@Entity('tenant_feeds')
export class TenantFeed {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'tenant_feeds_pkey' })
  tenantId!: string;

  @Column({ type: 'bigint', default: 0 })
  position!: string;

  @Column({ type: 'bigint', default: 0 })
  floor!: string;

  @Column({ type: 'integer', default: 0 })
  epoch!: number;

  @Column({ type: 'timestamptz', name: 'due_at', nullable: true })
  dueAt!: Date | null;
}
