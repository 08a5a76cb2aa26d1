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
]
