import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TopologyTestDriver;

/** Records in, mentions and counts out, without a broker: `run.sh test`. */
class PeerTest {
  static final Path NAMES = file("vexara\tb1", "kiatron\tb2", "薇洛拉\tb3", "lovely\tb4");
  static final Path LEXICON = file("love\t3.2\t0.4\t[3, 4]", "lovely\t2.8\t0.6\t[3]", "bad\t-2.5\t0.7\t[-2]", ":)\t2.0\t1.1\t[2]");

  public static void main(String[] args) throws Exception {
    check("{\"id_str\":\"1\",\"text\":\"I LOVE #Vexara, not @kiatron_labs\",\"user\":{\"text\":\"bad\"}}", "b1 3.2", "b2 3.2");
    check("{\"kind\":\"commit\",\"commit\":{\"record\":{\"langs\":[\"zh\"],\"text\":\"薇洛拉 bad:) 薇洛拉\"}}}", "b3 -2.5");
    check("{\"network\":\"other\",\"body\":\"bad VEXARA\\nbad\",\"in_reply_to\":{\"text\":\"kiatron\"}}", "b1 -5.0");
    check("{\"text\":\"a lovely day\"}", "b4 2.8");
    check("{\"text\":\"vexaras and nothing else\"}");
    check("{\"text\":null,\"body\":[\"vexara\"]}");
    check("{\"text\":\"vexara");
    check("");
    counts();
    System.out.println("10 passed, 0 failed");
  }

  /** What one record gives: brand and valence of each mention. */
  static void check(String json, String... expected) throws Exception {
    List<String> found = new Peer(NAMES, LEXICON).mentions("x:1", json.getBytes("UTF-8")).stream().map(PeerTest::told).toList();
    same(found, List.of(expected), json);
  }

  static String told(org.apache.kafka.streams.KeyValue<String, byte[]> mention) {
    String json = new String(mention.value, java.nio.charset.StandardCharsets.UTF_8);
    if (!json.startsWith("{\"brand\":\"" + mention.key + "\",\"post\":\"x:1\",")) throw new AssertionError(json);
    return mention.key + " " + json.replaceAll(".*\"sentiment\":([^,]*),.*", "$1");
  }

  /** Every mention is counted in the minute of its record, and again when another comes. */
  static void counts() throws Exception {
    var settings = Peer.settings(Map.of("EARFUL_BENCH_GROUP", "g", "EARFUL_BENCH_BROKERS", "none:1", "EARFUL_BENCH_SCRATCH", Files.createTempDirectory("peer").toString()));
    try (var driver = new TopologyTestDriver(new Peer(NAMES, LEXICON).topology("posts", "p."), settings)) {
      var posts = driver.createInputTopic("posts", new StringSerializer(), new ByteArraySerializer());
      for (long second : new long[] {0, 59, 61}) {
        posts.pipeInput("x:" + second, "{\"text\":\"vexara\"}".getBytes("UTF-8"), Instant.ofEpochSecond(second));
      }
      var mentions = driver.createOutputTopic("p.mentions", new StringDeserializer(), new ByteArrayDeserializer());
      same(mentions.readRecordsToList().stream().map(record -> record.key() + " " + record.timestamp()).toList(), List.of("b1 0", "b1 59000", "b1 61000"), "mentions");
      var metrics = driver.createOutputTopic("p.metrics", new StringDeserializer(), new StringDeserializer());
      same(metrics.readKeyValuesToMap(), Map.of("b1@0", "{\"brand\":\"b1\",\"start\":0,\"mentions\":2}", "b1@60000", "{\"brand\":\"b1\",\"start\":60000,\"mentions\":1}"), "metrics");
    }
  }

  static void same(Object found, Object expected, String input) {
    if (!found.equals(expected)) throw new AssertionError(input + " gives " + found + " and not " + expected);
  }

  static Path file(String... lines) {
    try {
      return Files.write(Files.createTempFile("peer", ".tsv"), List.of(lines));
    } catch (java.io.IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }
}
