package org.sysmol.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.report.page.BarChart.Colour;
import org.sysmol.report.page.Chart.Axis;
import tools.jackson.databind.json.JsonMapper;

/** The page as a file: alone, safe against any name, whole or not there. */
final class PageWriterTest {
  private static final String HOSTILE = "</script><img src=x onerror=alert(1)><!-- \" ' & \u2028";
  private static final Pattern SCRIPT = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL);
  private static final Pattern DATA =
      Pattern.compile("<script type=\"application/json\" id=\"chart-data\">(.*?)</script>");

  /** A page that uses {@code text} wherever a text can stand. */
  private static Page everywhere(String text) {
    var axis = new Axis(text, text);
    double[] two = {1.5, Double.NaN};
    return new Page(
        text,
        text,
        List.of(
            new Section(
                text,
                List.of(
                    new Block.Paragraph(text),
                    new Block.Notice(Block.Tone.GOOD, text),
                    new Block.Figures(List.of(new Block.Figure(text, text, text))),
                    new Block.Table(
                        text,
                        List.of(Block.Column.text(text), Block.Column.number(text)),
                        List.of(List.of(text, text))),
                    new LineChart(
                        text,
                        text,
                        axis,
                        axis,
                        true,
                        List.of(new LineChart.Span(text, 1, 2)),
                        List.of(new LineChart.Line(text, true, two))),
                    new BarChart(
                        text,
                        text,
                        axis,
                        false,
                        List.of(text, text),
                        List.of(
                            new BarChart.Series(text, new Colour.Palette(0), two, two, two),
                            new BarChart.Series(text, new Colour.Bits(2), two),
                            new BarChart.Series(text, new Colour.Rest(), two))),
                    new HeatMap(text, text, axis, axis, false, List.of(new HeatMap.Row(text, two))),
                    new Drawing(
                        text,
                        text,
                        10,
                        20,
                        List.of(
                            new Drawing.Shape.Frame(0, 0, 1, 1),
                            new Drawing.Shape.Bar(0.5, 1, 1, 1, new Colour.Bits(4), text),
                            new Drawing.Shape.Bar(0, 1, 1, 1, new Colour.Palette(10), ""),
                            new Drawing.Shape.Line(0, 1, 1, 1, Drawing.Stroke.ARROW),
                            new Drawing.Shape.Label(
                                1, 1, text, Drawing.Anchor.MIDDLE, Drawing.Face.ON_DARK)),
                        new Block.Table(
                            text, List.of(Block.Column.text(text)), List.of(List.of(text)))),
                    new PointChart(
                        text,
                        text,
                        axis,
                        axis,
                        List.of(new PointChart.Line(text, 1, 2, 3, 4)),
                        List.of(new PointChart.Point(text, 0.125, 1e6)))))));
  }

  private static String data(String html) {
    var matcher = DATA.matcher(html);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  @Test
  void thePageLoadsNothing() {
    String html = PageRenderer.html(everywhere("plain"));
    assertThat(
            Pattern.compile("(?i)\\b(src|href|srcset|action|poster)\\s*=\\s*[\"']?+(?!#)[^\\s>]")
                .matcher(SCRIPT.matcher(html).replaceAll(""))
                .results())
        .isEmpty();
    assertThat(
            Pattern.compile("(?i)url\\(\\s*[\"']?\\s*(https?:|//|file:|data:)")
                .matcher(html)
                .find())
        .isFalse();
    assertThat(
            Pattern.compile("(?i)@import|<link|<iframe|<object|<embed|<base").matcher(html).find())
        .isFalse();
    assertThat(html).doesNotContain("sourceMappingURL").contains("default-src &#39;none&#39;");
    assertThat(html.length()).isBetween(500_000, 1_500_000);
  }

  @Test
  void thePolicyNamesExactlyTheScriptsOfThePage() throws Exception {
    String html = PageRenderer.html(everywhere(HOSTILE));
    var scripts = SCRIPT.matcher(html).results().map(found -> found.group(1)).toList();
    assertThat(scripts).hasSize(2);
    for (String script : scripts) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes("UTF-8"));
      // The template escapes the policy, an attribute, as it does every text.
      String named = Base64.getEncoder().encodeToString(digest);
      assertThat(html).contains("sha256-" + named);
      assertThat(script).doesNotContain("<!--", "\r");
    }
    assertThat(scripts.getFirst()).contains("echarts");
  }

  @Test
  void hostileTextIsOnlyText() {
    String html = PageRenderer.html(everywhere(HOSTILE));
    String outside = SCRIPT.matcher(html).replaceAll("");
    assertThat(outside).doesNotContain("<img", "<!--").contains("&lt;/script&gt;&lt;img src=x");
    assertThat(Pattern.compile("</script").matcher(html).results()).hasSize(3);
    assertThat(data(html)).doesNotContain("<", ">", "&", "\u2028");
  }

  @Test
  void chartDataComesBackAsItWas() {
    var charts =
        JsonMapper.builder().build().readTree(data(PageRenderer.html(everywhere(HOSTILE))));
    assertThat(charts).hasSize(4);
    assertThat(charts.get(0).get("title").asString()).isEqualTo(HOSTILE);
    assertThat(charts.get(0).get("y").asString()).isEqualTo(HOSTILE + " (" + HOSTILE + ")");
    assertThat(charts.get(1).get("names").get(1).asString()).isEqualTo(HOSTILE);
    assertThat(charts.get(1).get("series").get(0).get("high").get(0).asDouble()).isEqualTo(1.5);
    assertThat(charts.get(2).get("rows").get(0).get("values").get(1).isNull()).isTrue();
    assertThat(charts.get(3).get("lines").get(0).get("to").get(1).asDouble()).isEqualTo(4);
    assertThat(charts.get(3).get("points").get(0).get("name").asString()).isEqualTo(HOSTILE);
    assertThat(charts.get(3).get("points").get(0).get("at").get(0).asDouble()).isEqualTo(0.125);
  }

  @Test
  void whatHasNoLogarithmIsRefused() {
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new PointChart.Point("a layer", 1, bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'a layer'");
      assertThatThrownBy(() -> new PointChart.Line("a roof", 1, 1, bad, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void everyChartHasItsTable() {
    String html = PageRenderer.html(everywhere("name"));
    assertThat(Pattern.compile("<details><summary>The same as a table").matcher(html).results())
        .hasSize(5);
    assertThat(html).contains("name: name (name)", "1 × 1.5").doesNotContain("NaN %");
  }

  @Test
  void emptyPagesAndChartsWork() {
    var axis = new Axis("axis", "");
    var page =
        new Page(
            "t",
            "l",
            List.of(
                new Section("none", List.of()),
                new Section(
                    "some",
                    List.of(
                        new Block.Table("c", List.of(Block.Column.text("a")), List.of()),
                        new LineChart("a", "b", axis, axis, true, List.of(), List.of()),
                        new BarChart("a", "b", axis, true, List.of(), List.of()),
                        new HeatMap("a", "b", axis, axis, true, List.of()),
                        new PointChart("a", "b", axis, axis, List.of(), List.of())))));
    assertThat(JsonMapper.builder().build().readTree(data(PageRenderer.html(page)))).hasSize(4);
    assertThat(PageRenderer.html(new Page("t", "l", List.of())))
        .contains("chart-data\">[]</script>");
  }

  @Test
  void drawingsAreDrawnWithoutScript() {
    String html = PageRenderer.html(everywhere("name"));
    assertThat(html)
        .contains(
            "<rect x=\"0.5\" y=\"1\" width=\"1\" height=\"1\" class=\"bits-4\"><title>name</title>")
        .contains("class=\"series-2\"></rect>", "class=\"frame\"></rect>")
        .contains("class=\"middle on-dark\">name</text>", "viewBox=\"0 0 10 20\"");
    var head = Pattern.compile("marker-end=\"url\\(#([^)]*)\\)\"").matcher(html);
    assertThat(head.find()).isTrue();
    assertThat(html).contains("<marker id=\"" + head.group(1) + "\"");
    assertThatThrownBy(
            () ->
                new Drawing(
                    "flat",
                    "",
                    1,
                    0,
                    List.of(),
                    new Block.Table("", List.of(Block.Column.text("")), List.of())))
        .hasMessage("Drawing 'flat' is 1.0 wide and 0.0 high.");
  }

  @Test
  void theSamePageGivesTheSameBytes() {
    assertThat(PageRenderer.html(everywhere("a"))).isEqualTo(PageRenderer.html(everywhere("a")));
  }

  @Test
  void aPageReplacesTheOldOne(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("report.html");
    Files.writeString(file, "old");
    PageWriter.write(everywhere("ünïcode ✓"), file);
    assertThat(Files.readString(file)).startsWith("<!DOCTYPE html>").contains("ünïcode ✓");
    assertThat(names(folder)).containsExactly("report.html");
  }

  @Test
  void unwritablePlacesAreOneSentenceAndLeaveNothing(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("missing").resolve("report.html");
    refused(missing)
        .hasMessage(
            "The report '%s' can't be written because its folder does not exist: make the folder or choose another."
                .formatted(missing));
    Path taken = Files.createDirectory(folder.resolve("taken"));
    refused(taken).hasMessageContaining("a folder of that name is there");
    // A name that the file system can't hold: fails for every user, also for root.
    refused(folder.resolve("n".repeat(250)))
        .hasMessageContaining("check the folder's permissions and the free space");
    assertThat(names(folder)).containsExactly("taken");
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(
      Path file) {
    return assertThatThrownBy(() -> PageWriter.write(new Page("t", "l", List.of()), file))
        .isInstanceOfSatisfying(
            SysmolException.class,
            e -> assertThat(e.kind()).isEqualTo(SysmolException.Kind.FAILED));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
