import { createStore, del, entries, set } from 'idb-keyval'
import type { Record } from './records.ts'

/** A second place for records. Whatever the browser refuses is not kept. */
export interface Backup {
  all(): Promise<Record[]>
  put(record: Record): void
  remove(key: string): void
}

/** Records in IndexedDB, which is written at once: a browser that is killed loses what it put into Web Storage last. */
export function browserBackup(): Backup {
  const store = createStore('longhaul-records', 'records')
  return {
    all: () => entries<string, Record>(store).then((all) => all.map(([, record]) => record), () => []),
    put: (record) => void set(record.key, record, store).catch(() => {}),
    remove: (key) => void del(key, store).catch(() => {}),
  }
}
