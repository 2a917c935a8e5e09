/**
 * A page of sections and charts, and the writer that turns it into one self-contained HTML file.
 */
@NullMarked
package org.sysmol.report.page;

import org.jspecify.annotations.NullMarked;
