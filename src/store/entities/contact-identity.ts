import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An email (1), externalId (2) or anonymousId (3) that leads to a contact. */
@Index('contact_identities_contact', ['tenantId', 'contactId'])
@Entity('contact_identities')
export class ContactIdentity {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'contact_identities_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'smallint', primaryKeyConstraintName: 'contact_identities_pkey' })
  kind!: number;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'contact_identities_pkey' })
  value!: string;

  @Column({ type: 'uuid', name: 'contact_id' })
  contactId!: string;

  @Column({ type: 'uuid', name: 'origin_id', nullable: true })
  originId!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
