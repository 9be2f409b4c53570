import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.stream.IntStream;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorConfiguration;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.RegexpQueryHandler;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.monitor.TermWeightor;
import org.apache.lucene.queries.spans.SpanMultiTermQueryWrapper;
import org.apache.lucene.queries.spans.SpanNearQuery;
import org.apache.lucene.queries.spans.SpanOrQuery;
import org.apache.lucene.queries.spans.SpanQuery;
import org.apache.lucene.queries.spans.SpanTermQuery;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.RegexpQuery;
import org.apache.lucene.search.TermQuery;

/** Lucene Monitor on the posts and queries that `benches/query --peer` has written. */
class Peer {
  static final String TEXT = "text";

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    int runs = Integer.parseInt(args[1]);
    int batch = Integer.parseInt(args[2]);
    IndexSearcher.setMaxClauseCount(Integer.MAX_VALUE);
    try (Monitor monitor = monitor()) {
      long started = System.nanoTime();
      register(monitor, Files.readAllLines(folder.resolve("queries.txt")));
      double compile = (System.nanoTime() - started) * 1e-9;
      List<String> posts = Files.readAllLines(folder.resolve("posts.txt"));
      long matches = run(monitor, posts, batch); // Warms up, and is not counted.
      double[] perSecond = new double[runs];
      for (int run = 0; run < runs; run++) {
        started = System.nanoTime();
        if (run(monitor, posts, batch) != matches) throw new IllegalStateException("every run finds the same");
        perSecond[run] = posts.size() / ((System.nanoTime() - started) * 1e-9);
      }
      Arrays.sort(perSecond);
      System.out.printf(
          "| lucene, %d a batch | %d matches | %.3f a post | %.0f / %.0f / %.0f | %.2f |%n",
          batch, matches, matches / (double) posts.size(), perSecond[0], perSecond[runs / 2], perSecond[runs - 1], compile);
    }
  }

  /** Finds prefixes by their letters, as far as the library can: otherwise each is looked at for every post. */
  static Monitor monitor() throws Exception {
    var presearcher = new TermFilteredPresearcher(TermWeightor.DEFAULT, List.of(new RegexpQueryHandler()), Set.of());
    return new Monitor(new WhitespaceAnalyzer(), presearcher, new MonitorConfiguration());
  }

  static void register(Monitor monitor, List<String> lines) throws Exception {
    List<MonitorQuery> queries = new ArrayList<>();
    for (String line : lines) {
      queries.add(new MonitorQuery(Integer.toString(queries.size()), query(new StringTokenizer(line))));
    }
    monitor.register(queries);
  }

  static long run(Monitor monitor, List<String> posts, int batch) throws Exception {
    long matches = 0;
    for (int from = 0; from < posts.size(); from += batch) {
      List<String> texts = posts.subList(from, Math.min(posts.size(), from + batch));
      Document[] documents = texts.stream().map(Peer::document).toArray(Document[]::new);
      var found = monitor.match(documents, QueryMatch.SIMPLE_MATCHER);
      matches += IntStream.range(0, documents.length).mapToLong(found::getMatchCount).sum();
    }
    return matches;
  }

  static Document document(String text) {
    Document document = new Document();
    document.add(new TextField(TEXT, text, Field.Store.NO));
    return document;
  }

  static Query query(StringTokenizer parts) {
    String sign = parts.nextToken();
    switch (sign) {
      case "word":
        return new TermQuery(term(parts));
      case "phrase":
        return new PhraseQuery(TEXT, words(parts));
      case "prefix":
        return prefix(parts);
      case "near":
        return near(parts);
    }
    int count = Integer.parseInt(parts.nextToken());
    var query = new BooleanQuery.Builder();
    for (int part = 0; part < count; part++) query.add(query(parts), occur(sign));
    if (sign.equals("but")) query.add(query(parts), Occur.MUST);
    return query.build();
  }

  static Occur occur(String sign) {
    return sign.equals("any") ? Occur.SHOULD : sign.equals("all") ? Occur.MUST : Occur.MUST_NOT;
  }

  /** The same with places, for NEAR. */
  static SpanQuery span(StringTokenizer parts) {
    switch (parts.nextToken()) {
      case "word":
        return new SpanTermQuery(term(parts));
      case "phrase":
        SpanQuery[] words = Arrays.stream(words(parts)).map(word -> new SpanTermQuery(new Term(TEXT, word))).toArray(SpanQuery[]::new);
        return new SpanNearQuery(words, 0, true);
      case "prefix":
        return new SpanMultiTermQueryWrapper<>(prefix(parts));
      case "any":
        SpanQuery[] any = new SpanQuery[Integer.parseInt(parts.nextToken())];
        for (int part = 0; part < any.length; part++) any[part] = span(parts);
        return new SpanOrQuery(any);
      default:
        throw new IllegalArgumentException("only terms stand in a NEAR here");
    }
  }

  static SpanQuery near(StringTokenizer parts) {
    int distance = Integer.parseInt(parts.nextToken());
    boolean ordered = Boolean.parseBoolean(parts.nextToken());
    return new SpanNearQuery(new SpanQuery[] {span(parts), span(parts)}, distance, ordered);
  }

  static RegexpQuery prefix(StringTokenizer parts) {
    return new RegexpQuery(new Term(TEXT, parts.nextToken() + ".*"));
  }

  static Term term(StringTokenizer parts) {
    return new Term(TEXT, parts.nextToken());
  }

  static String[] words(StringTokenizer parts) {
    String[] words = new String[Integer.parseInt(parts.nextToken())];
    for (int word = 0; word < words.length; word++) words[word] = parts.nextToken();
    return words;
  }
}
