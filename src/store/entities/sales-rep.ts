import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A person who owns contacts. */
@Index('sales_reps_email', ['tenantId', 'email'], { unique: true })
@Entity('sales_reps')
export class SalesRep {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'sales_reps_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'sales_reps_pkey' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  email!: string;

  @Column({ type: 'boolean', default: true })
  active!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
