import { createDataSource } from './src/store/data-source.js';

/** The data source of the `typeorm` command line; the server builds its own from the checked configuration. */
const dataSource = createDataSource(process.env.DATABASE_URL ?? 'postgres://localhost:5432/leadpulse', {
  poolMax: 2,
  applicationName: 'leadpulse-typeorm',
});

export default dataSource;
