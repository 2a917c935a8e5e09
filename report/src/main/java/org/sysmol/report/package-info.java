/** What a run found out, as plain records, and the page that tells it. */
@NullMarked
package org.sysmol.report;

import org.jspecify.annotations.NullMarked;
