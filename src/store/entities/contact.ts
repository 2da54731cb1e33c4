import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A person's profile as it stands: a projection of the profile entries of the timeline. */
@Index('contacts_sort_name', ['tenantId', 'sortName', 'id'])
@Index('contacts_created', ['tenantId', 'createdAt', 'id'])
@Index('contacts_owner', ['tenantId', 'ownerId', 'id'], { where: 'owner_id IS NOT NULL' })
@Index('contacts_email_base', ['tenantId', 'emailBase', 'id'], { where: 'email_base IS NOT NULL' })
@Index('contacts_merged', ['tenantId', 'mergedInto'], { where: 'merged_into IS NOT NULL' })
@Entity('contacts')
export class Contact {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'contacts_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'contacts_pkey' })
  id!: string;

  @Column({ type: 'text', nullable: true })
  email!: string | null;

  @Column({ type: 'text', name: 'external_id', nullable: true })
  externalId!: string | null;

  @Column({ type: 'text', name: 'first_name', nullable: true })
  firstName!: string | null;

  @Column({ type: 'text', name: 'last_name', nullable: true })
  lastName!: string | null;

  @Column({ type: 'text', name: 'job_title', nullable: true })
  jobTitle!: string | null;

  @Column({ type: 'text', nullable: true })
  company!: string | null;

  @Column({ type: 'integer', name: 'company_size', nullable: true })
  companySize!: number | null;

  @Column({ type: 'text', nullable: true })
  industry!: string | null;

  @Column({ type: 'double precision', name: 'annual_revenue', nullable: true })
  annualRevenue!: number | null;

  @Column({ type: 'text', nullable: true })
  country!: string | null;

  @Column({ type: 'jsonb', default: {} })
  attributes!: Record<string, unknown>;

  @Column({ type: 'uuid', name: 'owner_id', nullable: true })
  ownerId!: string | null;

  @Column({ type: 'text', name: 'sort_name', default: '' })
  sortName!: string;

  @Column({ type: 'text', name: 'search_text', default: '' })
  searchText!: string;

  @Column({ type: 'text', name: 'email_base', nullable: true })
  emailBase!: string | null;

  @Column({ type: 'uuid', name: 'merged_into', nullable: true })
  mergedInto!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
