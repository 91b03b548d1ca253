/** Short facts in a line, with a dot between each two. */
export function Facts({ facts }: { facts: string[] }) {
  return (
    <p class="facts">
      {facts.map((fact, i) => (
        <span key={i}>{fact}</span>
      ))}
    </p>
  )
}
