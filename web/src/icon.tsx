const paths = {
  up: 'M12 19V6m0 0-5.5 5.5M12 6l5.5 5.5',
  clock: 'M12 7.5V12l3 2M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0Z',
  pause: 'M9.5 7.5v9m5-9v9',
  check: 'm6.5 12.5 3.8 3.8 7.2-8',
  alert: 'M12 7v6.2m0 3.5v.1',
  again: 'M18.5 12a6.5 6.5 0 1 1-2-4.7m2-2.3v3.4h-3.4',
} as const

export type IconName = keyof typeof paths

/** A plain line icon; it only repeats what the text beside it says. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
