const tokens = new Map<string, string>()

/** Sends a bearer token with every request below the endpoint; an empty one ends that. */
export function authorize(endpoint: string, token: string): void {
  if (token) tokens.set(endpoint, token)
  else tokens.delete(endpoint)
}

/** Whether requests to the URL carry a token, without which nobody may get an answer. */
export function guarded(url: string): boolean {
  return tokens.has(new URL('./', url).href)
}

/** The headers that authorise a request to the endpoint, or to an upload below it. */
export function credentials(url: string): { [name: string]: string } {
  const token = tokens.get(new URL('./', url).href)
  return token ? { Authorization: `Bearer ${token}` } : {}
}
