package org.sysmol.report.page;

import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * A page as HTML with everything inside it: style, chart library, chart code, data.
 *
 * <p>The page forbids itself (by a content security policy) to load anything and to run any script
 * but the two it was written with, which it names by their digests.
 */
public final class PageRenderer {
  private static final String FOLDER = "org/sysmol/report/page/";

  private PageRenderer() {}

  /** The whole page as HTML text. */
  public static String html(Page page) {
    String library = chartLibrary();
    String code = resource(FOLDER + "charts.js");
    var model =
        Map.<String, Object>of(
            "page", page,
            "sections", sections(page),
            "style", resource(FOLDER + "page.css"),
            "policy",
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src %s %s"
                    .formatted(digest(library), digest(code)),
            "library", library,
            "code", code,
            "charts", ChartData.json(page.charts()));
    var loader = new ClasspathLoader(PageRenderer.class.getClassLoader());
    loader.setPrefix(FOLDER);
    loader.setSuffix(".html");
    var engine =
        new PebbleEngine.Builder()
            .loader(loader)
            .strictVariables(true)
            .defaultLocale(Locale.ROOT)
            .cacheActive(false)
            .build();
    var out = new StringWriter();
    try {
      engine.getTemplate("page").evaluate(out, model);
    } catch (IOException e) {
      throw new UncheckedIOException("A page is rendered in memory, where writing can't fail.", e);
    }
    return out.toString();
  }

  private static List<Map<String, Object>> sections(Page page) {
    var sections = new ArrayList<Map<String, Object>>();
    int chart = 0;
    for (Section section : page.sections()) {
      var blocks = new ArrayList<Map<String, Object>>();
      for (Block block : section.blocks()) {
        blocks.add(view(block, chart));
        chart += block instanceof Chart ? 1 : 0;
      }
      sections.add(
          Map.of(
              "id", "part-" + (sections.size() + 1), "title", section.title(), "blocks", blocks));
    }
    return sections;
  }

  /** What the template needs to know of a block: its kind, and its parts. */
  private static Map<String, Object> view(Block block, int chart) {
    return switch (block) {
      case Block.Paragraph(String text) -> Map.of("kind", "paragraph", "text", text);
      case Block.Notice(Block.Tone tone, String text) ->
          Map.of("kind", "notice", "tone", tone.name().toLowerCase(Locale.ROOT), "text", text);
      case Block.Figures(var figures) -> Map.of("kind", "figures", "figures", figures);
      case Block.Table table -> Map.of("kind", "table", "table", table);
      case Drawing drawing -> DrawingView.of(drawing);
      case Chart one -> Map.of("kind", "chart", "chart", one, "table", one.table(), "index", chart);
    };
  }

  /** The minified chart library out of its WebJar, whichever version that is. */
  private static String chartLibrary() {
    var properties = new Properties();
    try (InputStream in = open("META-INF/maven/org.webjars.npm/echarts/pom.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return resource(
        "META-INF/resources/webjars/echarts/%s/dist/echarts.min.js"
            .formatted(properties.getProperty("version")));
  }

  private static InputStream open(String name) {
    InputStream in = PageRenderer.class.getClassLoader().getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("The class path lacks '" + name + "': rebuild sysmol.");
    }
    return in;
  }

  /** A text resource with the line ends that an HTML parser would leave, so that digests hold. */
  private static String resource(String name) {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
