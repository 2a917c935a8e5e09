package org.sysmol.report;

/**
 * How small the network became: three figures of bits that must not be confused, and bytes.
 *
 * @param bitsAll bits per weight over all weights, edge layers included
 * @param bitsSearched bits per weight over the searched layers
 * @param bitsSearchedByMacs bits per multiply-accumulate over the searched layers
 * @param budget the bits per weight asked for, over all weights; NaN without a budget
 * @param bytesFp32 4 bytes for each parameter that remains after folding
 * @param bytesFile size of the {@code .smol} file, with all its tables
 */
public record Size(
    double bitsAll,
    double bitsSearched,
    double bitsSearchedByMacs,
    double budget,
    long bytesFp32,
    long bytesFile) {

  /** How many times smaller the file is. */
  public double ratio() {
    return (double) bytesFp32 / bytesFile;
  }
}
