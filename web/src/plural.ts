type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** Returns what chooses the form that a count takes in a language; a form left out is the other one. */
export function pluralIn(language: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language)
  return (n, forms) => forms[rules.select(n)] ?? forms.other
}
