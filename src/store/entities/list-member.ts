import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Who is on a list now. */
@Index('list_members_contact', ['tenantId', 'contactId'])
@Entity('list_members')
export class ListMember {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'list_members_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', name: 'list_id', primaryKeyConstraintName: 'list_members_pkey' })
  listId!: string;

  @PrimaryColumn({ type: 'uuid', name: 'contact_id', primaryKeyConstraintName: 'list_members_pkey' })
  contactId!: string;

  @Column({ type: 'timestamptz', name: 'joined_at' })
  joinedAt!: Date;
}
