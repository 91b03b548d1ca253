const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

function unitOf(bytes: number): number {
  let unit = 0
  // 1023.95 KiB would print as 1024.0 KiB.
  for (let n = bytes; n >= 1023.95 && unit < units.length - 1; n /= 1024) unit++
  return unit
}

function inUnit(bytes: number, unit: number): string {
  if (unit === 0) return String(bytes)
  const n = bytes / 1024 ** unit
  return n >= 99.95 ? n.toFixed(0) : n.toFixed(1)
}

/** A size, e.g. "3.1 GiB" or "1 byte". */
export function size(bytes: number): string {
  const unit = unitOf(bytes)
  return bytes === 1 ? '1 byte' : `${inUnit(bytes, unit)} ${units[unit]}`
}

/** A part of a size, both in the unit of the whole, e.g. "3.1 of 8.0 GiB". */
export function partOf(part: number, whole: number): string {
  const unit = unitOf(whole)
  return `${inUnit(part, unit)} of ${whole === 1 ? '1 byte' : `${inUnit(whole, unit)} ${units[unit]}`}`
}

/** Whole percent, rounded down, so that 100 means all of it; 0 of an empty whole. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(100, Math.floor((100 * part) / whole))
}

/** Remaining time in steps that a person can follow, e.g. "about 3 min left". */
export function remaining(seconds: number): string {
  if (seconds < 5) return 'a few seconds left'
  if (seconds <= 55) return `about ${Math.ceil(seconds / 5) * 5} s left`
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return `about ${minutes} min left`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 ? `about ${hours} h ${minutes % 60} min left` : `about ${hours} h left`
  const days = Math.floor(hours / 24)
  return hours % 24 ? `about ${days} d ${hours % 24} h left` : `about ${days} d left`
}
