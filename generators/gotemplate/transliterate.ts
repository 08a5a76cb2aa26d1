import { lowerChar } from './text-case.ts'

/** ASCII for small letters that have no accent to drop: `letter=text`, parted by spaces. */
const table = [
  'ß=ss æ=ae ð=d ø=o þ=th đ=d ħ=h ı=i ĸ=k ł=l ŋ=ng œ=oe ŧ=t ə=@ ƒ=f ƶ=z ǥ=g ȷ=j',
  '©=(c) ®=(r) £=ps ¥=y= ¢=c/ ¤=$? §=ss °=deg µ=u ×=x ¼=1/4 ½=1/2 ¾=3/4',
  'α=a β=b γ=g δ=d ε=e ζ=z η=e θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r ς=s σ=s τ=t υ=u φ=ph χ=kh ψ=ps ω=o',
  'а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch',
  "ъ=' ы=y ь=' э=e ю=iu я=ia ѐ=ie ё=io ђ=dj ѓ=gj є=ie ѕ=dz і=i ї=yi ј=j љ=lj њ=nj ћ=tsh ќ=kj ѝ=i ў=u џ=dzh ґ=g'",
].join(' ')
const letters: ReadonlyMap<string, string> = new Map(
  table.split(' ').map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)]
  }),
)

/** The Revised Romanization of Korean: the three parts of a syllable, each in Unicode's order. */
const initials = 'g gg n d dd r m b bb s ss  j jj c k t p h'.split(' ')
const vowels = 'a ae ya yae eo e yeo ye o wa wae oe yo u weo we wi yu eu yi i'.split(' ')
const finals = ' g gg gs n nj nh d l lg lm lb ls lt lp lh m b bs s ss ng j c k t p h'.split(' ')
const firstSyllable = 0xac00
const lastSyllable = 0xd7a3

/**
 * Small ASCII for a text, for slugs: accents dropped, Latin, Greek, Cyrillic and Korean letters spelled out as the unidecode tables of
 * gosimple/slug do. Letters of other scripts, Chinese among them, are lost; signs become dashes.
 */
export function transliterate(text: string): string {
  return Array.from(text, (char) => (char < '\x80' ? char : asciiOf(char))).join('')
}

function asciiOf(char: string): string {
  const small = lowerChar(char)
  const known = letters.get(small)
  if (known !== undefined) return known
  const point = char.codePointAt(0) ?? 0
  if (point >= firstSyllable && point <= lastSyllable) return syllable(point - firstSyllable)
  const parts = Array.from(small.normalize('NFKD'), (part) => (part < '\x80' ? part : (letters.get(lowerChar(part)) ?? '')))
  const ascii = parts.join('').toLowerCase()
  return ascii === '' && /^[\p{P}\p{S}\p{Z}]$/u.test(char) ? '-' : ascii
}

function syllable(index: number): string {
  const final = index % finals.length
  const rest = Math.floor(index / finals.length)
  return (initials[Math.floor(rest / vowels.length)] ?? '') + (vowels[rest % vowels.length] ?? '') + (finals[final] ?? '')
}
