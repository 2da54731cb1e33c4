/** The embedded database cannot be used; the message says why and names the ways out. */
export class EmbeddedDatabaseError extends Error {
  /**
   * @param problem what went wrong, a whole sentence.
   * @param detail what PostgreSQL itself said, if anything.
   */
  constructor(problem: string, detail = '') {
    const said = detail.trim() ? `\nPostgreSQL said:\n${detail.trim()}` : '';
    super(
      `${problem}${said}\nWays out: set DATABASE_URL to a PostgreSQL (15 or newer) of your own, ` +
        'or set DATA_DIR to a folder on a local disk that other users may pass through.',
    );
    this.name = 'EmbeddedDatabaseError';
  }
}
