package org.sysmol.cli;

import java.util.Iterator;
import org.sysmol.train.zoo.NetworkZoo;

/** The names of built-in networks, as help and completion list them. */
final class NetworkNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return NetworkZoo.names().iterator();
  }
}
