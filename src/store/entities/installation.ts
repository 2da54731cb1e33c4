import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One row that names this database in cursors. */
@Entity('installation')
export class Installation {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'installation_pkey' })
  id!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
