#include "http/basic_auth.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <ostream>
#include <string>

namespace streamgauge {
namespace {

// "s3cret", at the least cost.
const std::map<std::string, std::string> kUsers = {
    {"alice", "$2b$04$MMzrALjx32P7hicu4JCn6.xNFoFTe9hN524OFatJ9tYBlti1Dkzm6"}};

struct HeaderCase {
  std::string why;
  std::string authorization;
  bool let_in;
};
void PrintTo(const HeaderCase& row, std::ostream* out) { *out << row.why; }

class BasicAuthHeaderTest : public testing::TestWithParam<HeaderCase> {};

TEST_P(BasicAuthHeaderTest, LetsInWhoHasThePassword) {
  BasicAuth auth;
  EXPECT_EQ(auth.LetsIn(kUsers, GetParam().authorization), GetParam().let_in) << GetParam().why;
  EXPECT_EQ(auth.LetsIn(kUsers, GetParam().authorization), GetParam().let_in) << "and again";
}

INSTANTIATE_TEST_SUITE_P(
    Headers, BasicAuthHeaderTest,
    testing::Values(HeaderCase{"alice:s3cret", "Basic YWxpY2U6czNjcmV0", true},
                    HeaderCase{"the scheme's case does not matter", "bAsIc YWxpY2U6czNjcmV0", true},
                    HeaderCase{"alice:S3cret", "Basic YWxpY2U6UzNjcmV0", false},
                    HeaderCase{"bob:s3cret, whom nobody knows", "Basic Ym9iOnMzY3JldA==", false},
                    HeaderCase{"alice: without a password", "Basic YWxpY2U6", false},
                    HeaderCase{"alice without a colon", "Basic YWxpY2U=", false},
                    HeaderCase{"nobody has the password of the hash for strangers",
                               "Basic Ym9iOm5vYm9keSBoYXMgaXQ=", false},
                    HeaderCase{"alice:s3cret and a null byte", "Basic YWxpY2U6czNjcmV0AA==", false},
                    HeaderCase{"no header", "", false},
                    HeaderCase{"the scheme alone", "Basic ", false},
                    HeaderCase{"another scheme", "Bearer YWxpY2U6czNjcmV0", false},
                    HeaderCase{"not base64", "Basic YWxpY2U6czN*cmV0", false},
                    HeaderCase{"a broken length", "Basic YWxpY2U6czNjcmV", false},
                    HeaderCase{"only padding", "Basic ====", false},
                    HeaderCase{"padding in the middle", "Basic YWxp=2U6czNjcmV0", false},
                    HeaderCase{"endless", "Basic " + std::string(100'000, 'Y'), false}));

TEST(BasicAuthTest, ARemovedUserIsOut) {
  BasicAuth auth;
  ASSERT_TRUE(auth.LetsIn(kUsers, "Basic YWxpY2U6czNjcmV0"));
  EXPECT_FALSE(auth.LetsIn({}, "Basic YWxpY2U6czNjcmV0"));
}

TEST(BasicAuthTest, AChangedPasswordCountsAtOnce) {
  BasicAuth auth;
  ASSERT_TRUE(auth.LetsIn(kUsers, "Basic YWxpY2U6czNjcmV0"));
  const std::map<std::string, std::string> changed = {
      {"alice", "$2b$10$L3Wu6BpqxL/zaLCh/3o1uukuEELd.ib/lC2gL1aLs2x8UbKuIdmam"}};  // hunter2
  EXPECT_FALSE(auth.LetsIn(changed, "Basic YWxpY2U6czNjcmV0"));
  EXPECT_TRUE(auth.LetsIn(changed, "Basic YWxpY2U6aHVudGVyMg=="));
}

}  // namespace
}  // namespace streamgauge
