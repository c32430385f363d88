#include "preflight/wrapped_text.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

TEST(WrappedText, IsBrokenAtSpacesAndIndentedAsWideAsItsHead) {
  EXPECT_EQ(WrappedText("  a: ", "one two three", 13), "  a: one two\n     three\n");
  EXPECT_EQ(WrappedText("", "", 20), "\n");
  EXPECT_EQ(WrappedText("a ", "short", 20), "a short\n");
  EXPECT_EQ(WrappedText("", "longer-than-a-line x", 5), "longer-than-a-line\nx\n");
}

TEST(WrappedText, CommandsGoOnAfterABackslash) {
  EXPECT_EQ(WrappedCommand("$ ", "do this and that", 12), "$ do this \\\n  and that\n")
      << "the backslash is within the columns";
  EXPECT_EQ(WrappedCommand("", "acls --add --topic a --group b", 18),
            "acls --add \\\n--topic a \\\n--group b\n")
      << "an option stays with its argument";
}

TEST(WrappedText, HoldsNoControlCharacters) {
  EXPECT_EQ(WrappedText("", "a\x1b[31mb\nc\x7f", 20), "a [31mb c\n");
}

}  // namespace
}  // namespace streamgauge
