package org.sysmol.report;
import java.nio.file.Path;
import org.sysmol.report.page.PageWriter;
final class SampleMain {
  public static void main(String[] a) { PageWriter.write(DemoPage.of(SampleReport.realistic()), Path.of(a[0])); }
}
