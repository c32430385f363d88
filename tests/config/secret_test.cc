#include "config/secret.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace streamgauge {
namespace {

TEST(SecretTest, AFileIsReadAgainAtEveryUse) {
  const test::TempDir folder;
  const Secret secret = Secret::FromFile(folder.Write("password", "first\n"));
  EXPECT_EQ(secret.Read().value(), "first");
  folder.Write("password", "second");
  EXPECT_EQ(secret.Read().value(), "second");
}

TEST(SecretTest, OnlyLineEndsAtTheEndAreNoPartOfIt) {
  const test::TempDir folder;
  const Secret secret = Secret::FromFile(folder.Write("password", " a\nb \r\n\n"));
  EXPECT_EQ(secret.Read().value(), " a\nb ");
}

TEST(SecretTest, AnEmptyFileIsAnEmptySecret) {
  const test::TempDir folder;
  const Secret secret = Secret::FromFile(folder.Write("password", ""));
  EXPECT_EQ(secret.Read().value(), "");
  EXPECT_FALSE(secret.empty()) << "there is a file to be read";
}

TEST(SecretTest, AMissingFileIsUnauthorizedWithItsPathAndCause) {
  const auto text = Secret::FromFile("/nonexistent/password").Read();
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().reason, Reason::kUnauthorized);
  EXPECT_EQ(text.error().message,
            "cannot read the secret file /nonexistent/password: No such file or directory");
}

TEST(SecretTest, NoneIsEmpty) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(Secret().Read().value(), "");
  EXPECT_EQ(Secret::FromText("x\n").Read().value(), "x\n") << "a given text is taken as it is";
}

}  // namespace
}  // namespace streamgauge
