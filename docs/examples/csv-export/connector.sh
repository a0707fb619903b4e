#!/bin/sh
# Exports of a bank, a CSV file for each account: every row that is new since the last run.
# jq reads START, awk reads the files and writes the messages.
set -u
LC_ALL=C export LC_ALL

IFS= read -r start
ask() { printf '%s\n' "$start" | jq -r "$1"; }

root=$(ask '.bindings.filesystem.root')
if [ ! -d "$root" ]; then
  echo '{"type":"DONE","status":"failed","records_emitted":0,"error":{"message":"the exports are no folder","retryable":true}}'
  exit 1
fi
if [ "$(ask '[.scope.streams[].name] | index("transactions")')" = null ]; then
  ask '.scope.streams[] | {type: "SKIP_RESULT", stream: .name, reason: "unknown_stream"} | tojson'
  echo '{"type":"DONE","status":"succeeded","records_emitted":0}'
  exit 0
fi

told=$(mktemp -d) || exit 1
trap 'rm -rf "$told"' EXIT
# Names are JSON texts in these files, so that nothing in them can be taken for an end of line.
ask '.state.transactions.rows // {} | to_entries[] | "\(.key | tojson)\t\(.value)"' >"$told/before"
ask '.scope.streams[] | select(.name == "transactions") | .resources // empty | .[] | tojson' >"$told/resources"
narrowed=$(ask '.scope.streams[] | select(.name == "transactions") | has("resources")')

find "$root" -name '*.csv' -type f | sort >"$told/files"
awk -v told="$told" -v narrowed="$narrowed" -v now="$(date -u +%Y-%m-%dT%H:%M:%SZ)" '
  function text(value) {
    gsub(/\\/, "\\\\", value); gsub(/"/, "\\\"", value); gsub(/\t/, "\\t", value)
    return "\"" value "\""
  }
  function cells(line, found,    n, cell, at, c, quoted) {
    n = 0; cell = ""; quoted = 0
    for (at = 1; at <= length(line); at++) {
      c = substr(line, at, 1)
      if (quoted && c == "\"" && substr(line, at + 1, 1) == "\"") { cell = cell c; at++ }
      else if (c == "\"") quoted = !quoted
      else if (c == "," && !quoted) { found[++n] = cell; cell = "" }
      else cell = cell c
    }
    found[++n] = cell
  }
  BEGIN {
    while ((getline line < (told "/before")) > 0) { split(line, part, "\t"); rows[part[1]] = part[2] }
    while ((getline line < (told "/resources")) > 0) wanted[line] = 1
    while ((getline file < (told "/files")) > 0) {
      name = file; sub(/.*\//, "", name); sub(/\.csv$/, "", name)
      account = text(name); present[account] = 1
      if (narrowed == "true" && !(account in wanted)) continue
      before = rows[account] + 0; count = -1
      while ((getline line < file) > 0) {
        if (++count == 0 || count <= before) continue
        cells(line, cell)
        printf "{\"type\":\"RECORD\",\"stream\":\"transactions\",\"key\":[%s,%s],", account, text(cell[1])
        printf "\"data\":{\"account\":%s,\"id\":%s,\"booked_at\":%s,\"purpose\":%s},", account, text(cell[1]), text(cell[2]), text(cell[3])
        printf "\"emitted_at\":\"%s\"}\n", now
        emitted++
      }
      close(file)
      rows[account] = (count > before ? count : before)
    }
    for (account in rows) {
      cursor = cursor (cursor ? "," : "") account ":" rows[account]
      if (!(account in present)) { if (missing++ < 20) gone = gone (gone ? "," : "") account }
    }
    if (missing && narrowed != "true") {
      printf "{\"type\":\"SKIP_RESULT\",\"stream\":\"transactions\",\"reason\":\"account_missing\","
      printf "\"diagnostics\":{\"accounts\":[%s],\"count\":%d,\"truncated\":%s}}\n", gone, missing, (missing > 20 ? "true" : "false")
    }
    printf "{\"type\":\"STATE\",\"stream\":\"transactions\",\"cursor\":{\"rows\":{%s}}}\n", cursor
    printf "{\"type\":\"DONE\",\"status\":\"succeeded\",\"records_emitted\":%d}\n", emitted
  }'
