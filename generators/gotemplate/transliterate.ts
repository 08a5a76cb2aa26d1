import unidecode from 'unidecode'

/** Letters in use that gosimple/unidecode 1.0 has otherwise than the package. Of rare ones there are some 180 more. */
const otherwise: Readonly<Record<string, string>> = {
  ...{ し: 'shi', ち: 'chi', っ: 'tsu', つ: 'tsu', シ: 'shi', チ: 'chi', ッ: 'tsu', ツ: 'tsu' },
  ...{ Ъ: "'", ъ: "'", Є: 'Ie', '€': 'EU', 一: '[?] ' },
}

/**
 * ASCII for a text, for slugs, by the tables of Text::Unidecode, which gosimple/slug uses too: letters of other scripts are spelled out,
 * accents dropped, signs written with what looks like them. What the tables don't hold is lost.
 */
export function transliterate(text: string): string {
  return Array.from(text, (char) => (char < '\x80' ? char : asciiOf(char))).join('')
}

/** One at a time: the package takes two Latin-1 letters beside each other for bytes of UTF-8. */
function asciiOf(char: string): string {
  // Control characters, which the package takes for Windows' punctuation.
  if (char < '\xa0') return ''
  // It has backslashes left over from Perl.
  return otherwise[char] ?? unidecode(char).replaceAll(/\\([@$])/g, '$1')
}
