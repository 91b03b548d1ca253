/** The path of a file, in its own direction. */
export function Name({ path }: { path: string }) {
  return (
    <p class="name" title={path} dir="auto">
      {path}
    </p>
  )
}
