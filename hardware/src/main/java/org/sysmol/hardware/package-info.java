/** What a slightly enhanced CPU gains: instruction set, programs, simulation, RTL and silicon. */
@NullMarked
package org.sysmol.hardware;

import org.jspecify.annotations.NullMarked;
