"""Collects what was checked; prints failures and a closing line, and writes an XML report."""

import sys
import xml.sax.saxutils as xml


class Results:
    def __init__(self, name="alerts"):
        self.name = name
        self.cases = []  # (suite, name, what is wrong or None)

    def add(self, suite, name, wrong=None):
        """One check. `wrong` is what to tell when it failed, empty or None when it passed."""
        self.cases.append((suite, name, wrong or None))
        if wrong:
            print(f"FAILED {suite}: {name}\n    " + str(wrong).strip().replace("\n", "\n    "))
            sys.stdout.flush()

    @property
    def failed(self):
        return sum(1 for case in self.cases if case[2])

    def close(self):
        print(f"{len(self.cases) - self.failed} passed, {self.failed} failed")
        return 1 if self.failed or not self.cases else 0

    def write_xml(self, path):
        """In the format of GoogleTest's, so that all tests are counted alike."""
        path.parent.mkdir(parents=True, exist_ok=True)
        head = f'tests="{len(self.cases)}" failures="{self.failed}" disabled="0" errors="0"'
        with path.open("w", encoding="utf-8") as out:
            out.write(
                f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {head} name="{self.name}">\n'
            )
            out.write(f'<testsuite name="{self.name}" {head}>\n')
            for suite, name, wrong in self.cases:
                suite = xml.quoteattr(f"{self.name}.{suite}")
                label = f"name={xml.quoteattr(name)} classname={suite}"
                if wrong:
                    failure = f"<failure message={xml.quoteattr(str(wrong))}/>"
                    out.write(
                        f'<testcase {label} status="run" result="completed">{failure}</testcase>\n'
                    )
                else:
                    out.write(f'<testcase {label} status="run" result="completed"/>\n')
            out.write("</testsuite>\n</testsuites>\n")
