import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Background work with progress: a rescoring of all contacts under a new model version, a preview of many. */
@Index('jobs_open', ['tenantId', 'createdAt'], { where: 'finished_at IS NULL' })
@Index('jobs_one_rescore', ['tenantId', 'modelId'], {
  unique: true,
  where: `kind = 'RESCORE' AND finished_at IS NULL`,
})
@Index('jobs_model', ['tenantId', 'modelId', 'createdAt'])
@Entity('jobs')
export class Job {
  @PrimaryColumn({ type: 'uuid', name: 'tenant_id', primaryKeyConstraintName: 'jobs_pkey' })
  tenantId!: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'jobs_pkey' })
  id!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  state!: string;

  @Column({ type: 'uuid', name: 'model_id', nullable: true })
  modelId!: string | null;

  @Column({ type: 'integer', nullable: true })
  version!: number | null;

  @Column({ type: 'integer', default: 0 })
  done!: number;

  @Column({ type: 'integer', nullable: true })
  total!: number | null;

  @Column({ type: 'uuid', nullable: true })
  cursor!: string | null;

  @Column({ type: 'text', nullable: true })
  error!: string | null;

  @Column({ type: 'timestamptz', name: 'leased_until', nullable: true })
  leasedUntil!: Date | null;

  /** Names the claim of the process that works on it. */
  @Column({ type: 'uuid', name: 'leased_by', nullable: true })
  leasedBy!: string | null;

  /** How often it was begun since it last got something done. */
  @Column({ type: 'integer', default: 0 })
  tries!: number;

  /** When its progress was last noted. */
  @Column({ type: 'timestamptz', name: 'noted_at', nullable: true })
  notedAt!: Date | null;

  /** How long it has been worked on up to `notedAt`. */
  @Column({ type: 'double precision', name: 'worked_ms', default: 0 })
  workedMs!: number;

  @Column({ type: 'text', name: 'requested_by', nullable: true })
  requestedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
