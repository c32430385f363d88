#include "model/name.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "model/utf8.h"

namespace streamgauge {
namespace {

TEST(NameTest, AFragmentIsALabel) {
  EXPECT_EQ(Name(NameKind::kStream, "orders").fragment(), R"(stream="orders")");
  EXPECT_EQ(Name(NameKind::kGroup, "billing").fragment(), R"(group="billing")");
  EXPECT_EQ(Name(NameKind::kConsumer, "w-1").fragment(), R"(consumer="w-1")");
}

TEST(NameTest, NamesAreWrittenSoThatPrometheusReadsThem) {
  struct Case {
    std::string_view name;
    std::string_view readable;
    std::string_view label;
    const char* reason;
  };
  const Case cases[] = {
      {"orders:1", "orders:1", "orders:1", "most names"},
      {"", "", "", "Redis allows an empty key"},
      {"a\"b", "a\"b", "a\\\"b", "a quote would end the label"},
      {"a\nb", "a\nb", "a\\nb", "a line feed would end the line"},
      {"a\\b", "a\\b", "a\\\\b", "a backslash would escape what follows"},
      {"größe€😀", "größe€😀", "größe€😀", "two, three and four bytes of UTF-8"},
      {"a\xff", "a\\xff", "a\\\\xff", "no UTF-8 begins with FF"},
      {"\xc3", "\\xc3", "\\\\xc3", "cut off"},
      {"\xc0\xaf", "\\xc0\\xaf", "\\\\xc0\\\\xaf", "overlong"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\\\xed\\\\xa0\\\\x80", "a surrogate"},
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80",
       "above U+10FFFF"},
      {std::string_view("a\0b", 3), "a\\x00b", "a\\\\x00b", "NUL ends the page for some parsers"},
      {"a\\xffb", "a\\x5cxffb", "a\\\\x5cxffb", "not the same as the byte FF"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Readable(c.name), c.readable) << c.reason;
    std::string label;
    AppendEscapedLabelValue(c.name, label);
    EXPECT_EQ(label, c.label) << c.reason;
  }
}

TEST(NameTest, NamesOnTerminalsStayOnOneLine) {
  EXPECT_EQ(OnOneLine("a\nb\t\x1b[31m\x7f"), "a\\x0ab\\x09\\x1b[31m\\x7f");
  EXPECT_EQ(OnOneLine("größe \xff"), "größe \\xff");
  EXPECT_EQ(OnOneLine("a\\x0a"), "a\\x5cx0a") << "not the same as a line feed";
}

TEST(NameTest, WhatIsShownLeadsBackToTheName) {
  for (const std::string_view name :
       {std::string_view("orders"), std::string_view("größe\\"), std::string_view("a\xff\0b", 4),
        std::string_view("a\\xff"), std::string_view("\\x5cxff"), std::string_view("a\n\x1b")}) {
    EXPECT_EQ(FromReadable(Readable(name)), name);
    EXPECT_EQ(FromReadable(OnOneLine(name)), name);
  }
  EXPECT_EQ(FromReadable("a\\xFF\\x0"), "a\\xFF\\x0") << "nothing that is ever shown";
}

TEST(NameTest, DifferentNamesNeverLookTheSame) {
  // Everything of up to five of these pieces.
  const std::string_view pieces[] = {"\\", "x", "f", "5c", "\xff", "\xc3", "\xa4"};
  std::map<std::string, std::string> seen;
  const auto check = [&](const auto& self, const std::string& name, int depth) -> void {
    const auto [known, is_new] = seen.emplace(Readable(name), name);
    EXPECT_TRUE(is_new || known->second == name) << known->second << " and " << name;
    EXPECT_EQ(FromReadable(Readable(name)), name);
    if (depth == 0) return;
    for (const std::string_view piece : pieces) self(self, name + std::string(piece), depth - 1);
  };
  check(check, "", 5);
  EXPECT_GT(seen.size(), 10'000U);
}

TEST(NameTest, WhatIsReadableIsValidUtf8) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string name = {static_cast<char>(first), static_cast<char>(second)};
      const std::string text = Readable(name);
      std::string_view rest = text;
      while (!rest.empty()) {
        const std::size_t length = Utf8SequenceLength(rest);
        ASSERT_GT(length, 0U) << first << ' ' << second;
        rest.remove_prefix(length);
      }
    }
  }
}

TEST(NameTableTest, EqualNamesAreOne) {
  NameTable table(NameKind::kStream);
  const NameRef first = table.Intern("orders");
  EXPECT_EQ(table.Intern(std::string("ord") + "ers"), first);
  EXPECT_NE(table.Intern("other"), first);
}

TEST(NameTableTest, ASweepKeepsWhatIsInUse) {
  NameTable table(NameKind::kStream);
  const NameRef used = table.Intern("used");
  table.Intern("unused");
  table.Sweep();
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.Intern("used"), used);
}

}  // namespace
}  // namespace streamgauge
