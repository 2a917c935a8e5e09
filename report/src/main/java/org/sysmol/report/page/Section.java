package org.sysmol.report.page;

import java.util.List;

/**
 * A titled part of a page, listed in the page's contents.
 *
 * @param title the heading
 * @param blocks in reading order
 */
public record Section(String title, List<Block> blocks) {
  /** Copies the list. */
  public Section {
    blocks = List.copyOf(blocks);
  }
}
