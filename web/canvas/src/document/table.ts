/** Tables by step id or kind. Both come from files, where `constructor` is a name like any other. */

/** A table in which only what was put there is found. */
export const table = <T>(rows: Record<string, T> = {}): Record<string, T> => Object.assign(Object.create(null) as Record<string, T>, rows);

/** What a table that came from elsewhere holds itself. */
export const own = <T>(rows: Record<string, T> | undefined, key: string): T | undefined => (rows !== undefined && Object.hasOwn(rows, key) ? rows[key] : undefined);
