/** Templates that once came out differently from Go's, by the rule that was missing. They are recorded beside the generated ones. */
export const corners: readonly string[] = [
  // dig looks at every key before it looks anything up.
  '{{ dig "nope" 1 "d" .deep }}',
  '{{ dig "nope" nil "d" .deep }}',
  // strconv.ParseInt stops at its bounds; times apart further than a Duration reaches do too.
  '{{ duration "9223372036854775808" }} {{ duration "-9223372036854775809" }} {{ duration "x" }}',
  '{{ (toDate "2006-01-02" "2021-03-04").Sub (toDate "2006-01-02" "bad") }}',
  // fmt: padding of nothing with zeros, %w as %v, hexadecimal with a width.
  '{{ printf "%05x|%-05X|%+w|%#w|%+w|%# 8v|" "" "" .n .f (list 1 "a") (index .s 0) }}',
  // Methods of times, durations and versions, and those that templates can't call.
  '{{ $t := toDate "2006-01-02T15:04:05Z07:00" "2021-03-04T05:06:07Z" }}{{ $t.GoString }} {{ $t.Location }} {{ $t.IsDST }} {{ $t.MarshalText }}',
  '{{ (toDate "2006-01-02" "2021-03-04").Location }} {{ (toDate "2006-01-02" "2021-03-04").MarshalJSON }}',
  '{{ (toDate "2006-01-02" "2021-03-04").Date }}',
  '{{ (toDate "2006-01-02" "2021-03-04").Date 1 }}',
  '{{ (toDate "2006-01-02" "2021-03-04").Zone }}',
  '{{ (toDate "2006-01-02" "2021-03-04").In nil }}',
  '{{ (toDate "2006-01-02" "2021-03-04").wall }}',
  '{{ ((toDate "2006-01-02T15:04" "2021-03-04T05:06").Sub (toDate "2006-01-02" "2021-03-04")).Round 3600000000000 }}',
  '{{ (semver .ver).Value }} {{ (semver .ver).MarshalText }} {{ (semver .ver).MarshalJSON }}',
  '{{ (semver .ver).major }}',
  // Package time has a quoting of its own, reads two-digit years with a sign, and offsets before their sign.
  '{{ mustToDate "5é" "21" }}',
  '{{ mustDateModify "1h\\n" (toDate "2006-01-02" "2021-03-04") }}',
  '{{ mustToDate "-07-" "366" }}',
  '{{ mustToDate "Z0700" "24:00:00" }}',
  '{{ mustToDate "06" "+0100" }}',
  '{{ mustToDate "MST2006" "+0100" }}',
  // Places under their old names, and before anyone set the clocks by law.
  '{{ range splitList " " "Cuba Israel MET EST Europe/London Europe/Moscow" }}{{ dateInZone "15:04 MST" 0 . }};{{ end }}',
  '{{ dateInZone "15:04:05 MST" (toDate "2006-01-02" "bad") "America/New_York" }}',
  // Bytes that are no character: what changes letters makes U+FFFD of them, what doesn't leaves them; order is by bytes.
  '{{ range list "a\\xe9B c" "é\\x80" "\\xe2\\x98" "\\xff\\xfeaB" }}{{ upper . | printf "%q" }}{{ title . | printf "%q" }}{{ swapcase . | printf "%q" }};{{ end }}',
  '{{ range list "a\\xe9B c" "é\\x80" "\\xff\\xfeaB" }}{{ camelcase . | printf "%q" }}{{ snakecase . | printf "%q" }}{{ js . | printf "%q" }};{{ end }}',
  '{{ sortAlpha (list "日" "\\xe2\\x98" "é" "z") | printf "%q" }}{{ lt "日" "\\xe2\\x98" }}',
  '{{ mustRegexMatch "a\\xffb" "x" }}',
  '{{ mustFromJson "\\xff" }}',
  // JSON numbers beyond a float leave the rest; YAML keeps 64 bits.
  '{{ fromJson `{"a":[1,1e999,"x"]}` | toJson }} {{ fromJson "[1e999" | toJson }}',
  '{{ toYaml (list 9223372036854775807 (add1 9223372036854775807) 1e21 12345678901234567890.0 .big) }}',
  '{{ toYaml (dict "9223372036854775808" 1 "9" 2 "10" 3) }}',
  '{{ slugify -1 false "a" }}',
  '{{ concat.x }}',
  '{{ (semver .ver) | index "x" }}{{ index (semver .ver) 1 }}',
  '{{ index (semver .ver) 1 }}',
  '{{ 0x1F1+2i }}',
  '{{ 0x1p40171+2i }}',
  // YAML as libyaml reads it.
  '{{ fromYamlArray "[a-c]+" }}{{ fromYamlArray "[a, b: c, ? d : e, , f]" }}',
  '{{ fromYamlArray "[a, b: c, ? d : e]" | toJson }}',
  '{{ fromYaml "a: \\u0007" }}',
  '{{ fromYaml "a: *nope" }}',
  '{{ fromYaml "a: &x\\n  b: *x" }}',
  '{{ fromYaml "%YAML 1.2\\n---\\na: 1" }}',
  '{{ fromYaml "%d" }}',
  '{{ fromYaml "a: \\"\\\\q\\"" }}',
  '{{ fromYaml "a: b: c" }}',
  '{{ fromYaml "a: [b\\nc: d" }}',
  '{{ fromYaml "a:\\n\\t- b" }}',
  '{{ fromYaml "- a" }}',
  '{{ fromYaml "a: !nope x\\nb: !!int x" }}',
  '{{ fromYaml "a: !h!x y" }}',
  '{{ fromYaml "[a]: b" }}',
  '{{ fromYaml "~: b" }}',
  '{{ fromYaml "a: .nan" }}',
  '{{ fromYaml "b: {x: 1, y: 2}\\nd:\\n  y: 3\\n  <<: {x: 4, y: 5}\\n" | toJson }}',
  '{{ fromYaml "d:\\n  <<: [{x: 1}, {x: 2, y: 3}]\\n  y: 4\\ne: {<<: q}" | toJson }}',
  '{{ fromYaml "a: |2\\n    x\\n   y\\nb: >+\\n  one\\n  two\\n\\n  three\\n\\nc: >-\\n  x\\n    y\\n  z\\n" | toJson }}',
  '{{ fromYaml "a: \'it\'\'s\\n\\n  long\'\\nb: \\"x\\\\\\n  y \\\\x41\\\\u263a\\"\\nc: plain\\n  goes\\n\\n  on\\n" | toJson }}',
  '{{ fromYaml "1.1: a\\n0x10: b\\nyes: c\\n2021-03-04: d\\n? e\\n: f\\n? g\\n" | toJson }}',
  '{{ fromYaml "a:\\n- 1\\n-\\n- - x\\n  - y\\n- k: v\\n  l: w\\n" | toJson }}',
  '{{ fromYaml "a: !!binary aGk=\\nb: !!str 5\\nc: !!float 1\\nd: ! 2\\ne: !<tag:yaml.org,2002:str> 6\\n" | toJson }}',
  '{{ fromYaml "# c\\n---\\na: 1 # d\\n...\\nb: 2\\n" | toJson }}{{ fromYaml "" | toJson }}{{ fromYaml "---\\n---\\na: 1" | toJson }}',
  // toYaml's library reads the value's JSON as YAML.
  '{{ toYaml (list "a\\u0085b" "\\ufeffa b") }}',
  '{{ toYaml "a\\u007fb" }}',
  '{{ toYaml (dict (repeat 1100 "k") 1) | len }}',
  // Groups may share a name; a number with a leading zero is a name.
  '{{ regexReplaceAll "(?P<n>x)|(?P<n>l)" .s "<$n>" }}{{ regexReplaceAll "(l)" .s "<$' +
    '{01}$' +
    '{1}>" }}{{ mustRegexFind `\\Q(?P<n>\\E|[(?P<n>]+(?P<n>o)(?P<n>!)?` .s }}',
  '{{ regexMatch "(" "x" }}{{ regexFind "(`" "x" }}',
  // Decimals are read one after the other; infinities win over what is no number.
  '{{ minf "-Inf" "NaN" }} {{ maxf "NaN" "+Inf" }}',
  '{{ divf 7 0 "-Inf" }}',
  '{{ deepCopy (dict "k" (semver "1.2.3")) }}{{ merge .missing | toJson }}',
  '{{ "é "" }}/ü.ñ\\" }}|',
  '{{ dateInZone "15:04 MST" -1 "Asia/Kolkata" }} {{ dateInZone "15:04 -0700 MST" (toDate "2006" "bad") "EST5EDT" }}',
  // Seconds that no count from the year 1 holds; an exponent with underscores.
  '{{ htmlDate 9223372036854775807 }} {{ ago 9223372036854775807 }} {{ 0x1.8p1_0 }}',
]
