package org.sysmol.report.page;

import java.util.List;

/**
 * One HTML page before it is HTML.
 *
 * @param title the heading of the page
 * @param lead one or two sentences under the heading
 * @param sections in reading order
 */
public record Page(String title, String lead, List<Section> sections) {
  /** Copies the list. */
  public Page {
    sections = List.copyOf(sections);
  }

  /** All charts in reading order. */
  public List<Chart> charts() {
    return sections.stream()
        .flatMap(section -> section.blocks().stream())
        .filter(Chart.class::isInstance)
        .map(Chart.class::cast)
        .toList();
  }
}
