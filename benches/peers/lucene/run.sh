#!/bin/sh
# Lucene Monitor and earful on the same queries and posts, one after the other, and the ratio of the medians.
#
#   benches/peers/lucene/run.sh QUERIES [POSTS [BODIES.txt]]
#
# Wants Maven and Java 17. The time of Lucene is with splitting a post at its blanks, that of earful is not.
set -eu
queries=${1:?a number of queries}
posts=${2:-10000}
here=$(cd "$(dirname "$0")" && pwd)
out=${CARGO_TARGET_DIR:-$here/../../../target}/peer-lucene
mkdir -p "$out"
out=$(cd "$out" && pwd)
bodies=${3:+--bodies $(realpath "$3")}
mvn -q -f "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$out/jars"
# shellcheck disable=SC2086
cargo bench --manifest-path "$here/../../../Cargo.toml" --bench query -- \
    $bodies --line "$queries" --peer "$out" --peer-posts "$posts" --runs 5 | tee "$out/earful.txt"
for batch in 1 256; do
    java -Xmx4g -cp "$out/jars/*" "$here/Peer.java" "$out" 5 "$batch"
done | tee "$out/lucene.txt"
median() { tail -n "$3" "$2" | cut -d"|" -f"$1" | awk -F/ '$2 + 0 > best { best = $2 + 0 } END { print best }'; }
awk -v ours="$(median 8 "$out/earful.txt" 1)" -v theirs="$(median 5 "$out/lucene.txt" 2)" \
    'BEGIN { printf "earful %d, Lucene Monitor %d posts a second (medians, the better batch): %.1f times\n", ours, theirs, ours / theirs }'
