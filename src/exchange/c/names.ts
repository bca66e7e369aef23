const KEYWORDS = new Set(
  (
    'auto break case char const continue default do double else enum extern float for goto if inline int long register ' +
    'restrict return short signed sizeof static struct switch typedef union unsigned void volatile while ' +
    // Those of C++, which may include the header.
    'asm bool catch class delete explicit export false friend mutable namespace new operator private protected public ' +
    'template this throw true try typename using virtual and or not xor'
  ).split(' '),
)

/** Names of C for names of anything, each of its own. */
export function identifiers(names: readonly string[]): Map<string, string> {
  const taken = new Set<string>()
  return new Map(
    names.map((name) => {
      const plain = name.replaceAll(/\W/g, '_').replace(/^(?![a-zA-Z])/, 'x')
      const begin = KEYWORDS.has(plain) ? `${plain}_` : plain
      let identifier = begin
      for (let n = 2; taken.has(identifier); n++) identifier = `${begin}_${n}`
      taken.add(identifier)
      return [name, identifier]
    }),
  )
}
