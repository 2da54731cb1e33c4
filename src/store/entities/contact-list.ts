import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A list that contacts join and leave; named by key. */
@Index('contact_lists_key', ['tenantId', 'key'], { unique: true })
@Entity('contact_lists')
export class ContactList {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'contact_lists_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'contact_lists_pkey' })
  id!: string;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
