/**
 * Reads the sha-256 member of a Repr-Digest field (RFC 9530), e.g. "sha-256=:47DEQ…=:", as hex
 * digits. Null where there is none.
 */
export function sha256In(field: string | null): string | null {
  const found = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(field ?? '')
  return found ? hexOf(Uint8Array.from(atob(found[1]!), (c) => c.charCodeAt(0))) : null
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
