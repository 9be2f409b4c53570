#!/bin/sh
# The peer of `cargo bench --bench kafka -- --peer benches/peers/kafka-streams/run.sh`, which sets EARFUL_BENCH_*.
#
#   benches/peers/kafka-streams/run.sh          runs until SIGTERM
#   benches/peers/kafka-streams/run.sh test     tests it, without a broker
#
# Wants Maven and Java 17.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=${CARGO_TARGET_DIR:-$root/target}/peer-kafka-streams
mkdir -p "$out"
if ! cmp -s "$here/pom.xml" "$out/pom.xml"; then
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$out/jars"
    cp "$here/pom.xml" "$out/pom.xml"
fi
javac -d "$out/classes" -cp "$out/jars/*" "$here"/*.java
run() {
    # shellcheck disable=SC2086
    exec java ${PEER_JAVA:--Xms2g -Xmx2g -XX:+UseParallelGC} "-Dorg.slf4j.simpleLogger.defaultLogLevel=$1" \
        -cp "$out/classes:$out/jars/*" "$2" "$root/lexicons/en/vader_lexicon.txt"
}
if [ "${1:-}" = test ]; then run error PeerTest; else run warn Peer; fi
