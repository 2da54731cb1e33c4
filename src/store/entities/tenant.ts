import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A customer of the service; every other row belongs to one. */
@Entity('tenants')
export class Tenant {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'tenants_pkey' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
