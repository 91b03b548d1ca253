import { Locks } from './locks.ts'
import { Tabs } from './tabs.ts'

/**
 * Which tab of this browser works on which upload. A mere question to the server breaks off the
 * connection of the tab that sends, so tabs settle it among themselves. Uploads are named by the
 * keys of their records.
 */
export interface Claims {
  /** Takes an upload that another tab may have; false if one has. */
  claim(key: string): Promise<boolean>
  /** Takes an upload that is new, so that no other tab can have it. */
  hold(key: string): void
  release(key: string): void
  /** The uploads that other tabs have. */
  elsewhere(): Promise<Set<string>>
}

/** Plain http has no Web Locks; there the tabs ask each other. */
export function browserClaims(): Claims {
  return navigator.locks ? new Locks(navigator.locks) : new Tabs()
}
