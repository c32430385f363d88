#include "redis/access_merge.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace streamgauge {
namespace {

AccessCheck Says(const std::string& what, Access access, const std::string& detail = "") {
  AccessCheck check;
  check.what = what;
  check.access = access;
  check.detail = detail;
  return check;
}

// Its rows as "what@at", those that work with a + before them.
std::vector<std::string> RowsOf(const AccessReport& report) {
  std::vector<std::string> rows;
  for (const AccessCheck& check : report.checks) {
    rows.push_back((check.access == Access::kWorks ? "+" : "") + check.what + "@" + check.at);
  }
  return rows;
}

using Rows = std::vector<std::string>;

TEST(AccessMerge, WhatWorksEverywhereNamesNobody) {
  const AccessReport fine{.checks = {Says("TIME", Access::kWorks), Says("SCAN", Access::kWorks)}};
  EXPECT_EQ(RowsOf(MergeAccess({{"a", fine}, {"b", fine}}, "node")), (Rows{"+TIME@", "+SCAN@"}));
}

TEST(AccessMerge, WhatIsMissingNamesThoseWhereItIs) {
  const AccessReport fine{.checks = {Says("TIME", Access::kWorks), Says("SCAN", Access::kWorks)}};
  const AccessReport lacking{
      .checks = {Says("TIME", Access::kRefused, "NOPERM"), Says("SCAN", Access::kWorks)},
      .grants = {{"", "ACL SETUSER m +time"}}};
  const AccessReport some = MergeAccess({{"a", lacking}, {"b", fine}, {"c", lacking}}, "node");
  EXPECT_EQ(RowsOf(some), (Rows{"TIME@a, c", "+SCAN@"}));
  EXPECT_EQ(some.grants, (std::vector<AccessGrant>{{"a, c", "ACL SETUSER m +time"}}));
  const AccessReport all = MergeAccess({{"a", lacking}, {"b", lacking}}, "node");
  EXPECT_EQ(RowsOf(all), (Rows{"TIME@every node", "+SCAN@"}));
  EXPECT_EQ(all.grants, (std::vector<AccessGrant>{{"every node", "ACL SETUSER m +time"}}));
  EXPECT_EQ(RowsOf(MergeAccess({{"a", lacking}}, "node")), (Rows{"TIME@a", "+SCAN@"}))
      << "of one that stands beside others, such as sentinels";
}

TEST(AccessMerge, DifferentAnswersStandTogether) {
  const AccessReport one{
      .checks = {Says("SENTINEL", Access::kWorks, "10.0.0.1"), Says("CLIENT", Access::kWorks)}};
  const AccessReport other{
      .checks = {Says("SENTINEL", Access::kWorks, "10.0.0.2"), Says("CLIENT", Access::kWorks)}};
  EXPECT_EQ(RowsOf(MergeAccess({{"a", one}, {"b", other}}, "sentinel")),
            (Rows{"+SENTINEL@a", "+SENTINEL@b", "+CLIENT@"}));
}

TEST(AccessMerge, WhoCannotBeReachedIsNamed) {
  const AccessReport fine{.checks = {Says("TIME", Access::kWorks)}};
  const AccessReport gone{.checks = {Says("connect", Access::kFailed, "timeout")}};
  EXPECT_EQ(RowsOf(MergeAccess({{"a", fine}, {"b", gone}}, "node")), (Rows{"+TIME@", "connect@b"}));
}

}  // namespace
}  // namespace streamgauge
