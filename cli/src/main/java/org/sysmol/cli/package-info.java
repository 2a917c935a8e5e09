/** The commands: what a person types, and what they get to see. */
@NullMarked
package org.sysmol.cli;

import org.jspecify.annotations.NullMarked;
