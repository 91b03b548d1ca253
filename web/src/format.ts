import { language, messages as m } from './messages.ts'

const units = ['', 'KiB', 'MiB', 'GiB', 'TiB']

function unitOf(bytes: number): number {
  let unit = 0
  // 1023.95 KiB would print as 1024.0 KiB.
  for (let n = bytes; n >= 1023.95 && unit < units.length - 1; n /= 1024) unit++
  return unit
}

function inUnit(bytes: number, unit: number): string {
  if (unit === 0) return decimal(bytes, 0)
  const n = bytes / 1024 ** unit
  return decimal(n, n >= 99.95 ? 0 : 1)
}

const formats = new Map<string, Intl.NumberFormat>()

/** A number as the language writes it. Formats are costly to make, and rows ask in every frame. */
function decimal(n: number, digits: number): string {
  const key = `${language} ${digits}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })
    formats.set(key, format)
  }
  return format.format(n)
}

function named(bytes: number, unit: number): string {
  return unit === 0 ? m.bytes(bytes) : m.size(inUnit(bytes, unit), units[unit]!)
}

/** A size, e.g. "3.1 GiB" or "1 byte". */
export function size(bytes: number): string {
  return named(bytes, unitOf(bytes))
}

/** A part of a size, both in the unit of the whole, e.g. "3.1 of 8.0 GiB". */
export function partOf(part: number, whole: number): string {
  const unit = unitOf(whole)
  return m.partOf(inUnit(part, unit), named(whole, unit))
}

/** Whole percent, rounded down, so that 100 means all of it; 0 of an empty whole. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(100, Math.floor((100 * part) / whole))
}

/** Remaining time in steps that a person can follow, e.g. "about 3 min left". */
export function remaining(seconds: number): string {
  const { left } = m
  if (seconds < 5) return left.soon
  if (seconds <= 55) return left.about(left.seconds(Math.ceil(seconds / 5) * 5))
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return left.about(left.minutes(minutes))
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return left.about(left.hours(hours), minutes % 60 ? left.minutes(minutes % 60) : undefined)
  const days = Math.floor(hours / 24)
  return left.about(left.days(days), hours % 24 ? left.hours(hours % 24) : undefined)
}
