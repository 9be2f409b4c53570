import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;

/** Posts to mentions of brands and to their counts by minute, exactly once: what Kafka Streams makes of earful's bench. */
class Peer {
  static final JsonFactory JSON = new JsonFactory();

  /** What a word says: the brand that it names, or null, and its valence. */
  record Word(String brand, double valence) {}

  final Map<String, Word> words = new HashMap<>();

  /** Reads both files: lines of word, tab, brand; lines of word, tab, valence, and more that is not used. */
  Peer(Path names, Path lexicon) throws IOException {
    for (String[] line : table(lexicon)) words.put(line[0], new Word(null, Double.parseDouble(line[1])));
    for (String[] line : table(names)) {
      Word known = words.get(line[0]);
      words.put(line[0], new Word(line[1], known == null ? 0 : known.valence));
    }
  }

  static List<String[]> table(Path file) throws IOException {
    return Files.readAllLines(file).stream().map(line -> line.split("\t")).toList();
  }

  Topology topology(String posts, String prefix) {
    var builder = new StreamsBuilder();
    KStream<String, byte[]> mentions =
        builder.stream(posts, Consumed.with(Serdes.String(), Serdes.ByteArray())).flatMap(this::mentions);
    mentions.to(prefix + "mentions", Produced.with(Serdes.String(), Serdes.ByteArray()));
    // A count needs no more of a mention than its key, so no more goes through the inner topic.
    mentions
        .mapValues(mention -> new byte[0])
        .groupByKey(Grouped.with("by-brand", Serdes.String(), Serdes.ByteArray()))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofMinutes(5)))
        .count(Materialized.with(Serdes.String(), Serdes.Long()))
        .toStream()
        .map(Peer::metric)
        .to(prefix + "metrics", Produced.with(Serdes.String(), Serdes.ByteArray()));
    return builder.build();
  }

  /** One for each brand that the post names, under the brand's id. None for a record without a text. */
  List<KeyValue<String, byte[]>> mentions(String post, byte[] json) {
    String text = text(json);
    if (text == null) return List.of();
    Set<String> brands = null;
    double valence = 0;
    String lower = text.toLowerCase(Locale.ROOT);
    for (int at = 0, end = lower.length(); at < end; at++) {
      int start = at;
      while (at < end && Character.isLetter(lower.charAt(at))) at++;
      Word word = start == at ? null : words.get(lower.substring(start, at));
      if (word == null) continue;
      valence += word.valence;
      if (word.brand == null) continue;
      if (brands == null) brands = new LinkedHashSet<>();
      brands.add(word.brand);
    }
    if (brands == null) return List.of();
    List<KeyValue<String, byte[]>> mentions = new ArrayList<>(brands.size());
    for (String brand : brands) mentions.add(KeyValue.pair(brand, mention(brand, post, valence, text)));
    return mentions;
  }

  /** The first field that is called as one of the three feed shapes calls the text; what comes behind is not looked at. */
  static String text(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      for (JsonToken token; (token = parser.nextToken()) != null; ) {
        if (token != JsonToken.FIELD_NAME) continue;
        String name = parser.currentName();
        if ((name.equals("text") || name.equals("body")) && parser.nextToken() == JsonToken.VALUE_STRING) return parser.getText();
      }
      return null;
    } catch (IOException malformed) {
      return null;
    }
  }

  static byte[] mention(String brand, String post, double valence, String text) {
    var out = new ByteArrayOutputStream(text.length() * 2 + 128);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("brand", brand);
      json.writeStringField("post", post);
      json.writeNumberField("sentiment", valence);
      json.writeStringField("text", text);
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    return out.toByteArray();
  }

  static KeyValue<String, byte[]> metric(Windowed<String> window, long mentions) {
    String json = "{\"brand\":\"" + window.key() + "\",\"start\":" + window.window().start() + ",\"mentions\":" + mentions + "}";
    return KeyValue.pair(window.key() + "@" + window.window().start(), json.getBytes(StandardCharsets.UTF_8));
  }

  /** Large batches on both sides, and no long wait before a record is sent again that came too early after a commit. */
  static final Map<String, Object> BEST =
      Map.ofEntries(
          Map.entry(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2),
          Map.entry(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000),
          Map.entry(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L << 20),
          Map.entry(StreamsConfig.consumerPrefix("max.poll.records"), 5_000),
          Map.entry(StreamsConfig.consumerPrefix("max.partition.fetch.bytes"), 4 << 20),
          Map.entry(StreamsConfig.consumerPrefix("fetch.min.bytes"), 64 << 10),
          Map.entry(StreamsConfig.producerPrefix("batch.size"), 256 << 10),
          Map.entry(StreamsConfig.producerPrefix("linger.ms"), 20),
          Map.entry(StreamsConfig.producerPrefix("buffer.memory"), 128L << 20),
          Map.entry(StreamsConfig.producerPrefix("retry.backoff.ms"), 20));

  static Properties settings(Map<String, String> told) {
    var settings = new Properties();
    settings.putAll(BEST);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, told.get("EARFUL_BENCH_GROUP"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, told.get("EARFUL_BENCH_BROKERS"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, told.get("EARFUL_BENCH_SCRATCH"));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 250);
    settings.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    settings.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
    for (String setting : told.getOrDefault("PEER_SETTINGS", "").split(",")) {
      if (!setting.isBlank()) settings.put(setting.split("=")[0], setting.split("=")[1]);
    }
    return settings;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> told = System.getenv();
    var peer = new Peer(Path.of(told.get("EARFUL_BENCH_WORDS")), Path.of(args[0]));
    Topology topology = peer.topology(told.get("EARFUL_BENCH_TOPIC"), told.get("EARFUL_BENCH_PREFIX"));
    var streams = new KafkaStreams(topology, settings(told));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.ERROR) Runtime.getRuntime().halt(1);
        });
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  streams.close(Duration.ofSeconds(30));
                  Runtime.getRuntime().halt(0);
                }));
    streams.start();
  }
}
