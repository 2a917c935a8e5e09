package org.sysmol.data;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;

/**
 * Folders of pictures: one folder per class, with or without {@code train} and {@code test} (or
 * {@code val}) above them, or pictures without classes.
 *
 * <p>Classes are the folders' names, sorted as strings; pictures are sorted within their class.
 * Hidden files and folders are passed over, and so are files that don't end in jpg, jpeg, png or
 * bmp. Where nothing separates training from test pictures, every fifth picture of a class is a
 * test picture.
 */
final class PictureFolder {
  private static final List<String> TEST_NAMES = List.of("test", "val", "validation");
  private static final int TEST_EVERY = 5;

  private PictureFolder() {}

  /** Whether the file's name is that of a picture. */
  static boolean isPicture(Path file) {
    String name = DataSource.fileName(file).toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && name.matches(".*\\.(jpe?g|png|bmp)");
  }

  /** Whether the folder holds pictures in one of these layouts. */
  static boolean fits(Path folder) {
    return !pictures(folder).isEmpty()
        || folders(folder).stream()
            .anyMatch(
                inner ->
                    !pictures(inner).isEmpty()
                        || (isPart(inner)
                            && folders(inner).stream().anyMatch(it -> !pictures(it).isEmpty())));
  }

  /** One picture, without a label. */
  static ImageSet openFile(Path file, Preprocessing preprocessing, List<String> classNames) {
    return unlabelled(file.toString(), List.of(file), preprocessing, classNames);
  }

  /**
   * Lists one part, or both. Pictures are decoded later, when they are asked for.
   *
   * @param classNames a network's classes, which the folders must be named for; empty: the classes
   *     are what the folders say
   */
  static ImageSet open(
      Path folder, Split split, Preprocessing preprocessing, List<String> classNames) {
    Path train = folder.resolve("train");
    if (!Files.isDirectory(train)) {
      return openUndivided(folder, split, preprocessing, classNames);
    }
    List<String> names = classNames.isEmpty() ? namesOf(folders(train)) : classNames;
    return switch (split) {
      case TRAIN -> labelled(train, names, Split.ALL, preprocessing);
      case TEST -> labelled(testFolder(folder), names, Split.ALL, preprocessing);
      case ALL ->
          new Joined(
              labelled(train, names, Split.ALL, preprocessing),
              labelled(testFolder(folder), names, Split.ALL, preprocessing));
    };
  }

  private static ImageSet openUndivided(
      Path folder, Split split, Preprocessing preprocessing, List<String> classNames) {
    List<Path> classFolders = folders(folder);
    List<Path> loose = pictures(folder);
    if (loose.isEmpty()) {
      List<String> names = classNames.isEmpty() ? namesOf(classFolders) : classNames;
      return labelled(folder, names, split, preprocessing);
    }
    if (split == Split.TRAIN) {
      throw SysmolException.badInput(
          "The folder "
              + folder
              + " holds pictures without classes ("
              + DataSource.fileName(loose.getFirst())
              + " is one): to learn from pictures, put those of each class into a folder of its"
              + " own, named for the class.");
    }
    return unlabelled(folder.toString(), loose, preprocessing, classNames);
  }

  private static ImageSet labelled(
      Path folder, List<String> classNames, Split split, Preprocessing preprocessing) {
    List<PictureSet.Entry> entries = new ArrayList<>();
    for (Path classFolder : folders(folder)) {
      int label = classNames.indexOf(DataSource.fileName(classFolder));
      if (label < 0) {
        throw SysmolException.badInput(
            "The folder "
                + classFolder
                + " is named for none of the classes, which are "
                + String.join(", ", classNames)
                + ": rename or remove it.");
      }
      List<Path> files = pictures(classFolder);
      if (files.isEmpty()) {
        throw SysmolException.badInput(
            "The folder "
                + classFolder
                + " holds no JPEG, PNG or BMP pictures: add some or remove it.");
      }
      for (int i = 0; i < files.size(); i++) {
        boolean test = i % TEST_EVERY == TEST_EVERY - 1;
        if (split == Split.ALL || test == (split == Split.TEST)) {
          entries.add(new PictureSet.Entry(files.get(i), label));
        }
      }
    }
    if (entries.isEmpty()) {
      throw SysmolException.badInput(
          "The folder "
              + folder
              + (split == Split.TEST
                  ? " has fewer than 5 pictures in every class, so none is left for the test: add"
                      + " pictures, or a folder test beside a folder train; where the command has"
                      + " --split, --split all takes all of them."
                  : " holds no folders of pictures: add one for each class."));
    }
    String name =
        switch (split) {
          case ALL -> folder.toString();
          case TRAIN -> folder + " without every fifth picture of a class";
          case TEST -> "every fifth picture of a class of " + folder;
        };
    return new PictureSet(name, entries, classNames, preprocessing);
  }

  private static ImageSet unlabelled(
      String name, List<Path> files, Preprocessing preprocessing, List<String> classNames) {
    List<PictureSet.Entry> entries =
        files.stream().map(file -> new PictureSet.Entry(file, ImageSet.UNLABELLED)).toList();
    return new PictureSet(name, entries, classNames, preprocessing);
  }

  private static Path testFolder(Path folder) {
    for (String name : TEST_NAMES) {
      Path test = folder.resolve(name);
      if (Files.isDirectory(test)) {
        return test;
      }
    }
    throw SysmolException.badInput(
        "The folder "
            + folder
            + " has a folder train, but none called test, val or validation: add one, or give the"
            + " folder train itself, of which every fifth picture is then a test picture.");
  }

  private static boolean isPart(Path folder) {
    String name = DataSource.fileName(folder);
    return name.equals("train") || TEST_NAMES.contains(name);
  }

  private static List<String> namesOf(List<Path> folders) {
    return folders.stream().map(DataSource::fileName).toList();
  }

  private static List<Path> folders(Path folder) {
    return list(folder).stream().filter(Files::isDirectory).toList();
  }

  private static List<Path> pictures(Path folder) {
    return list(folder).stream().filter(it -> isPicture(it) && Files.isRegularFile(it)).toList();
  }

  private static List<Path> list(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      for (Path path : stream) {
        if (!DataSource.fileName(path).startsWith(".")) {
          found.add(path);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw SysmolException.badInput(
          "The folder " + folder + " could not be listed: check that it may be read.", e);
    }
    found.sort(Comparator.comparing(DataSource::fileName));
    return found;
  }
}
